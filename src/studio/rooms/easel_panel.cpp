// Painting on the plate, and the controls for it: colours as hints, a region to grow again, a
// picture to begin from.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"
#include "src/studio/state/easel_host.h"
#include "src/studio/state/host.h"

namespace florilegium {
namespace {

constexpr int smooth = 48;  // corners of a small circle, enough for high-density screens

bool finished(const Studio& studio) { return studio.growth && studio.growth->state == GrowthState::finished; }

// The colour at a place of what is on view: of the paint, or the mean of a few pixels of the plate.
void pick(Studio& studio, float x, float y) {
  Easel& easel = studio.easel;
  const auto index = [](float part, int count) {
    return std::clamp(static_cast<int>(part * static_cast<float>(count)), 0, count - 1);
  };
  const std::uint8_t* const cell =
      &easel.cells.colours[static_cast<std::size_t>(index(y, easel.side) * easel.side + index(x, easel.side)) * 4];
  if (easel.visible && cell[3] != 0) {
    easel.ink = {cell[0], cell[1], cell[2]};
    return;
  }
  if (!studio.growth) return;
  const Picture seen = frame(*studio.growth, studio.shown_step, studio.view == View::prediction);
  const int column = index(x, seen.width), row = index(y, seen.height), reach = 2;
  std::array<int, 3> sums{};
  int count = 0;
  for (int j = std::max(0, row - reach); j <= std::min(seen.height - 1, row + reach); ++j)
    for (int i = std::max(0, column - reach); i <= std::min(seen.width - 1, column + reach); ++i, ++count)
      for (std::size_t c = 0; c < 3; ++c) sums[c] += seen.rgba[static_cast<std::size_t>(j * seen.width + i) * 4 + c];
  for (std::size_t c = 0; c < 3; ++c) easel.ink[c] = static_cast<std::uint8_t>(sums[c] / count);
}

std::string name_of(const Ink& ink) {
  char text[24];
  std::snprintf(text, sizeof text, "Colour #%02x%02x%02x", ink[0], ink[1], ink[2]);
  return text;
}

ImU32 colour_of(const Ink& ink, unsigned alpha = 255) { return IM_COL32(ink[0], ink[1], ink[2], alpha); }

void take_stroke(Studio& studio, ImVec2 min, float side) {
  Easel& easel = studio.easel;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const float x = (mouse.x - min.x) / side, y = (mouse.y - min.y) / side;
  if (easel.tool == Tool::picker) pick(studio, x, y);
  else if (ImGui::IsItemActivated()) begin_stroke(easel, x, y);
  else if (x != easel.last_x || y != easel.last_y) stroke_to(easel, x, y);
}

// The region as paper laid bare, with a line round it.
void draw_region(const Easel& easel, ImDrawList& list, ImVec2 min, float side) {
  const Palette& p = palette();
  const float cell = side / static_cast<float>(easel.side);
  const auto marked = [&](int column, int row) {
    return column >= 0 && row >= 0 && column < easel.side && row < easel.side &&
           easel.cells.region[static_cast<std::size_t>(row * easel.side + column)] != 0;
  };
  const auto at = [&](int column, int row) {
    return ImVec2(min.x + cell * static_cast<float>(column), min.y + cell * static_cast<float>(row));
  };
  for (int row = 0; row < easel.side; ++row)
    for (int column = 0, from = 0; column <= easel.side; ++column) {
      if (marked(column, row)) continue;
      if (column > from) list.AddRectFilled(at(from, row), at(column, row + 1), faded(p.card, 0.62f));
      from = column + 1;
    }
  for (int row = 0; row <= easel.side; ++row)
    for (int column = 0; column <= easel.side; ++column) {
      if (marked(column, row) != marked(column, row - 1))
        list.AddLine(at(column, row), at(column + 1, row), p.madder, 1.6f);
      if (marked(column, row) != marked(column - 1, row))
        list.AddLine(at(column, row), at(column, row + 1), p.madder, 1.6f);
    }
}

void ink_swatches(Easel& easel, float width) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& p = palette();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = control_height() - 2, each = width / (inks.size() + 1), radius = std::min(13.0f, each * 0.4f);
  const auto swatch = [&](float x, float r, const Ink& ink, bool chosen) {
    list.AddCircleFilled({x, at.y + height / 2}, r, colour_of(ink), smooth);
    list.AddCircle({x, at.y + height / 2}, r, faded(p.ink, 0.3f), smooth, 1);
    if (chosen) list.AddCircle({x, at.y + height / 2}, r + 3, p.leaf, smooth, 2);
  };
  for (std::size_t i = 0; i < inks.size(); ++i) {
    const float x = at.x + each * (static_cast<float>(i) + 0.5f);
    ImGui::SetCursorScreenPos({x - each / 2, at.y});
    ImGui::PushID(static_cast<int>(i));
    const bool pressed = ImGui::InvisibleButton("ink", {each, height});
    if (listed_pick(name_of(inks[i]), easel.ink == inks[i]) || pressed) {
      easel.ink = inks[i];
      take_tool(easel, Tool::brush);
    }
    ImGui::PopID();
    if (ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    swatch(x, radius, inks[i], easel.ink == inks[i]);
  }
  if (std::find(inks.begin(), inks.end(), easel.ink) == inks.end())
    swatch(at.x + width - each / 2, radius, easel.ink, true);  // picked from the plate
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, height});
}

