// The gallery room: the sheet or the favourites, and beside them (on a narrow screen above) what
// can be done with them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"
#include "src/studio/state/gallery_host.h"
#include "src/studio/state/host.h"

namespace florilegium {
namespace {

constexpr float widest_cell = 192;

// What is drawn at one place of the grid.
struct Tile {
  const Picture* picture = nullptr;  // null: nothing there yet
  int version = 0;
  Recipe recipe;
  bool done = false, growing = false;
  float progress = 0;
};

Tile cell_tile(const Gallery& gallery, int i) {
  const Cell& cell = gallery.cells[static_cast<std::size_t>(i)];
  const bool growing = !cell.done && i == gallery.growing && gallery.state != SheetState::finished;
  return {cell.thumbnail.rgba.empty() ? nullptr : &cell.thumbnail,
          cell.version,
          recipe_of(gallery, i),
          cell.done,
          growing,
          static_cast<float>(cell.step) / static_cast<float>(gallery.recipe.settings.steps)};
}

Tile favourite_tile(const Gallery& gallery, int i) {
  const Favourite& one = gallery.favourites[static_cast<std::size_t>(i)];
  return {.picture = &one.thumbnail, .version = one.version, .recipe = one.recipe, .done = true};
}

// Before the first sheet its outlines are on view, with the seeds it will have.
bool only_outlines(const Gallery& gallery) { return !gallery.favourites_on_view && gallery.cells.empty(); }
int tile_count(const Gallery& gallery) {
  if (gallery.favourites_on_view) return static_cast<int>(gallery.favourites.size());
  return gallery.cells.empty() ? gallery.count : static_cast<int>(gallery.cells.size());
}
Tile tile(const Gallery& gallery, int i) {
  if (only_outlines(gallery))
    return {.recipe = {.settings = {.seed = gallery.first_seed + static_cast<std::uint64_t>(i)}, .model = {}}};
  return gallery.favourites_on_view ? favourite_tile(gallery, i) : cell_tile(gallery, i);
}

struct Grid {
  int columns = 1;
  float side = 0, gap = 8;
};

/// The columns with which `count` square cells come out largest in this room; full rows are worth a
/// little of their size.
Grid fitting_grid(int count, float width, float height, float gap) {
  Grid best{.columns = 1, .side = 0, .gap = gap};
  float best_worth = 0;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const float side = std::min((width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns),
                                (height - gap * static_cast<float>(rows - 1)) / static_cast<float>(rows));
    const float worth = side * (count % columns == 0 ? 1.15f : 1.0f);
    if (worth <= best_worth) continue;
    best_worth = worth;
    best = {columns, side, gap};
  }
  best.side = std::floor(std::min(best.side, widest_cell));
  return best;
}

void draw_star(ImDrawList& list, ImVec2 centre, float radius, ImU32 colour, bool filled) {
  for (int i = 0; i < 10; ++i) {
    const float angle = -1.5708f + static_cast<float>(i) * 0.62832f, r = i % 2 == 0 ? radius : radius * 0.45f;
    list.PathLineTo({centre.x + r * std::cos(angle), centre.y + r * std::sin(angle)});
  }
  if (filled) list.PathFillConcave(colour);
  else list.PathStroke(colour, ImDrawFlags_Closed, 1.4f);
}

// One cell with its star. A click opens the plate.
void draw_tile(Studio& studio, GalleryAtlas& atlas, int i, ImVec2 min, float side, bool fingers) {
  const Palette& p = palette();
  Gallery& gallery = studio.gallery;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Tile one = tile(gallery, i);
  const ImVec2 max(min.x + side, min.y + side);
  ImGui::PushID(i);
  const float star_room = fingers ? std::min(34.0f, side * 0.5f) : std::min(30.0f, side * 0.45f),
              radius = std::clamp(side * 0.09f, 6.5f, 10.0f);
  const bool starred = one.done && is_favourite(gallery, one.recipe);
  bool star_hovered = false;
  if (one.done) {  // before the button below it: the first one takes the pointer
    ImGui::SetCursorScreenPos({max.x - star_room, min.y});
    const bool pressed = ImGui::InvisibleButton("star", {star_room, star_room});
    if (listed_pick("Favourite: " + plate_name(one.recipe), starred) || pressed) {
      toggle_favourite(studio, one.recipe, Picture(*one.picture));
      ImGui::PopID();
      return;  // what is drawn here has changed
    }
    star_hovered = ImGui::IsItemHovered();
    if (star_hovered) ImGui::SetItemTooltip("%s", starred ? "No favourite any more (F)" : "Make it a favourite (F)");
  }
  ImGui::SetCursorScreenPos(min);
  bool pressed = ImGui::InvisibleButton("open", {side, side});
  if (one.done) pressed |= listed_press("Open " + plate_name(one.recipe));
  const bool hovered = ImGui::IsItemHovered() && !fingers, visible = ImGui::IsItemVisible();
  ImGui::PopID();
  if (pressed && one.done) return open_plate(studio, one.recipe);
  if (!visible) return;

  const std::string seed = std::to_string(one.recipe.settings.seed);
  if (one.picture) {
    const GalleryAtlas::Place place = atlas.show(i % GalleryAtlas::cells, one.version, *one.picture);
    list.AddImage(atlas.id(), min, max, place.min, place.max,
                  one.done || one.growing ? IM_COL32_WHITE : IM_COL32(255, 255, 255, 110));
  } else {
    const UseFace face(Face::italic, std::clamp(side * 0.2f, 13.0f, 20.0f));
    if (ImGui::CalcTextSize(seed.c_str()).x < side - 4)
      draw_text(list, {(min.x + max.x) / 2, (min.y + max.y - ImGui::GetFontSize()) / 2}, 0.5f, p.faint_ink, seed);
  }
  if (one.growing && one.picture) {
    list.AddRectFilled({min.x, max.y - 4}, max, faded(p.card, 0.85f));
    list.AddRectFilled({min.x, max.y - 4}, {min.x + side * one.progress, max.y}, p.leaf);
  }
  const bool under_hand = one.done && (hovered || star_hovered), chosen = gallery.chosen == i;
  const ImU32 other_frame = under_hand || one.growing ? p.leaf : faded(p.rule, 0.9f);
  list.AddRect({min.x - 1, min.y - 1}, {max.x + 1, max.y + 1}, chosen ? p.madder : other_frame, 1, 0,
               chosen || under_hand || one.growing ? 2.0f : 1.0f);
  if (one.done && (starred || under_hand || chosen || fingers)) {
    const ImVec2 centre(max.x - radius - 6, min.y + radius + 6);
    const float unstarred = fingers ? 0.55f : 0.8f;
    list.AddCircleFilled(centre, radius + 3.5f, faded(p.card, starred || star_hovered ? 0.92f : unstarred));
    draw_star(list, {centre.x, centre.y + 0.5f}, radius, starred || star_hovered ? p.madder : p.soft_ink, starred);
  }
  if (hovered && one.done) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    ImGui::SetTooltip("%s: open it in the Grow room", plate_name(one.recipe).c_str());
  }
}

