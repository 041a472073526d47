// The timeline: a filmstrip of the growth that can be scrubbed, and the buttons to walk and replay
// it.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {
namespace {

/// The first step that a ladder's next network answers, which is asked from noise level `level`
/// down; -1: none.
int step_of_change(const History& history, float level) {
  for (int step = history.first_step(); step < history.steps(); ++step)
    if (history.noise_level(step) <= level) return step > history.first_step() ? step : -1;
  return -1;
}

void draw_strip(Studio& studio, Screen& screen, ImVec2 min, float width, float height) {
  const Palette& p = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 max(min.x + width, min.y + height);
  list.AddRectFilled(min, max, faded(p.card, 0.55f), 5);
  if (!studio.growth) {
    list.AddRect(min, max, p.rule, 5);
    return;
  }
  const Growth& growth = *studio.growth;
  const History& history = growth.history;
  const bool predictions = studio.view == View::prediction;
  Filmstrip& film = predictions ? screen.predictions_film : screen.film;
  film.follow(growth.serial, predictions ? growth.predictions : growth.thumbnails);
  const int first = history.first_step(),
            count = history.steps() - first;  // count steps lie between first and the picture
  const auto step_at = [&](float x) {
    return first + static_cast<int>(
                       std::lround(std::clamp((x - min.x - height / 2) / std::max(1.0f, width - height), 0.0f, 1.0f) *
                                   static_cast<float>(count)));
  };
  const auto x_of = [&](int step) {
    return min.x + height / 2 +
           (width - height) * static_cast<float>(step - first) / static_cast<float>(std::max(1, count));
  };

  // Cells as wide as high; each shows the step at its middle. The last one is cut to fit.
  const int cells = count == 0 ? 1 : std::max(1, static_cast<int>(std::floor(width / height)));
  const float each = count == 0 ? height : width / static_cast<float>(cells);
  for (int i = 0; i < cells; ++i) {
    const float x = min.x + each * static_cast<float>(i);
    const int step =
        cells == 1 ? first : first + static_cast<int>(std::lround(static_cast<double>(i) * count / (cells - 1)));
    if (step > history.last_step() || (predictions && growth.predictions.empty())) {
      list.AddCircleFilled({x + each / 2, min.y + height / 2}, 2, p.rule);
      continue;
    }
    const ImVec2 corner =
        film.corner(predictions ? std::max(0, std::min(step, history.last_step() - 1) - first) : step - first);
    const float crop =
        Filmstrip::cell_size * 0.5f * (1 - height / each);  // cells are a little wider than high: cut above and below
    list.AddImageRounded(film.id(), {x + 1, min.y}, {x + each - 1, max.y},
                         {corner.x + 0.0006f, corner.y + crop + 0.0006f},
                         {corner.x + Filmstrip::cell_size - 0.0006f, corner.y + Filmstrip::cell_size - crop - 0.0006f},
                         IM_COL32_WHITE, 3);
  }
  list.AddRect(min, max, p.rule, 5);
  for (const float level : studio.model.ladder_changes) {
    const int step = step_of_change(history, level);
    if (step < 0) continue;
    const float x = x_of(step);
    list.AddTriangleFilled({x - 5, min.y - 6}, {x + 5, min.y - 6}, {x, min.y + 1}, p.leaf);
    list.AddLine({x, min.y}, {x, max.y}, faded(p.leaf, 0.8f), 1.5f);
  }

  ImGui::SetCursorScreenPos({min.x, min.y - 6});
  ImGui::InvisibleButton("scrub", {width, height + 14});
  const int there = history.last_step() - first;
  if (const auto to = listed_slide(
          "Step on view", static_cast<float>(studio.shown_step - first) / static_cast<float>(std::max(1, there)), there,
          "step " + std::to_string(studio.shown_step) + " of " + std::to_string(history.steps()) + ", " +
              percent(history.noise_level(studio.shown_step)) + " noise"))
    walk_to(studio, first + static_cast<int>(std::lround(*to * static_cast<float>(there))));
  if (ImGui::IsItemHovered() || ImGui::IsItemActive()) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  if (ImGui::IsItemActive() ||
      (ImGui::IsItemDeactivated() &&
       ImGui::IsMousePosValid())) {  // also where it was let go, when that came with the same frame
    walk_to(studio, step_at(ImGui::GetIO().MousePos.x));
  }
  const float x = x_of(studio.shown_step);
  list.AddRectFilled({x - 1.25f, min.y - 5}, {x + 1.25f, max.y + 5}, p.madder, 2);
  list.AddCircleFilled({x, max.y + 6}, 6.5f, p.madder);
  list.AddCircleFilled({x, max.y + 6}, 2, p.paper);
}

}  // namespace