void brush_slide(Easel& easel, float width) {
  const float dot = 40;
  float position = std::sqrt((easel.brush - thinnest_brush) / (thickest_brush - thinnest_brush));
  if (slide("brush", position, width - dot,
            {"Width of the brush", 10, std::to_string(std::lround(easel.brush * 100)) + " % of the plate"}))
    easel.brush = thinnest_brush + position * position * (thickest_brush - thinnest_brush);
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  const Palette& p = palette();
  const float radius = 2 + 13 * position;
  const ImVec2 middle(min.x + width - dot / 2 + 4, (min.y + max.y) / 2);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (easel.tool == Tool::brush) list.AddCircleFilled(middle, radius, colour_of(easel.ink), smooth);
  const ImU32 unmarked = easel.tool == Tool::eraser ? p.ink : faded(p.ink, 0.3f);
  list.AddCircle(middle, radius, easel.tool == Tool::region ? p.madder : unmarked, smooth, 1.4f);
}

void stroke_buttons(Studio& studio, float width) {
  Easel& easel = studio.easel;
  const float each = (width - 3 * 8) / 4;
  const bool any = has_colours(easel) || has_region(easel);
  if (button("Undo", each, ButtonKind::quiet, !easel.past.empty())) undo(easel);
  ImGui::SameLine();
  if (button("Redo", each, ButtonKind::quiet, !easel.future.empty())) redo(easel);
  ImGui::SameLine();
  if (button("Clear", each, ButtonKind::quiet, any)) clear(easel);
  ImGui::SameLine();
  if (button(easel.visible || !any ? "Hide##paint" : "Show##paint", each, ButtonKind::quiet, any))
    easel.visible = !easel.visible;
}

// A noise level from which to grow: from a little to all of it.
void noise_slide(const char* id, float& level, float width, const char* little, const char* some, const char* much) {
  constexpr float least = 0.05f;
  float position = (level - least) / (1 - least);
  if (slide(id, position, width, {"Noise to grow from", 19, percent(level)}))
    level = std::round((least + (1 - least) * position) * 100) / 100;
  const char* less = level > 0.45f ? some : little;
  remark("From " + percent(level) + " noise: " + (level > 0.85f ? much : less));
}

void region_controls(Studio& studio, float width) {
  Easel& easel = studio.easel;
  const bool ready = finished(studio), marked = has_region(easel);
  if (button("Grow it again", width, ButtonKind::quiet, ready && marked)) host::regrow();
  if (!ready) remark("A region grows again on a finished plate: let one grow first.");
  else if (!marked) remark("Mark on the plate what is to grow again. The rest stays as it is.");
  noise_slide("region noise", easel.region_noise, width, "only details change there.",
              "its layout stays, the rest is new.", "all of it is new, and fits what stays.");
}

