// The training task: early and final weights by few and many steps, all from the same noise.
#include <algorithm>
#include <cmath>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/tasks_draw.h"
#include "src/studio/state/tasks_host.h"

namespace florilegium {
namespace {

constexpr int columns = 4;

std::string steps_name(int column) {
  const int steps = TrainingRow::steps[static_cast<std::size_t>(column)];
  return std::to_string(steps) + (steps == 1 ? " step" : " steps");
}

std::string thousands(double number) {
  std::string digits = task_number(number, 0);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string row_name(const TrainingRow& row, bool early) {
  return (early ? "Early weights" : "Final weights") +
         (row.samples > 0 ? ", after " + thousands(row.samples) + " pictures" : std::string());
}

std::string cost(const TrainingCell& cell) {
  if (cell.state == CellState::empty || cell.state == CellState::waiting) return "";
  return std::to_string(cell.runs) + (cell.runs == 1 ? " run, " : " runs, ") + task_seconds(cell.seconds);
}

void draw_enlarged(Studio& studio, Screen& screen, const TaskPlaces& places) {
  TrainingTask& training = studio.tasks.training;
  const Area& area = places.exhibits;
  const auto row = static_cast<std::size_t>(training.enlarged / columns),
             column = static_cast<std::size_t>(training.enlarged % columns);
  const TrainingCell& cell = training.rows[row].cells[column];
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled({area.x, area.y}, {area.x + area.width, area.y + area.height}, faded(palette().paper, 0.94f));
  const float side = std::floor(std::min(area.width - 60, area.height - 100));
  const ImVec2 place(area.x + (area.width - side) / 2, area.y + (area.height - side - 20) / 2);
  draw_card(
      list, screen, task_slot::cell + training.enlarged, cell.picture,
      {place, side, std::string(row == 0 ? "Early" : "Final") + " weights, " + steps_name(static_cast<int>(column)),
       cost(cell), "not there yet"},
      places.wide);
  ImGui::SetCursorScreenPos({area.x, area.y});
  const bool pressed = ImGui::InvisibleButton("away", {area.width, area.height});
  if (listed_press("Back to all plates") || pressed) training.enlarged = -1;
}

}  // namespace

void training_exhibits(Studio& studio, Screen& screen, const TaskPlaces& places) {
  Tasks& tasks = studio.tasks;
  TrainingTask& training = tasks.training;
  if (training.enlarged >= 0) return draw_enlarged(studio, screen, places);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& p = palette();
  const Area& area = places.exhibits;
  const bool wide = places.wide;
  const float margin = card_margin(wide), foot = card_foot(wide), gap = wide ? 18.0f : 5.0f, pad = wide ? 34.0f : 10.0f,
              head = wide ? 34.0f : 22.0f, below = wide ? 0.0f : 20.0f;
  const int rows = training.rows[0].file.empty() ? 1 : 2;
  const float side =
      std::floor(std::min((area.width - 2 * pad - 3 * gap - 8 * margin) / columns,
                          (area.height - 2 * pad) / static_cast<float>(rows) - head - margin - foot - below - gap));
  const float column_width = side + 2 * margin + gap, row_height = head + margin + side + foot + below + gap;
  const float left = std::floor(area.x + (area.width - columns * column_width + gap) / 2 + margin),
              top = std::floor(area.y + (area.height - static_cast<float>(rows) * row_height + gap) / 2);
  for (int r = 2 - rows; r < 2; ++r) {
    const TrainingRow& row = training.rows[static_cast<std::size_t>(r)];
    const float y = top + row_height * static_cast<float>(r - (2 - rows));
    {
      const UseFace face(Face::italic, wide ? 21.0f : 16.0f);
      draw_text(list, {left - margin, y}, 0, p.ink, row_name(row, r == 0));
    }
    for (int c = 0; c < columns; ++c) {
      const TrainingCell& cell = row.cells[static_cast<std::size_t>(c)];
      const int number = r * columns + c;
      const ImVec2 place(left + column_width * static_cast<float>(c), y + head + margin);
      const char* idle = row.file.empty() ? "not here" : "empty";
      const std::string what = cell.state == CellState::waiting ? "waiting" : idle;
      draw_card(list, screen, task_slot::cell + number, cell.picture,
                {place, side, steps_name(c), wide ? cost(cell) : "", what}, wide);
      if (cell.state == CellState::running) {
        const float done =
            static_cast<float>(cell.runs) / static_cast<float>(TrainingRow::steps[static_cast<std::size_t>(c)]);
        list.AddRectFilled({place.x, place.y + side - 3}, {place.x + side * done, place.y + side}, p.leaf);
      }
      if (!wide) {
        const UseFace face(Face::text, 12.5f);
        draw_text(list, {place.x + side / 2, place.y + side + foot + 2}, 0.5f, p.soft_ink, cost(cell));
      }
      ImGui::SetCursorScreenPos(place);
      ImGui::PushID(number);
      bool pressed = ImGui::InvisibleButton("cell", {side, side});
      pressed |= listed_press("Large: " + row_name(row, r == 0) + ", " + steps_name(c), cell.picture.version > 0);
      if (pressed && cell.picture.version > 0) training.enlarged = number;
      if (cell.picture.version > 0 && ImGui::IsItemHovered()) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        list.AddRect({place.x - 2, place.y - 2}, {place.x + side + 2, place.y + side + 2}, p.leaf, 2, 0, 2);
      }
      ImGui::PopID();
    }
  }
}

void training_words(Studio& studio, float width) {
  Tasks& tasks = studio.tasks;
  TrainingTask& training = tasks.training;
  task_words("Practice and patience",
             "All these plates begin as the very same noise. Along a row it is taken away in ever smaller steps: one "
             "step can only give the average, and each further look lets the "
             "network correct itself. Between the rows lies training, which no number of steps replaces: patience only "
             "helps those who know what they are looking for.");
  if (!training.missing.empty()) remark(training.missing);
  if (tasks.running) {
    if (button("Stop", width, ButtonKind::warning)) host::cancel_task();
  } else if (button("Fill the grid", width, ButtonKind::primary, can_ask(studio))) {
    host::ask_training(studio.settings.seed);
  }
  int runs = 0, all = 0, finished = 0;
  double seconds = 0;
  for (const TrainingRow& row : training.rows) {
    if (row.file.empty()) continue;
    for (std::size_t c = 0; c < columns; ++c) {
      all += TrainingRow::steps[c];
      runs += row.cells[c].runs;
      seconds += row.cells[c].seconds;
      finished += row.cells[c].state == CellState::finished ? 1 : 0;
    }
  }
  std::string line = "Seed " + std::to_string(tasks.running || finished > 0 ? training.seed : studio.settings.seed) +
                     ", " + std::to_string(all) + " runs of the network";
  if (tasks.running && runs > 0)
    line += ": " + std::to_string(all - runs) + " left, about " + task_seconds(seconds / runs * (all - runs));
  else if (finished > 0)
    line = "Seed " + std::to_string(training.seed) + ", " + std::to_string(runs) + " runs of the network in " +
           task_seconds(seconds);
  remark(line + ".");
  if (finished > 0) remark("Press a plate to see it large.");
}

}  // namespace florilegium
