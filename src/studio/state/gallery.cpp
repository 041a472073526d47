#include "src/studio/state/gallery.h"

#include <algorithm>
#include <cmath>

#include "src/image/resize.h"
#include "src/studio/state/gallery_host.h"
#include "src/studio/state/host.h"
#include "src/studio/state/studio.h"

namespace florilegium {
namespace {

constexpr int longest_row = 12;  // more pictures of a filmstrip go into several rows

void show_working(Studio& studio, Cell& cell) {
  Gallery& gallery = studio.gallery;
  cell.thumbnail =
      fitted(picture_from_planes(gallery.x, gallery.image_size, gallery.image_size), gallery_thumbnail_side);
  cell.version = ++gallery.versions;
  ++studio.changes;
}

int next_cell(const Gallery& gallery) {
  const auto next =
      std::find_if(gallery.cells.begin(), gallery.cells.end(), [](const Cell& cell) { return !cell.done; });
  return static_cast<int>(next - gallery.cells.begin());
}

/// Grows the next cell, unless the visitor grows a plate: then the sheet waits.
void go_on(Studio& studio) {
  Gallery& gallery = studio.gallery;
  ++studio.changes;
  const int next = next_cell(gallery);
  if (next == static_cast<int>(gallery.cells.size())) {
    gallery.state = SheetState::finished;
    host::announce("The sheet is full: " + std::to_string(gallery.cells.size()) + " plates.");
    return;
  }
  gallery.growing = next;
  gallery.cells[static_cast<std::size_t>(next)].step = 0;
  gallery.state = SheetState::growing;
  if (!host::grow_cell(recipe_of(gallery, gallery.growing).settings)) gallery.state = SheetState::waiting;
}

std::string file_of_growth(const Studio& studio, const char* what) {
  return file_stem(*studio.growth) + "-" + what + ".png";
}

bool of_this_model(const Studio& studio) { return studio.gallery.recipe.model == studio.model.file; }

}  // namespace

Recipe recipe_of(const Gallery& gallery, int cell) {
  Recipe recipe = gallery.recipe;
  recipe.settings.seed = gallery.cells[static_cast<std::size_t>(cell)].seed;
  return recipe;
}

std::string plate_name(const Recipe& recipe) {
  return "Plate " + std::to_string(recipe.settings.seed) +
         (recipe.flips.empty() ? "" : " (branched at step " + std::to_string(recipe.flips.back().step) + ")");
}

bool is_favourite(const Gallery& gallery, const Recipe& recipe) {
  return std::any_of(gallery.favourites.begin(), gallery.favourites.end(),
                     [&](const Favourite& one) { return one.recipe == recipe; });
}

int cells_done(const Gallery& gallery) {
  return static_cast<int>(
      std::count_if(gallery.cells.begin(), gallery.cells.end(), [](const Cell& cell) { return cell.done; }));
}

double sheet_seconds_left(const Gallery& gallery) {
  if (gallery.steps_timed == 0) return 0;
  const int step =
      gallery.state == SheetState::finished ? 0 : gallery.cells[static_cast<std::size_t>(gallery.growing)].step;
  const int steps =
      (static_cast<int>(gallery.cells.size()) - cells_done(gallery)) * gallery.recipe.settings.steps - step;
  return gallery.milliseconds / gallery.steps_timed * std::max(0, steps) / 1000;
}

void cell_begun(Studio& studio, int image_size, std::span<const float> x, std::span<const float> levels) {
  Gallery& gallery = studio.gallery;
  if (gallery.state != SheetState::growing && gallery.state != SheetState::paused) return;
  gallery.image_size = image_size;
  gallery.x.assign(x.begin(), x.end());
  gallery.levels.assign(levels.begin(), levels.end());
  Cell& cell = gallery.cells[static_cast<std::size_t>(gallery.growing)];
  cell.step = 0;
  show_working(studio, cell);
}

void cell_stepped(Studio& studio, std::span<const Kept> prediction, double milliseconds) {
  Gallery& gallery = studio.gallery;
  if (gallery.state != SheetState::growing && gallery.state != SheetState::paused) return;
  Cell& cell = gallery.cells[static_cast<std::size_t>(gallery.growing)];
  const auto step = static_cast<std::size_t>(cell.step);
  blend(gallery.x, prediction, gallery.levels.at(step + 1) / gallery.levels[step]);
  ++cell.step;
  gallery.milliseconds += milliseconds;
  ++gallery.steps_timed;
  show_working(studio, cell);
}

void cell_ended(Studio& studio, CellEnd end) {
  Gallery& gallery = studio.gallery;
  if (gallery.cells.empty()) return;
  Cell& cell = gallery.cells[static_cast<std::size_t>(gallery.growing)];
  if (end == CellEnd::finished) {
    cell.done = true;
    const int done = cells_done(gallery), quarter = std::max(1, static_cast<int>(gallery.cells.size()) / 4);
    if (done % quarter == 0 && done < static_cast<int>(gallery.cells.size()))
      host::announce(std::to_string(done) + " of " + std::to_string(gallery.cells.size()) +
                     " plates are on the sheet.");
    const bool held = gallery.state == SheetState::paused &&
                      done < static_cast<int>(gallery.cells.size());  // paused in its last step
    if (held) gallery.growing = next_cell(gallery);
    else go_on(studio);
  } else {
    cell.step = 0;
    if (end == CellEnd::failed) gallery.state = SheetState::failed;
    else if (gallery.state == SheetState::growing) gallery.state = SheetState::interrupted;
    ++studio.changes;
  }
}

void gallery_opened(Studio& studio) {
  if (studio.gallery.state == SheetState::interrupted && of_this_model(studio)) go_on(studio);
}

void engine_free(Studio& studio) {
  Gallery& gallery = studio.gallery;
  if (gallery.state != SheetState::waiting) return;
  if (studio.room == Room::gallery) go_on(studio);
  else gallery.state = SheetState::interrupted;
}

void favourite_loaded(Studio& studio, Favourite favourite) {
  favourite.version = ++studio.gallery.versions;
  studio.gallery.favourites.push_back(std::move(favourite));
  ++studio.changes;
}

void start_sheet(Studio& studio) {
  if (studio.model.image_size == 0) return;
  Gallery& gallery = studio.gallery;
  gallery.recipe = {studio.settings, studio.model.file};
  gallery.recipe.settings.seed = gallery.first_seed;
  gallery.cells.assign(static_cast<std::size_t>(gallery.count), {});
  for (std::size_t i = 0; i < gallery.cells.size(); ++i) gallery.cells[i].seed = gallery.first_seed + i;
  gallery.milliseconds = 0;
  gallery.steps_timed = 0;
  gallery.favourites_on_view = false;
  gallery.chosen = -1;
  host::announce("Filling a sheet with " + std::to_string(gallery.count) + " plates, from seed " +
                 std::to_string(gallery.first_seed) + " on.");
  go_on(studio);
}

void toggle_sheet(Studio& studio) {
  Gallery& gallery = studio.gallery;
  switch (gallery.state) {
    case SheetState::growing:
      gallery.state = SheetState::paused;
      host::pause_cell();
      host::announce("The sheet is paused.");
      break;
    case SheetState::waiting: gallery.state = SheetState::interrupted; break;
    case SheetState::paused:
    case SheetState::interrupted:
    case SheetState::failed:
      if (of_this_model(studio)) {
        host::announce("The sheet fills on.");
        // A cell that was only held goes on where it was; one that was ended begins anew.
        if (gallery.state == SheetState::paused && gallery.cells[static_cast<std::size_t>(gallery.growing)].step > 0) {
          gallery.state = SheetState::growing;
          host::resume_cell();
        } else {
          go_on(studio);
        }
        break;
      }
      start_sheet(studio);
      break;
    case SheetState::empty: start_sheet(studio); break;
    case SheetState::finished:
      if (gallery.first_seed == gallery.recipe.settings.seed) gallery.first_seed += gallery.cells.size();
      start_sheet(studio);
      break;
  }
  ++studio.changes;
}

void open_plate(Studio& studio, const Recipe& recipe) {
  show_room(studio, Room::grow);
  host::open_recipe(recipe);
}

void toggle_favourite(Studio& studio, const Recipe& recipe, const Picture& thumbnail) {
  Gallery& gallery = studio.gallery;
  const std::string plate = plate_name(recipe);
  if (std::erase_if(gallery.favourites, [&](const Favourite& one) { return one.recipe == recipe; }) > 0) {
    host::forget_favourite(recipe);
    host::announce(plate + " is no favourite any more.");
  } else if (static_cast<int>(gallery.favourites.size()) >= most_favourites) {
    notice(
        studio, Notice::Kind::failure,
        "There is room for " + std::to_string(most_favourites) + " favourites. Take the star from one of them first.");
  } else {
    gallery.favourites.push_back({recipe, thumbnail, ++gallery.versions});
    host::keep_favourite(recipe, thumbnail);
    host::announce(plate + " is a favourite now.");
  }
  ++studio.changes;
}

void toggle_favourite_on_view(Studio& studio) {
  if (!can_be_favourite(studio)) return;
  const Growth& growth = *studio.growth;
  toggle_favourite(studio, recipe_of(growth),
                   fitted(frame(growth, growth.history.last_step(), false), gallery_thumbnail_side));
}

bool can_be_favourite(const Studio& studio) {
  return studio.growth && studio.growth->state == GrowthState::finished && !studio.growth->guided;
}

std::vector<int> evenly_chosen(int first, int last, int most) {
  const int count = std::min(most, last - first + 1);
  std::vector<int> steps;
  for (int i = 0; i < count; ++i)
    steps.push_back(count == 1
                        ? last
                        : first + static_cast<int>(std::lround(static_cast<double>(i) * (last - first) / (count - 1))));
  return steps;
}

void save_filmstrip(const Studio& studio, int most) {
  if (!studio.growth) return;
  const std::vector<int> steps =
      evenly_chosen(studio.growth->history.first_step(), studio.growth->history.last_step(), most);
  const int count = static_cast<int>(steps.size());
  const int columns = count > longest_row ? static_cast<int>(std::ceil(std::sqrt(count * 1.6))) : count;
  host::save_filmstrip(steps, columns, recipe_notes(studio), file_of_growth(studio, "filmstrip"));
}

void save_animation(const Studio& studio) {
  if (!studio.growth) return;
  const std::vector<int> steps =
      evenly_chosen(studio.growth->history.first_step(), studio.growth->history.last_step(), most_frames);
  host::save_animation(steps, recipe_notes(studio), file_of_growth(studio, "growth"));
}

void save_sheet(const Studio& studio) {
  const Gallery& gallery = studio.gallery;
  std::vector<Picture> pictures;
  for (const Cell& cell : gallery.cells)
    if (cell.done) pictures.push_back(cell.thumbnail);
  if (pictures.empty()) return;
  const Settings& s = gallery.recipe.settings;
  const std::vector<PngNote> notes = {
      {"Software", "Florilegium"},
      {"florilegium.model", gallery.recipe.model},
      {"florilegium.first_seed", std::to_string(s.seed)},
      {"florilegium.count", std::to_string(pictures.size())},
      {"florilegium.steps", std::to_string(s.steps)},
      {"florilegium.sampler", s.sampler},
      {"florilegium.schedule", s.schedule},
  };
  const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pictures.size()))));
  host::save_contact_sheet(pictures, columns, notes, "florilegium-sheet-" + std::to_string(s.seed) + ".png");
}

}  // namespace florilegium