void guide_controls(Studio& studio, Screen& screen, float width) {
  Easel& easel = studio.easel;
  if (easel.guide.width == 0) {
    if (button("Begin from a picture", width)) host::choose_picture();
    remark("Or drop one on the page.");
    return;
  }
  if (screen.guide.version != easel.guides) {
    screen.guide.texture.show(easel.guide);
    screen.guide.version = easel.guides;
  }
  heading("YOUR PICTURE");
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float thumb = control_height() * 2 + 8, right = width - thumb - 10;
  ImGui::GetWindowDrawList()->AddImageRounded(screen.guide.texture.id(), at, {at.x + thumb, at.y + thumb}, {0, 0},
                                              {1, 1}, IM_COL32_WHITE, 6);
  ImGui::SetCursorScreenPos({at.x + thumb + 10, at.y});
  if (button("Start from it", right)) host::grow_from_guide();
  ImGui::SetCursorScreenPos({at.x + thumb + 10, at.y + control_height() + 8});
  const float away = 58;
  if (button("As a guide", right - away - 8, ButtonKind::quiet, easel.takes_colours)) {
    paint_picture(easel, easel.guide);
    take_tool(easel, Tool::brush);
  }
  ImGui::SameLine();
  if (button("Away", away)) easel.guide = {};
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, thumb});
  noise_slide("guide noise", easel.guide_noise, width, "only details change.", "the layout stays, the plant is new.",
              "almost anything may grow.");
}

}  // namespace

void paint_on(Studio& studio, Screen& screen, ImVec2 min, ImVec2 max) {
  Easel& easel = studio.easel;
  if (!easel.open || easel.side == 0) return;
  const float side = max.x - min.x;
  ImGui::SetCursorScreenPos(min);
  ImGui::InvisibleButton("easel", {side, max.y - min.y});
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  if (active) take_stroke(studio, min, side);
  if (ImGui::IsItemDeactivated() && easel.tool == Tool::picker) take_tool(easel, Tool::brush);

  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (easel.visible) {
    if (screen.paint.version != easel.changes) {
      screen.paint.texture.show({easel.side, easel.side, easel.cells.colours});
      screen.paint.version = easel.changes;
    }
    list.AddImage(screen.paint.texture.id(), min, max, {0, 0}, {1, 1}, IM_COL32(255, 255, 255, 215));
    draw_region(easel, list, min, side);
  }
  if (!hovered && !active) return;
  const Palette& p = palette();
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool picking = easel.tool == Tool::picker;
  const float radius = picking ? 9.0f : std::max(3.0f, easel.brush * side / 2);
  list.PushClipRect(min, max, true);
  if (picking) list.AddCircle(mouse, radius, colour_of(easel.ink), 0, 5);
  list.AddCircle(mouse, radius + 1.2f, p.card, 0, 1.2f);
  list.AddCircle(mouse, radius, easel.tool == Tool::region ? p.madder : p.ink, 0, 1.2f);
  list.PopClipRect();
}

void easel_controls(Studio& studio, Screen& screen, float width) {
  Easel& easel = studio.easel;
  heading("PAINT");
  if (easel.takes_colours) {
    static const std::array names = {name_of(Tool::brush), name_of(Tool::eraser), name_of(Tool::picker),
                                     name_of(Tool::region)};
    int tool = static_cast<int>(easel.tool);
    if (choice("tool", names, tool, width)) take_tool(easel, static_cast<Tool>(tool));
    if (easel.tool == Tool::brush || easel.tool == Tool::picker) ink_swatches(easel, width);
  } else {
    static constexpr std::array<const char*, 2> fewer = {"Region", "Eraser"};
    int tool = easel.tool == Tool::eraser ? 1 : 0;
    if (choice("tool", fewer, tool, width)) take_tool(easel, tool == 1 ? Tool::eraser : Tool::region);
  }
  if (easel.tool == Tool::picker) remark("Touch the plate to take up its colour.");
  else brush_slide(easel, width);
  stroke_buttons(studio, width);
  if (easel.tool == Tool::region) region_controls(studio, width);
  if (!easel.takes_colours)
    remark(
        "This model does not follow painted colours. A region can grow again, and a plate can begin from a picture.");
  else if (easel.tool == Tool::brush)
    remark(has_colours(easel) ? "The next plate follows these colours; its seed decides the rest."
                              : "Paint on the sheet: the next plate follows the colours.");
  ImGui::Dummy({1, 2});
  guide_controls(studio, screen, width);
}

void take_easel_keys(Studio& studio) {
  if (!studio.easel.open || studio.room != Room::grow || ImGui::GetIO().WantTextInput) return;
  const auto pressed = [](ImGuiKeyChord chord) { return ImGui::IsKeyChordPressed(chord); };
  if (pressed(ImGuiMod_Ctrl | ImGuiKey_Z)) undo(studio.easel);
  if (pressed(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z) || pressed(ImGuiMod_Ctrl | ImGuiKey_Y)) redo(studio.easel);
}

}  // namespace florilegium