void draw_tiles(Studio& studio, Screen& screen, ImVec2 min, const Grid& grid, bool fingers) {
  studio.gallery.columns = grid.columns;
  GalleryAtlas& atlas = studio.gallery.favourites_on_view ? screen.favourites : screen.contact_sheet;
  for (int i = 0; i < tile_count(studio.gallery); ++i) {
    const float each = grid.side + grid.gap;
    draw_tile(
        studio, atlas, i,
        {min.x + static_cast<float>(i % grid.columns) * each, min.y + static_cast<float>(i / grid.columns) * each},
        grid.side, fingers);
  }
}

std::string caption(const Gallery& gallery) {
  if (gallery.favourites_on_view) return "Favourites";
  const std::uint64_t first = gallery.cells.empty() ? gallery.first_seed : gallery.recipe.settings.seed;
  return "Plates " + std::to_string(first) + " to " +
         std::to_string(first + static_cast<std::uint64_t>(tile_count(gallery)) - 1);
}

std::string tally(const Gallery& gallery) {
  if (gallery.favourites_on_view)
    return std::to_string(gallery.favourites.size()) + (gallery.favourites.size() == 1 ? " plate" : " plates");
  if (gallery.cells.empty()) return std::to_string(gallery.count) + " plates";
  const int done = cells_done(gallery);
  return done == static_cast<int>(gallery.cells.size())
             ? "full"
             : std::to_string(done) + " of " + std::to_string(gallery.cells.size());
}

const char* no_favourites = "The star at the corner of a plate makes it a favourite. Favourites stay in this browser.";

