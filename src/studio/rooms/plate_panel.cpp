// The plate: a sheet of paper with the picture of the step on view, one view or two side by side.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {
namespace {

// Where the sheet and the picture on it lie: margins as on an old plate, the widest at the foot.
struct Place {
  ImVec2 sheet_min, sheet_max, picture_min, picture_max;
  float centre_y() const { return (sheet_min.y + sheet_max.y) / 2; }
};

Place place(ImVec2 centre, float room_width, float room_height) {
  const float margin = std::clamp(std::min(room_width, room_height) * 0.045f, 10.0f, 30.0f), foot = 40;
  const float side = std::floor(std::min(room_width - 2 * margin, room_height - margin - foot));
  const float height = side + margin + foot, width = side + 2 * margin;
  const ImVec2 min(std::floor(centre.x - width / 2), std::floor(centre.y - height / 2));
  return {min,
          {min.x + width, min.y + height},
          {min.x + margin, min.y + margin},
          {min.x + margin + side, min.y + margin + side}};
}

void draw_plate(ImDrawList& list, const Place& at, const Texture& texture, const std::string& left,
                const std::string& right) {
  list_text(right.empty() ? left : left + ", " + right);
  const Palette& p = palette();
  draw_paper(list, at.sheet_min, at.sheet_max);
  list.AddImage(texture.id(), at.picture_min, at.picture_max);
  list.AddRect({at.picture_min.x - 4, at.picture_min.y - 4}, {at.picture_max.x + 4, at.picture_max.y + 4},
               faded(p.rule, 0.9f), 1);
  const UseFace face(Face::italic, 20);
  const float y = (at.picture_max.y + at.sheet_max.y) / 2 - 9;
  const float free = at.picture_max.x - at.picture_min.x, left_width = ImGui::CalcTextSize(left.c_str()).x;
  draw_text(list, {at.picture_min.x, y}, 0, p.soft_ink, left);
  if (left_width + ImGui::CalcTextSize(right.c_str()).x + 16 < free)
    draw_text(list, {at.picture_max.x, y}, 1, p.soft_ink, right);
}

void draw_empty(const Studio& studio, ImDrawList& list, const Place& at) {
  const Palette& p = palette();
  draw_paper(list, at.sheet_min, at.sheet_max);
  list.AddRect({at.picture_min.x - 4, at.picture_min.y - 4}, {at.picture_max.x + 4, at.picture_max.y + 4},
               faded(p.rule, 0.9f), 1);
  const float side = at.picture_max.x - at.picture_min.x, middle = (at.picture_min.x + at.picture_max.x) / 2;
  if (studio.easel.open && (has_colours(studio.easel) || has_region(studio.easel)))
    return;  // the sheet is the visitor's
  if (!studio.easel.open)
    draw_sprig(list, {middle, at.picture_min.y + side * 0.72f}, side * 0.46f, faded(p.leaf, 0.75f));
  const UseFace face(Face::italic, std::clamp(side / 20, 19.0f, 27.0f));
  const char* line = "No model is open.";
  if (studio.easel.open && studio.easel.takes_colours) line = "Paint here, then press Grow.";
  else if (studio.loading.active) line = "The model is on its way.";
  else if (studio.model.image_size > 0) line = "Press Grow: a plant appears out of noise.";
  list_text(line);
  draw_text(list, {middle, at.picture_min.y + side * (studio.easel.open ? 0.48f : 0.80f)}, 0.5f, p.soft_ink, line);
}

std::string change_text(float gain) {
  if (gain <= 0) return "";
  char text[24];
  std::snprintf(text, sizeof text, gain < 9.95f ? "× %.1f" : "× %.0f", static_cast<double>(gain));
  return text;
}

// The prediction lies over the working picture, right of a line that can be dragged.
void overlay(Studio& studio, Screen& screen, ImDrawList& list, const Place& at, const std::string& left,
             const std::string& right) {
  draw_plate(list, at, shown_texture(studio, screen, false), left, right);
  const float side = at.picture_max.x - at.picture_min.x;
  ImGui::SetCursorScreenPos(at.picture_min);
  ImGui::InvisibleButton("split", {side, side});
  if (const auto to = listed_slide("Where the prediction begins", studio.split, 20,
                                   std::to_string(std::lround(studio.split * 100)) + " % from the left"))
    studio.split = *to;
  if (ImGui::IsItemHovered() || ImGui::IsItemActive()) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  if (ImGui::IsItemActive() || (ImGui::IsItemDeactivated() && ImGui::IsMousePosValid()))
    studio.split = std::clamp((ImGui::GetIO().MousePos.x - at.picture_min.x) / side, 0.0f, 1.0f);
  const float x = std::round(at.picture_min.x + side * studio.split);
  list.AddImage(shown_texture(studio, screen, true).id(), {x, at.picture_min.y}, at.picture_max,
                {(x - at.picture_min.x) / side, 0}, {1, 1});
  const Palette& p = palette();
  list.AddRectFilled({x - 1, at.picture_min.y - 4}, {x + 1, at.picture_max.y + 4}, p.madder);
  const float y = at.picture_min.y + side / 2;
  list.AddCircleFilled({x, y}, 15, p.madder);
  list.AddTriangleFilled({x - 9, y}, {x - 3, y - 5}, {x - 3, y + 5}, p.card);
  list.AddTriangleFilled({x + 9, y}, {x + 3, y + 5}, {x + 3, y - 5}, p.card);
  const UseFace face(Face::italic, 18);
  const auto label = [&](const char* text, float edge, float align) {
    const float text_width = ImGui::CalcTextSize(text).x + 16, from = edge - align * text_width;
    list.AddRectFilled({from, at.picture_min.y + 10}, {from + text_width, at.picture_min.y + 36}, faded(p.card, 0.86f),
                       5);
    draw_text(list, {from + 8, at.picture_min.y + 13}, 0, p.ink, text);
  };
  if (studio.split > 0.3f) label("working picture", at.picture_min.x + 10, 0);
  if (studio.split < 0.75f) label("prediction", at.picture_max.x - 10, 1);
}

}  // namespace