void timeline_panel(Studio& studio, Screen& screen, Area area) {
  if (begin_panel("timeline", area)) {
    const Palette& p = palette();
    const bool wide = area.width > 600;
    const float pad = wide ? 34.0f : 12.0f, film = wide ? std::clamp(area.height - 98, 52.0f, 80.0f) : 52.0f;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_strip(studio, screen, {area.x + pad, area.y + 8}, area.width - 2 * pad, film);

    const bool any = studio.growth && studio.growth->history.last_step() > studio.growth->history.first_step();
    const int first = studio.growth ? studio.growth->history.first_step() : 0,
              last = studio.growth ? studio.growth->history.last_step() : 0;
    const float side = wide ? 40.0f : 44.0f, y = area.y + film + 8 + (wide ? 22.0f : 18.0f);
    ImGui::SetCursorScreenPos({area.x + pad - 8, y});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    if (icon_button("first", Icon::first, first == 0 ? "Pure noise (Home)" : "Where this branch begins (Home)",
                    any && studio.shown_step > first, side))
      walk_to(studio, first);
    ImGui::SameLine();
    if (icon_button("back", Icon::back, "One step back (left arrow)", any && studio.shown_step > first, side))
      walk_to(studio, studio.shown_step - 1);
    ImGui::SameLine();
    if (icon_button("replay", studio.replaying ? Icon::pause : Icon::play, "Replay the growth (space)", any, side))
      toggle_replay(studio);
    ImGui::SameLine();
    const bool can_step = studio.growth && studio.growth->state == GrowthState::paused;
    if (icon_button("forward", Icon::forward, "One step on (right arrow)",
                    can_step || (any && studio.shown_step < last), side))
      step_forward(studio);
    ImGui::SameLine();
    if (icon_button("last", Icon::last, "The newest step (End)", any && studio.shown_step < last, side))
      walk_to(studio, last);
    ImGui::PopStyleVar();
    const float after_buttons = area.x + pad - 8 + side * 5 + 14;

    const float right = area.x + area.width - pad;
    // In the order in which they are shown and the V key walks them.
    static constexpr std::array<View, 5> order = {View::working, View::prediction, View::change, View::overlaid,
                                                  View::side_by_side};
    static constexpr std::array<const char*, 5> names = {"Working", "Prediction", "Change", "Overlaid", "All"};
    int view = static_cast<int>(std::find(order.begin(), order.end(), studio.view) - order.begin());
    const float view_width = wide ? std::min(450.0f, right - after_buttons) : right - after_buttons + 4;
    ImGui::SetCursorScreenPos({right - view_width, y + (side - control_height()) / 2});
    if (wide) {
      if (choice("view", names, view, view_width)) show_view(studio, order[static_cast<std::size_t>(view)]);
    } else {
      ImGui::SetNextItemWidth(view_width);
      const bool open =
          ImGui::BeginCombo("##view", names[static_cast<std::size_t>(view)], ImGuiComboFlags_HeightLargest);
      for (std::size_t i = 0; i < order.size(); ++i)
        if (listed_pick_of(names[i], names[i], order[i] == studio.view)) show_view(studio, order[i]);
      if (open) {
        for (std::size_t i = 0; i < order.size(); ++i)
          if (ImGui::Selectable(names[i], order[i] == studio.view, 0, {0, control_height() - 8}))
            show_view(studio, order[i]);
        ImGui::EndCombo();
      }
    }

    if (studio.growth && wide) {
      const History& history = studio.growth->history;
      char line[96];
      std::snprintf(line, sizeof line, "Step %d of %d", studio.shown_step, history.steps());
      const std::string noise = percent(history.noise_level(studio.shown_step)) + " noise";
      const UseFace face(Face::italic, 23);
      const float text_y = y + (side - ImGui::GetFontSize()) / 2 - 1, free = right - view_width - after_buttons;
      if (free > 300)
        draw_text(list, {after_buttons + free / 2, text_y}, 0.5f, p.ink, std::string(line) + ", " + noise);
      else if (free > 110) draw_text(list, {after_buttons + free / 2, text_y}, 0.5f, p.ink, line);
    }
  }
  ImGui::End();
}

}  // namespace florilegium
