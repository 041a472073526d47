// The plate: a sheet of paper with the picture of the step on view, one view or two side by side.
#include <algorithm>
#include <cmath>
#include <string>

#include "src/studio/panels.h"
#include "src/studio/theme.h"
#include "src/studio/widgets.h"

namespace florilegium {
namespace {

// Where the sheet and the picture on it lie: margins as on an old plate, the widest at the foot.
struct Place {
  ImVec2 sheet_min, sheet_max, picture_min, picture_max;
};

Place place(ImVec2 centre, float room_width, float room_height) {
  const float margin = std::clamp(std::min(room_width, room_height) * 0.045f, 10.0f, 30.0f), foot = 40;
  const float side = std::floor(std::min(room_width - 2 * margin, room_height - margin - foot));
  const float height = side + margin + foot, width = side + 2 * margin;
  const ImVec2 min(std::floor(centre.x - width / 2), std::floor(centre.y - height / 2));
  return {min, {min.x + width, min.y + height}, {min.x + margin, min.y + margin}, {min.x + margin + side, min.y + margin + side}};
}

void draw_plate(ImDrawList& list, const Place& at, const Sheet& sheet, const std::string& left, const std::string& right) {
  const Palette& p = palette();
  draw_paper(list, at.sheet_min, at.sheet_max);
  list.AddImage(sheet.id(), at.picture_min, at.picture_max);
  list.AddRect({at.picture_min.x - 4, at.picture_min.y - 4}, {at.picture_max.x + 4, at.picture_max.y + 4}, faded(p.rule, 0.9f), 1);
  const UseFace face(Face::italic, 20);
  const float y = (at.picture_max.y + at.sheet_max.y) / 2 - 9;
  const float room = at.picture_max.x - at.picture_min.x, left_width = ImGui::CalcTextSize(left.c_str()).x;
  draw_text(list, {at.picture_min.x, y}, 0, p.soft_ink, left);
  if (left_width + ImGui::CalcTextSize(right.c_str()).x + 16 < room) draw_text(list, {at.picture_max.x, y}, 1, p.soft_ink, right);
}

void draw_empty(const Studio& studio, ImDrawList& list, const Place& at) {
  const Palette& p = palette();
  draw_paper(list, at.sheet_min, at.sheet_max);
  list.AddRect({at.picture_min.x - 4, at.picture_min.y - 4}, {at.picture_max.x + 4, at.picture_max.y + 4}, faded(p.rule, 0.9f), 1);
  const float side = at.picture_max.x - at.picture_min.x, middle = (at.picture_min.x + at.picture_max.x) / 2;
  draw_sprig(list, {middle, at.picture_min.y + side * 0.72f}, side * 0.46f, faded(p.leaf, 0.75f));
  const UseFace face(Face::italic, std::clamp(side / 20, 19.0f, 27.0f));
  const char* line = studio.loading.active ? "The model is on its way." : studio.model.image_size > 0 ? "Press Grow: a plant appears out of noise." : "No model is open.";
  draw_text(list, {middle, at.picture_min.y + side * 0.80f}, 0.5f, p.soft_ink, line);
}

}  // namespace

void plate_panel(Studio& studio, Screen& screen, Area area) {
  if (begin_panel("plate", area)) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float pad = area.width > 600 ? 34.0f : 10.0f;
    const ImVec2 centre(area.x + area.width / 2, area.y + area.height / 2 + 2);
    const float width = area.width - 2 * pad, height = area.height - 2 * std::min(pad, 22.0f);
    if (!studio.growth) {
      draw_empty(studio, list, place(centre, width, height));
    } else {
      const Growth& growth = *studio.growth;
      const int step = studio.shown_step;
      const float level = growth.history.noise_level(step);
      const std::string number = "Plate " + std::to_string(growth.settings.seed);
      const std::string where = step == growth.history.steps() ? "finished" : (area.width > 600 ? "" : "step " + std::to_string(step) + ", ") + percent(level) + " noise";
      if (studio.view == View::side_by_side && area.width > 600) {
        const Place left = place({area.x + area.width * 0.25f + pad / 4, centre.y}, area.width / 2 - pad * 1.2f, height);
        const Place right = place({area.x + area.width * 0.75f - pad / 4, centre.y}, area.width / 2 - pad * 1.2f, height);
        draw_plate(list, left, shown_sheet(studio, screen, false), "Working picture", where);
        draw_plate(list, right, shown_sheet(studio, screen, true), "Prediction", number);
      } else {
        const bool prediction = studio.view == View::prediction;
        draw_plate(list, place(centre, width, height), shown_sheet(studio, screen, prediction), number,
                   prediction && step < growth.history.steps() ? "prediction, " + where : where);
      }
    }
  }
  ImGui::End();
}

}  // namespace florilegium