// The sheet as a sheet of paper that fills the area.
void paper_sheet(Studio& studio, Screen& screen, Area area) {
  const Palette& p = palette();
  const Gallery& gallery = studio.gallery;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float pad = 26, margin = 24, foot = 44;
  const int count = tile_count(gallery);
  const Grid grid = fitting_grid(count, area.width - 2 * (pad + margin), area.height - 2 * pad - margin - foot,
                                 count > 40 ? 8.0f : 14.0f);
  const int rows = std::max(1, (count + grid.columns - 1) / grid.columns);
  const float width = grid.side * static_cast<float>(grid.columns) + grid.gap * static_cast<float>(grid.columns - 1),
              height = grid.side * static_cast<float>(rows) + grid.gap * static_cast<float>(rows - 1);
  const ImVec2 min(std::floor(area.x + (area.width - width) / 2),
                   std::floor(area.y + (area.height - height + margin - foot) / 2));
  draw_paper(list, {min.x - margin, min.y - margin}, {min.x + width + margin, min.y + height + foot});
  draw_tiles(studio, screen, min, grid, false);
  const UseFace face(Face::italic, 20);
  const float y = min.y + height + foot / 2 - 10;
  list_text(caption(gallery) + ", " + tally(gallery));
  draw_text(list, {min.x, y}, 0, p.soft_ink, caption(gallery));
  if (width > 330) draw_text(list, {min.x + width, y}, 1, p.soft_ink, tally(gallery));
}

void empty_favourites(Area area) {
  const float middle = area.x + area.width / 2, y = area.y + area.height / 2;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_sprig(list, {middle, y - 24}, 120, faded(palette().leaf, 0.75f));
  const UseFace face(Face::italic, area.width > 600 ? 22.0f : 19.0f);
  const std::string text = no_favourites;
  list_text(text);
  const std::size_t half = text.find(". ") + 1;
  draw_text(list, {middle, y}, 0.5f, palette().soft_ink, text.substr(0, half));
  draw_text(list, {middle, y + 30}, 0.5f, palette().soft_ink, text.substr(half + 1));
}

const char* main_label(const Studio& studio) {
  const Gallery& gallery = studio.gallery;
  const bool other_model = gallery.recipe.model != studio.model.file;
  switch (gallery.state) {
    case SheetState::empty: return "Fill the sheet";
    case SheetState::waiting: return "Do not wait";
    case SheetState::growing: return "Pause";
    case SheetState::finished:
      return gallery.first_seed == gallery.recipe.settings.seed ? "The next plates" : "Fill the sheet";
    case SheetState::paused:
    case SheetState::interrupted:
    case SheetState::failed: return other_model ? "Fill a new sheet" : "Fill on";
  }
  return "";
}

std::string duration(double seconds) {
  if (seconds < 90) return std::to_string(static_cast<int>(std::ceil(seconds))) + " s";
  return std::to_string(static_cast<int>(std::ceil(seconds / 60))) + " min";
}

std::string progress_line(const Studio& studio) {
  const Gallery& gallery = studio.gallery;
  if (studio.model.image_size == 0) return studio.loading.active ? "The model is on its way." : "No model is open.";
  if (gallery.state == SheetState::empty) return "Many seeds side by side, each grown step by step.";
  std::string line = std::to_string(cells_done(gallery)) + " of " + std::to_string(gallery.cells.size()) + " plates";
  const double left = sheet_seconds_left(gallery);
  switch (gallery.state) {
    case SheetState::growing: return left > 0 ? line + ", about " + duration(left) + " left" : line;
    case SheetState::waiting: return line + "; waits until your plate in the Grow room has ended";
    case SheetState::paused: return line + ", paused";
    case SheetState::interrupted: return line + ", interrupted";
    case SheetState::failed: return line + ", stopped by a failure";
    default: return line;
  }
}

void draw_progress(const Gallery& gallery, float width) {
  const Palette& p = palette();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float done =
      gallery.cells.empty() ? 0 : static_cast<float>(cells_done(gallery)) / static_cast<float>(gallery.cells.size());
  list.AddRectFilled(at, {at.x + width, at.y + 4}, p.rule, 2);
  if (done > 0) list.AddRectFilled(at, {at.x + std::max(4.0f, width * done), at.y + 4}, p.leaf, 2);
  ImGui::Dummy({width, 4});
}

