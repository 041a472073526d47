// The task of the specific picture: four seeds at one noise level, beside the true average of the
// training data.
#include <algorithm>
#include <array>
#include <cmath>

#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/tasks_draw.h"
#include "src/studio/state/tasks_host.h"

namespace florilegium {
namespace {

std::string level_name(int level) { return std::to_string(100 - 25 * level) + " %"; }

/// How far apart the answers are at each level, as bars that can be pressed.
void draw_bars(Tasks& tasks, ImVec2 min, float width, float height) {
  const Palette& p = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  AverageTask& average = tasks.average;
  const float most = std::max(0.1f, *std::max_element(average.apart.begin(), average.apart.end()));
  const bool small = width < 200;
  const UseFace face(Face::text, small ? 14.0f : 17.0f);
  const float label = small ? 38.0f : 56.0f, number = small ? 36.0f : 52.0f, each = height / AverageTask::levels;
  for (int level = 0; level < AverageTask::levels; ++level) {
    const float y = min.y + each * static_cast<float>(level), middle = y + each / 2;
    ImGui::SetCursorScreenPos({min.x, y});
    ImGui::PushID(level);
    if (ImGui::InvisibleButton("bar", {width, each})) show_level(tasks, level);
    if (ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    ImGui::PopID();
    const bool here = level == average.level;
    const float text_y = middle - ImGui::GetFontSize() / 2 - 1, from = min.x + label, free = width - label - number;
    draw_text(list, {min.x, text_y}, 0, here ? p.ink : p.soft_ink, level_name(level));
    list.AddRectFilled({from, middle - 4}, {from + free, middle + 4}, faded(p.rule, 0.5f), 4);
    if (!average.known(level)) continue;
    const float apart = average.apart[static_cast<std::size_t>(level)];
    list.AddRectFilled({from, middle - 4}, {from + std::max(4.0f, free * apart / most), middle + 4},
                       here ? p.leaf : faded(p.leaf, 0.55f), 4);
    draw_text(list, {min.x + width, text_y}, 1, here ? p.ink : p.soft_ink, task_number(static_cast<double>(apart), 3));
  }
}

/// How often the network must still be asked for the level on view.
int looks_left(const AverageTask& average) {
  int looks = 0;
  for (const auto& growth : average.growths)
    looks += std::max(0, average.level + 1 - (growth ? growth->last_step() : 0));
  return looks;
}

}  // namespace

void average_exhibits(Studio& studio, Screen& screen, const TaskPlaces& places) {
  Tasks& tasks = studio.tasks;
  AverageTask& average = tasks.average;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Area& area = places.exhibits;
  const bool wide = places.wide;
  const float margin = card_margin(wide), foot = card_foot(wide), gap = wide ? 22.0f : 5.0f, pad = wide ? 34.0f : 10.0f;
  const float side = std::floor(std::min((area.width - 2 * pad - 2 * gap - 6 * margin) / 3,
                                         (area.height - 2 * pad - gap - 2 * (margin + foot)) / 2));
  const float column = side + 2 * margin + gap, row = side + margin + foot + gap;
  const ImVec2 first(std::floor(area.x + (area.width - 3 * column + gap) / 2 + margin),
                     std::floor(area.y + (area.height - 2 * row + gap) / 2 + margin));
  for (int s = 0; s < AverageTask::seeds; ++s) {
    const auto at = static_cast<std::size_t>(s);
    const ImVec2 place(first.x + column * static_cast<float>(s % 2), first.y + row * static_cast<float>(s / 2));
    const Exhibit& input = average.inputs[at];
    draw_card(list, screen, task_slot::average_prediction + s, average.predictions[at],
              {place, side, "Seed " + std::to_string(average.first_seed + at), "",
               tasks.running ? "asking" : "not asked yet"},
              wide);
    if (input.version == 0) continue;
    const float inset = std::floor(side * 0.27f), edge = wide ? 3.0f : 2.0f;  // the noise that this is the answer to
    const ImVec2 corner(place.x + side - inset, place.y + side - inset);
    list.AddRectFilled({corner.x - edge, corner.y - edge}, {place.x + side, place.y + side}, palette().card);
    list.AddImage(task_texture(screen, task_slot::average_input + s, input), corner,
                  {corner.x + inset, corner.y + inset});
  }
  const ImVec2 third(first.x + 2 * column, first.y);
  draw_card(list, screen, task_slot::average_truth, average.truth,
            {third, side, "True average", wide ? "of the training data" : "",
             tasks.other_data || !tasks.data_missing.empty() ? "not known" : "loading"},
            wide);
  const float bars_y = third.y + row - margin;
  {
    const UseFace face(Face::italic, wide ? 19.0f : 14.5f);
    draw_text(list, {third.x, bars_y}, 0, palette().ink, wide ? "Distance between the answers" : "Distance");
    if (wide) draw_text(list, {third.x, bars_y + 24}, 0, palette().soft_ink, "by noise level");
  }
  draw_bars(tasks, {third.x, bars_y + (wide ? 56.0f : 22.0f)}, side, std::min(side - 10, wide ? 190.0f : 112.0f));
}

void average_words(Studio& studio, float width) {
  Tasks& tasks = studio.tasks;
  AverageTask& average = tasks.average;
  task_words("Many seeds, one answer",
             "Out of nothing but noise the network cannot tell which plate is wanted. The answer that is least wrong "
             "for all of them is their average, and that is what it "
             "gives, whatever the seed. Take a quarter of the noise away, then half, and watch the four begin to "
             "disagree: each has made up its mind about something else.");
  heading("NOISE LEVEL");
  static constexpr std::array<const char*, AverageTask::levels> names = {"100 %", "75 %", "50 %", "25 %"};
  int level = average.level;
  if (choice("level", names, level, width)) show_level(tasks, level);
  ImGui::Dummy({1, 2});
  const int left = looks_left(average);
  if (tasks.running) {
    if (button("Stop", width, ButtonKind::warning)) host::cancel_task();
    remark("Asking the network: " + std::to_string(left) + (left == 1 ? " look left" : " looks left"));
  } else if (left > 0) {
    if (button("Ask the network", width, ButtonKind::primary, can_ask(studio)))
      host::ask_average(average.first_seed, average.level);
    remark(std::to_string(left) + " looks at four seeds' noise");
  } else if (button("Ask four other seeds", width, ButtonKind::quiet, can_ask(studio))) {
    host::ask_average(average.first_seed + AverageTask::seeds, average.level);
  }
  if (average.known(average.level)) {
    const auto at = static_cast<std::size_t>(average.level);
    std::string line = "At " + level_name(average.level) + " noise the four answers lie " +
                       task_number(static_cast<double>(average.apart[at]), 3) + " apart";
    if (average.from_truth[at] >= 0)
      line += ", and " + task_number(static_cast<double>(average.from_truth[at]), 3) + " from the true average";
    remark(line + " (root mean square, of values from -1 to 1).");
  }
  if (tasks.other_data) remark("The true average of what this model was trained on did not come with the page.");
  else if (!tasks.data_missing.empty()) remark(tasks.data_missing);
}

}  // namespace florilegium