void plate_panel(Studio& studio, Screen& screen, Area area) {
  screen.picture_min = screen.picture_max = {};
  if (begin_panel("plate", area)) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float pad = area.width > 600 ? 34.0f : 10.0f;
    const ImVec2 centre(area.x + area.width / 2, area.y + area.height / 2 + 2);
    const float width = area.width - 2 * pad, height = area.height - 2 * std::min(pad, 22.0f);
    if (!studio.growth) {
      const Place at = place(centre, width, height);
      draw_empty(studio, list, at);
      paint_on(studio, screen, at.picture_min, at.picture_max);
    } else {
      const Growth& growth = *studio.growth;
      const int step = studio.shown_step;
      const float level = growth.history.noise_level(step);
      const std::string number = "Plate " + std::to_string(growth.settings.seed) +
                                 (studio.shown_branch > 0 ? ", branch " + std::to_string(studio.shown_branch) : "");
      const std::string where =
          step == growth.history.steps()
              ? "finished"
              : (area.width > 600 ? "" : "step " + std::to_string(step) + ", ") + percent(level) + " noise";
      const bool blends = step < growth.history.steps();
      if (studio.view == View::side_by_side) {
        // Three sheets: in a row where there is room, else the working picture above the two
        // others.
        const bool row = area.width > 600;
        const float third = (width + pad / 2) / 3, half = width / 2;
        const float upper = std::min(height * 0.52f, width);
        const Place one = row ? place({area.x + pad + third / 2 - pad / 4, centre.y}, third - pad / 2, height)
                              : place({centre.x, area.y + 10 + upper / 2}, width, upper);
        const Place two = row ? place({centre.x, centre.y}, third - pad / 2, height)
                              : place({area.x + pad + half / 2, area.y + 14 + upper + (height - upper) / 2}, half - 4,
                                      height - upper - 4);
        const Place three =
            row ? place({area.x + area.width - pad - third / 2 + pad / 4, centre.y}, third - pad / 2, height)
                : place({area.x + area.width - pad - half / 2, two.centre_y()}, half - 4, height - upper - 4);
        draw_plate(list, one, shown_texture(studio, screen, false), number, where);
        draw_plate(list, two, shown_texture(studio, screen, true), "Prediction", "");
        const Texture& change = shown_change(studio, screen);
        draw_plate(list, three, change, "Change", change_text(screen.change_gain));
      } else if (studio.view == View::change) {
        const Texture& change = shown_change(studio, screen);
        draw_plate(list, place(centre, width, height), change, number,
                   screen.change_gain > 0
                       ? "change since step " + std::to_string(step - 1) + ", " + change_text(screen.change_gain)
                       : "nothing changed yet");
      } else if (studio.view == View::overlaid) {
        overlay(studio, screen, list, place(centre, width, height), number, where);
      } else {
        const bool prediction = studio.view == View::prediction;
        const Place at = place(centre, width, height);
        draw_plate(list, at, shown_texture(studio, screen, prediction), number,
                   prediction && blends ? "prediction, " + where : where);
        screen.picture_min = at.picture_min;
        screen.picture_max = at.picture_max;
      }
      if (studio.view != View::side_by_side && studio.view != View::overlaid) {
        const Place at = place(centre, width, height);
        paint_on(studio, screen, at.picture_min, at.picture_max);
      }
    }
  }
  ImGui::End();
}

}  // namespace florilegium