void pages(Gallery& gallery, float width) {
  const std::string favourites =
      "Favourites" + (gallery.favourites.empty() ? "" : " (" + std::to_string(gallery.favourites.size()) + ")");
  const std::array<const char*, 2> names = {"Sheet", favourites.c_str()};
  int page = gallery.favourites_on_view ? 1 : 0;
  if (choice("page", names, page, width)) {
    gallery.favourites_on_view = page == 1;
    gallery.chosen = -1;
  }
}

void main_button(Studio& studio, float width) {
  if (button(main_label(studio), width, ButtonKind::primary, studio.model.image_size > 0)) toggle_sheet(studio);
  draw_progress(studio.gallery, width);
  remark(progress_line(studio));
}

void seed_field(Gallery& gallery, float width) {
  char text[24];
  std::snprintf(text, sizeof text, "%llu", static_cast<unsigned long long>(gallery.first_seed));
  ImGui::SetNextItemWidth(width);
  if (ImGui::InputText("##first", text, sizeof text,
                       ImGuiInputTextFlags_CharsDecimal | ImGuiInputTextFlags_AutoSelectAll))
    gallery.first_seed = std::strtoull(text, nullptr, 10);
  if (const auto given = listed_field("First seed", text))
    gallery.first_seed = std::strtoull(given->c_str(), nullptr, 10);
}

void count_choice(Gallery& gallery, float width) {
  static constexpr std::array<const char*, 4> names = {"16", "36", "64", "100"};
  const auto at = std::find(sheet_counts.begin(), sheet_counts.end(), gallery.count);
  int chosen = at == sheet_counts.end() ? -1 : static_cast<int>(at - sheet_counts.begin());
  if (choice("count", names, chosen, width)) gallery.count = sheet_counts[static_cast<std::size_t>(chosen)];
}

void steps_field(Studio& studio, float width) {
  ImGui::SetNextItemWidth(width);
  int steps = studio.settings.steps;
  if (ImGui::InputInt("##steps", &steps, 0, 0, ImGuiInputTextFlags_AutoSelectAll))
    studio.settings.steps = std::clamp(steps, 1, most_steps);
  if (const auto given = listed_field("Steps", std::to_string(studio.settings.steps))) {
    set_steps(studio, std::atoi(given->c_str()));
    host::remember(studio.settings);
  }
  if (ImGui::IsItemDeactivatedAfterEdit()) host::remember(studio.settings);
}

bool has_begun(const Gallery& gallery) {
  return gallery.state != SheetState::empty && gallery.state != SheetState::finished;
}

void sheet_buttons(Studio& studio, float width) {
  if (has_begun(studio.gallery) && button("Begin a new sheet", width)) start_sheet(studio);
  if (button("Save the sheet as PNG", width, ButtonKind::quiet, cells_done(studio.gallery) > 0)) save_sheet(studio);
  if (button("Open a saved plate", width)) host::choose_file();
}

void side_controls(Studio& studio, float width) {
  Gallery& gallery = studio.gallery;
  pages(gallery, width);
  space(14);
  if (gallery.favourites_on_view) {
    remark("A click grows a plate anew in the Grow room, with the settings and the model that it had. " +
           std::string(no_favourites));
    space(14);
    if (button("Open a saved plate", width)) host::choose_file();
  } else {
    main_button(studio, width);
    space(14);
    heading("FIRST SEED");
    const float die = 104;
    seed_field(gallery, width - die - 8);
    ImGui::SameLine();
    if (button("New seed", die)) gallery.first_seed = host::chance();
    space(14);
    heading("PLATES");
    count_choice(gallery, width);
    space(14);
    heading("STEPS");
    steps_field(studio, width);
    remark("Sampler and schedule as in the Grow room: " + studio.settings.sampler + ", " + studio.settings.schedule +
           ".");
    space(14);
    sheet_buttons(studio, width);
  }
  space(14);
  heading("KEYS");
  remark("Arrows choose a plate, Enter opens it, F makes it a favourite; space pauses, S saves the sheet");
}

