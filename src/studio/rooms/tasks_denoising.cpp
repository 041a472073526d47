// The denoising task: a real plate under as much noise as one likes, what the network says it was,
// and how far off that is.
#include <algorithm>
#include <array>
#include <cmath>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/tasks_draw.h"
#include "src/studio/state/tasks_host.h"

namespace florilegium {
namespace {

void ask(Studio& studio) {
  const DenoisingTask& d = studio.tasks.denoising;
  if (can_ask(studio)) host::ask_denoising(d.plate, d.percent, d.seed);
}

/// The error over the noise level, as far as it has been explored; the knob of the slider below
/// shares its axis.
void draw_curve(const DenoisingTask& d, ImVec2 min, float width, float height, bool wide) {
  const Palette& p = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  constexpr float inset = 9;  // of slide()
  static constexpr std::array<float, 7> ticks = {0.005f, 0.01f, 0.02f, 0.05f, 0.1f, 0.2f, 0.5f};
  const auto& error = d.plates[static_cast<std::size_t>(d.plate)].error;
  const float most = 1.12f * std::max({0.02f, d.average_error, *std::max_element(error.begin(), error.end())});
  const auto at = [&](int percent, float value) {
    return ImVec2(min.x + inset + (width - 2 * inset) * static_cast<float>(percent) / 100,
                  min.y + height - height * value / most);
  };
  list.AddRectFilled(min, {min.x + width, min.y + height}, faded(p.card, 0.6f), 5);
  for (int percent = 0; percent <= 100; percent += 25)
    list.AddLine(at(percent, 0), at(percent, most), faded(p.rule, 0.7f));
  const UseFace face(Face::italic, wide ? 17.0f : 14.0f);
  const float tick = *std::find_if(ticks.begin(), ticks.end() - 1, [&](float step) { return most < 4 * step; });
  for (int i = 1; static_cast<float>(i) * tick < most; ++i) {
    const ImVec2 from = at(0, static_cast<float>(i) * tick), to = at(100, static_cast<float>(i) * tick);
    list.AddLine(from, to, faded(p.rule, 0.7f));
    draw_text(list, {from.x + 6, from.y - ImGui::GetFontSize()}, 0, p.faint_ink,
              task_number(static_cast<double>(static_cast<float>(i) * tick), tick < 0.01f ? 3 : 2));
  }
  if (d.average_error >= 0) {
    const ImVec2 from = at(0, d.average_error), to = at(100, d.average_error);
    for (float x = from.x; x < to.x; x += 9) list.AddLine({x, from.y}, {std::min(x + 4, to.x), from.y}, p.soft_ink);
    draw_text(list, {from.x + (wide ? 60.0f : 44.0f), from.y + 2}, 0, p.soft_ink,
              std::string(wide ? "error of always answering with the average, " : "always the average: ") +
                  task_number(static_cast<double>(d.average_error), 3));
  }
  int before = -1;
  for (int percent = 0; percent <= 100; ++percent) {
    const float value = error[static_cast<std::size_t>(percent)];
    if (value < 0) continue;
    if (before >= 0)
      list.AddLine(at(before, error[static_cast<std::size_t>(before)]), at(percent, value), faded(p.leaf, 0.6f), 1.6f);
    list.AddCircleFilled(at(percent, value), 2.6f, p.leaf);
    before = percent;
  }
  const float here = error[static_cast<std::size_t>(d.percent)];
  list.AddLine(at(d.percent, 0), at(d.percent, most), faded(p.madder, 0.5f));
  if (here >= 0) list.AddCircleFilled(at(d.percent, here), 5, p.madder);
}

}  // namespace

void denoising_exhibits(Studio& studio, Screen& screen, const TaskPlaces& places) {
  Tasks& tasks = studio.tasks;
  DenoisingTask& d = tasks.denoising;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& p = palette();
  const Area& area = places.exhibits;
  const bool wide = places.wide;
  const float margin = card_margin(wide), foot = card_foot(wide), gap = wide ? 20.0f : 5.0f, pad = wide ? 34.0f : 10.0f,
              slider = control_height() + 22;
  const float least_curve = wide ? 150.0f : 96.0f;
  const float side = std::floor(std::min((area.width - 2 * pad - 2 * gap - 6 * margin) / 3,
                                         area.height - 2 * pad - margin - foot - least_curve - slider - gap));
  const float column = side + 2 * margin + gap,
              left = std::floor(area.x + (area.width - 3 * column + gap) / 2 + margin);
  const float spare = area.height - 2 * pad - margin - side - foot - slider - gap,
              curve = std::clamp(spare, least_curve, 280.0f);
  const float top = std::floor(area.y + pad + margin + std::max(0.0f, (spare - curve) / 2));

  const std::string noise = std::to_string(d.percent) + " % noise";
  const bool fresh = d.predicted_percent == d.percent;
  const std::string waiting = !tasks.data_missing.empty() ? "no plate" : "loading";
  draw_card(list, screen, task_slot::denoising_input, d.input,
            {{left, top}, side, wide ? "Input" : noise, wide ? noise : "", waiting}, wide);
  draw_card(list, screen, task_slot::denoising_prediction, d.prediction,
            {{left + column, top},
             side,
             "Prediction",
             fresh || d.predicted_percent < 0 ? "" : "at " + std::to_string(d.predicted_percent) + " %",
             tasks.running ? "looking" : "move the slider"},
            wide);
  if (tasks.running) {  // it is about to change
    list.AddRectFilled({left + column, top + side - 3}, {left + column + side, top + side}, faded(p.leaf, 0.8f));
  }
  draw_card(list, screen, task_slot::denoising_truth, d.truth, {{left + 2 * column, top}, side, "Truth", "", waiting},
            wide);
  if (d.truth_values.empty()) return;

  const float x = left - margin, width = 3 * column - gap, curve_y = top + side + foot + gap;
  draw_curve(d, {x, curve_y}, width, curve, wide);
  ImGui::SetCursorScreenPos({x, curve_y + curve + 2});
  float position = static_cast<float>(d.percent) / 100;
  if (slide("noise", position, width, {"Noise", 100, std::to_string(d.percent) + " % noise"})) {
    const int percent = static_cast<int>(std::lround(position * 100));
    if (percent != d.percent) {
      show_noise(tasks, percent);
      ask(studio);
    }
  }
  const UseFace face(Face::text, wide ? 16.0f : 14.0f);
  const float y = curve_y + curve + slider - 22;
  draw_text(list, {x + 4, y}, 0, p.soft_ink, "0 %: the plate itself");
  draw_text(list, {x + width - 4, y}, 1, p.soft_ink, "100 %: nothing but noise");
}

void denoising_words(Studio& studio, Screen& screen, float width) {
  Tasks& tasks = studio.tasks;
  DenoisingTask& d = tasks.denoising;
  task_words("What was this plate?",
             "This is all that the network ever practised: it is shown a plate under noise and says what the plate "
             "was. None of these plates was among those it learned from. "
             "Under a little noise it misses only the finest lines; somewhere above 80 % it stops seeing and starts to "
             "guess, and at 100 % it is back at the average.");
  if (!tasks.data_missing.empty()) remark(tasks.data_missing);
  if (d.plates.empty()) return;

  const auto& plate = d.plates[static_cast<std::size_t>(d.plate)];
  const float error = plate.error[static_cast<std::size_t>(d.percent)];
  heading("MEAN SQUARED ERROR");
  {
    const UseFace face(Face::title, 34);
    const char* unknown = tasks.running ? "..." : "not asked yet";
    const std::string shown = error >= 0 ? task_number(static_cast<double>(error), 4) : unknown;
    ImGui::TextUnformatted(shown.c_str());
    list_text(shown);
  }
  remark("at " + std::to_string(d.percent) + " % noise, of values from -1 to 1");

  ImGui::Dummy({1, 4});
  heading("PLATES THAT WERE HELD OUT");
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& p = palette();
  const int count = std::min(static_cast<int>(d.plates.size()), task_slot::most_thumbnails),
            columns = width > 340 || count <= 4 ? std::max(4, count) : 4;
  const float gap = 6, side = std::min(74.0f, std::floor((width - gap * static_cast<float>(columns - 1)) /
                                                         static_cast<float>(columns)));
  const ImVec2 first = ImGui::GetCursorScreenPos();
  for (int i = 0; i < count; ++i) {
    const ImVec2 min(first.x + (side + gap) * static_cast<float>(i % columns),
                     first.y + (side + gap) * static_cast<float>(i / columns)),
        max(min.x + side, min.y + side);
    ImGui::SetCursorScreenPos(min);
    ImGui::PushID(i);
    bool pressed = ImGui::InvisibleButton("plate", {side, side});
    const std::string& title = d.plates[static_cast<std::size_t>(i)].title;
    pressed |= listed_pick("Plate " + std::to_string(i + 1) + (title.empty() ? "" : ": " + title), d.plate == i);
    if (pressed && d.plate != i) {
      show_plate(tasks, i);
      show_noise(tasks, d.percent);
      ask(studio);
    }
    if (ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    list.AddImage(task_texture(screen, task_slot::thumbnail + i, d.plates[static_cast<std::size_t>(i)].thumbnail), min,
                  max);
    if (i == d.plate) list.AddRect({min.x - 2, min.y - 2}, {max.x + 2, max.y + 2}, p.leaf, 3, 0, 2.5f);
    ImGui::PopID();
  }
  const int rows = (count + columns - 1) / columns;
  ImGui::SetCursorScreenPos(first);
  ImGui::Dummy({width, (side + gap) * static_cast<float>(rows)});
  if (!plate.title.empty()) remark(plate.title);
  if (!plate.credit.empty()) remark(plate.credit);
  if (tasks.running) {
    if (button("Stop", width, ButtonKind::warning)) host::cancel_task();
  } else if (button("Other noise", width, ButtonKind::quiet, can_ask(studio))) {
    host::make_noise(d.seed + 1);
    ask(studio);
  }
  if (tasks.other_data)
    remark("The model that is open was trained on something else than such plates, at " +
           std::to_string(tasks.image_size) + " pixels: do not be surprised.");
}

}  // namespace florilegium