void narrow_controls(Studio& studio, float width) {
  Gallery& gallery = studio.gallery;
  pages(gallery, width);
  if (gallery.favourites_on_view) return;
  main_button(studio, width);
  const float seed = width * 0.3f, steps = 66;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  {
    const UseFace face(Face::text, 16);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_text(list, {at.x, at.y}, 0, palette().soft_ink, "First seed");
    draw_text(list, {at.x + seed + 8, at.y}, 0, palette().soft_ink, "Plates");
    draw_text(list, {at.x + width - steps, at.y}, 0, palette().soft_ink, "Steps");
  }
  const float y = at.y + 20;
  ImGui::SetCursorScreenPos({at.x, y});
  seed_field(gallery, seed);
  ImGui::SetCursorScreenPos({at.x + seed + 8, y});
  count_choice(gallery, width - seed - steps - 16);
  ImGui::SetCursorScreenPos({at.x + width - steps, y});
  steps_field(studio, steps);
  space(6);
}

void take_keys(Studio& studio) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
  Gallery& gallery = studio.gallery;
  const int count = only_outlines(gallery) ? 0 : tile_count(gallery);
  const auto move = [&](ImGuiKey key, int by) {
    if (count == 0 || !ImGui::IsKeyPressed(key)) return;
    const int to = gallery.chosen < 0 ? 0 : gallery.chosen + by;
    if (to < 0 || to >= count) return;
    gallery.chosen = to;
    const Tile one = tile(gallery, to);
    host::announce("Plate " + std::to_string(one.recipe.settings.seed) +
                   (one.done ? (is_favourite(gallery, one.recipe) ? ", a favourite." : ".") : ", not grown yet."));
  };
  move(ImGuiKey_RightArrow, 1);
  move(ImGuiKey_LeftArrow, -1);
  move(ImGuiKey_DownArrow, gallery.columns);
  move(ImGuiKey_UpArrow, -gallery.columns);
  if (gallery.chosen >= count) gallery.chosen = count - 1;
  if (ImGui::IsKeyPressed(ImGuiKey_Space, false) && !gallery.favourites_on_view) toggle_sheet(studio);
  if (ImGui::IsKeyPressed(ImGuiKey_S, false) && !gallery.favourites_on_view) save_sheet(studio);
  if (gallery.chosen < 0) return;
  const Tile one = tile(gallery, gallery.chosen);
  if (!one.done) return;
  if (ImGui::IsKeyPressed(ImGuiKey_F, false)) toggle_favourite(studio, one.recipe, Picture(*one.picture));
  else if (ImGui::IsKeyPressed(ImGuiKey_Enter, false)) open_plate(studio, one.recipe);
}

void wide_room(Studio& studio, Screen& screen, Area area) {
  const float side = std::clamp(area.width * 0.25f, 330.0f, 400.0f);
  const Area left{area.x, area.y, area.width - side, area.height};
  if (begin_panel("gallery", left)) {
    if (tile_count(studio.gallery) > 0) paper_sheet(studio, screen, left);
    else empty_favourites(left);
  }
  ImGui::End();
  // Its list of keys ends the panel: nothing is free below it, and it fits without being scrolled.
  controls("gallery controls", {left.width, area.y, side, area.height}, {.beside = true, .foot = 0},
           [&](float width) { side_controls(studio, width); });
}

void narrow_room(Studio& studio, Screen& screen, Area area) {
  constexpr float pad = 14, gap = 6;
  const int columns = tile_count(studio.gallery) <= 16 ? 4 : 5;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {pad, 12});
  if (begin_panel("gallery", area, Panel::scrolling)) {
    const float width = area.width - 2 * pad;
    narrow_controls(studio, width);
    if (const int count = tile_count(studio.gallery); count > 0) {
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const Grid grid{columns,
                      std::floor((width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns)), gap};
      const float height = static_cast<float>((count + columns - 1) / columns) * (grid.side + gap);
      draw_tiles(studio, screen, at, grid, true);
      ImGui::SetCursorScreenPos({at.x, at.y + height});
      space(10);
    } else {
      empty_favourites({area.x, area.y + 60, area.width, 320});
    }
    if (!studio.gallery.favourites_on_view) sheet_buttons(studio, width);
    ImGui::Dummy({1, 12});
    drag_to_scroll();
  }
  ImGui::End();
  ImGui::PopStyleVar();
}

}  // namespace

void gallery_panel(Studio& studio, Screen& screen, Area area) {
  take_keys(studio);
  if (studio.room != Room::gallery) return;  // Enter has left it
  if (area.width >= 820) wide_room(studio, screen, area);
  else narrow_room(studio, screen, area);
}

}  // namespace florilegium
