#include "src/studio/state/tasks.h"

#include <algorithm>
#include <cmath>

#include "src/image/resize.h"

namespace florilegium {
namespace {

constexpr int small_side = 96;

void exhibit(Tasks& tasks, Exhibit& place, Picture picture) {
  place.picture = std::move(picture);
  place.version = ++tasks.versions;
}

void exhibit(Tasks& tasks, Exhibit& place, std::span<const float> values) {
  exhibit(tasks, place, picture_from_planes(values, tasks.image_size, tasks.image_size));
}

void exhibit(Tasks& tasks, Exhibit& place, std::span<const Kept> kept) {
  std::vector<float> values(kept.size());
  std::transform(kept.begin(), kept.end(), values.begin(), unkept);
  exhibit(tasks, place, values);
}

std::vector<float> at_model_size(const Tasks& tasks, const Picture& picture) {
  return planes_from_picture(resized(picture, tasks.image_size, tasks.image_size));
}

/// Mean squared difference of two lists of values, given by position.
template <class First, class Second>
double mean_squared(std::size_t count, First&& first, Second&& second) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float difference = first(i) - second(i);
    sum += static_cast<double>(difference * difference);
  }
  return sum / static_cast<double>(count);
}

auto values_of(std::span<const Kept> kept) {
  return [kept](std::size_t i) { return unkept(kept[i]); };
}
auto values_of(std::span<const float> values) {
  return [values](std::size_t i) { return values[i]; };
}

/// How far apart the four answers at a level are, and how far from the truth, once all four are
/// there.
void measure(AverageTask& average, int level) {
  const auto at = static_cast<std::size_t>(level);
  average.apart[at] = average.from_truth[at] = -1;
  std::array<std::span<const Kept>, AverageTask::seeds> answers;
  for (std::size_t s = 0; s < answers.size(); ++s) {
    if (!average.growths[s] || average.growths[s]->last_step() <= level) return;
    answers[s] = average.growths[s]->prediction(level);
  }
  const std::size_t count = answers[0].size();
  double sum = 0;
  int pairs = 0;
  for (std::size_t a = 0; a < answers.size(); ++a)
    for (std::size_t b = a + 1; b < answers.size(); ++b, ++pairs)
      sum += mean_squared(count, values_of(answers[a]), values_of(answers[b]));
  average.apart[at] = static_cast<float>(std::sqrt(sum / pairs));
  if (average.truth_values.size() != count) return;
  sum = 0;
  for (const auto& answer : answers)
    sum += mean_squared(count, values_of(answer), values_of(std::span<const float>(average.truth_values)));
  average.from_truth[at] = static_cast<float>(std::sqrt(sum / AverageTask::seeds));
}

void exhibit_average(Tasks& tasks, std::size_t seed) {
  AverageTask& average = tasks.average;
  average.inputs[seed] = average.predictions[seed] = {};
  const auto& growth = average.growths[seed];
  if (!growth || growth->last_step() < average.level) return;
  exhibit(tasks, average.inputs[seed], growth->working(average.level));
  if (growth->last_step() > average.level) exhibit(tasks, average.predictions[seed], growth->prediction(average.level));
}

void forget_answers(AverageTask& average) {
  average.growths = {};
  average.inputs = {};
  average.predictions = {};
  average.apart.fill(-1);
  average.from_truth.fill(-1);
}

void exhibit_input(Tasks& tasks) {
  DenoisingTask& d = tasks.denoising;
  if (d.truth_values.empty() || d.noise_filled != d.truth_values.size()) return;
  const float level = static_cast<float>(d.percent) / 100.0f;
  std::vector<float> x(d.truth_values.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (1.0f - level) * d.truth_values[i] + level * d.noise[i];
  exhibit(tasks, d.input, x);
}

void forget_prediction(DenoisingTask& d) {
  d.prediction = {};
  d.prediction_values.clear();
  d.predicted_percent = -1;
}

void exhibit_plate(Tasks& tasks) {
  DenoisingTask& d = tasks.denoising;
  forget_prediction(d);
  d.average_error = -1;
  if (tasks.image_size == 0 || d.plate >= static_cast<int>(d.plates.size())) return;
  d.truth_values = at_model_size(tasks, d.plates[static_cast<std::size_t>(d.plate)].picture);
  exhibit(tasks, d.truth, d.truth_values);
  if (tasks.average.truth_values.size() == d.truth_values.size())
    d.average_error =
        static_cast<float>(mean_squared(d.truth_values.size(), values_of(std::span<const float>(d.truth_values)),
                                        values_of(std::span<const float>(tasks.average.truth_values))));
  exhibit_input(tasks);
}

void forget_errors(DenoisingTask& d) {
  for (HeldOutPlate& plate : d.plates) {
    plate.error.fill(-1);
    plate.error[0] = 0;  // without noise there is nothing to take away
  }
}

TrainingCell& cell(Tasks& tasks, int row, int column) {
  return tasks.training.rows.at(static_cast<std::size_t>(row)).cells.at(static_cast<std::size_t>(column));
}

}  // namespace

void tasks_model_opened(Tasks& tasks, int image_size) {
  const int level = tasks.average.level, percent = tasks.denoising.percent, versions = tasks.versions;
  const Task task = tasks.task;
  const bool entered = tasks.entered;
  tasks = {};
  tasks.entered = entered;
  tasks.task = task;
  tasks.image_size = image_size;
  tasks.versions = versions;
  tasks.average.level = level;
  tasks.denoising.percent = percent;
  forget_answers(tasks.average);
}

void tasks_average_loaded(Tasks& tasks, const Picture& average) {
  tasks.average.truth_values = at_model_size(tasks, average);
  exhibit(tasks, tasks.average.truth, tasks.average.truth_values);
  for (int level = 0; level < AverageTask::levels; ++level) measure(tasks.average, level);
}

void tasks_plate_loaded(Tasks& tasks, std::string title, std::string credit, Picture picture) {
  DenoisingTask& d = tasks.denoising;
  HeldOutPlate& plate = d.plates.emplace_back(
      HeldOutPlate{.title = std::move(title), .credit = std::move(credit), .picture = std::move(picture)});
  exhibit(tasks, plate.thumbnail, fitted(plate.picture, small_side));
  plate.error.fill(-1);
  plate.error[0] = 0;
  if (d.plate == static_cast<int>(d.plates.size()) - 1) exhibit_plate(tasks);
}

void tasks_noise_made(Tasks& tasks, std::span<const float> part) {
  DenoisingTask& d = tasks.denoising;
  d.noise.resize(3 * static_cast<std::size_t>(tasks.image_size) * static_cast<std::size_t>(tasks.image_size));
  const std::size_t count = std::min(d.noise.size() - d.noise_filled, part.size());
  std::copy_n(part.begin(), count, d.noise.begin() + static_cast<std::ptrdiff_t>(d.noise_filled));
  d.noise_filled += count;
  if (d.noise_filled == d.noise.size()) exhibit_input(tasks);
}

void average_task_begun(Tasks& tasks, std::uint64_t first_seed) {
  tasks.running = true;
  if (tasks.average.first_seed != first_seed) forget_answers(tasks.average);
  tasks.average.first_seed = first_seed;
}

void average_task_noise(Tasks& tasks, int seed, std::vector<float> x, std::vector<float> levels) {
  const auto at = static_cast<std::size_t>(seed);
  tasks.average.growths.at(at).emplace(std::move(x), std::move(levels));
  exhibit_average(tasks, at);
}

void average_task_answered(Tasks& tasks, int seed, std::span<const Kept> prediction) {
  const auto at = static_cast<std::size_t>(seed);
  auto& growth = tasks.average.growths.at(at);
  if (!growth) return;
  growth->push(prediction);
  measure(tasks.average, growth->last_step() - 1);
  exhibit_average(tasks, at);
}

void denoising_task_answered(Tasks& tasks, int plate, int percent, std::span<const Kept> prediction) {
  DenoisingTask& d = tasks.denoising;
  if (plate != d.plate || prediction.size() != d.truth_values.size()) return;
  d.prediction_values.assign(prediction.begin(), prediction.end());
  d.predicted_percent = percent;
  exhibit(tasks, d.prediction, prediction);
  d.plates.at(static_cast<std::size_t>(plate)).error.at(static_cast<std::size_t>(percent)) = static_cast<float>(
      mean_squared(prediction.size(), values_of(prediction), values_of(std::span<const float>(d.truth_values))));
}

void training_task_begun(Tasks& tasks, std::uint64_t seed) {
  tasks.running = true;
  tasks.training.seed = seed;
  tasks.training.enlarged = -1;
  for (TrainingRow& row : tasks.training.rows) {
    row.cells = {};
    if (!row.file.empty())
      for (TrainingCell& one : row.cells) one.state = CellState::waiting;
  }
}

void training_cell_begun(Tasks& tasks, int row, int column, std::vector<float> x, std::vector<float> levels) {
  TrainingCell& one = cell(tasks, row, column);
  one = {.state = CellState::running, .x = std::move(x), .levels = std::move(levels)};
  exhibit(tasks, one.picture, one.x);
}

void training_cell_stepped(Tasks& tasks, int row, int column, std::span<const Kept> prediction, double milliseconds) {
  TrainingCell& one = cell(tasks, row, column);
  const auto step = static_cast<std::size_t>(one.runs);
  if (one.state != CellState::running || step + 1 >= one.levels.size() || prediction.size() != one.x.size()) return;
  blend(one.x, prediction, one.levels[step + 1] / one.levels[step]);
  ++one.runs;
  one.seconds += milliseconds / 1000;
  exhibit(tasks, one.picture, one.x);
  if (step + 2 == one.levels.size()) {
    one.state = CellState::finished;
    one.x.clear();
  }
}

void tasks_ended(Tasks& tasks) {
  tasks.running = false;
  for (TrainingRow& row : tasks.training.rows)
    for (TrainingCell& one : row.cells)
      if (one.state != CellState::finished) one = {};
}

void show_level(Tasks& tasks, int level) {
  tasks.average.level = level;
  for (std::size_t seed = 0; seed < AverageTask::seeds; ++seed) exhibit_average(tasks, seed);
}

void show_plate(Tasks& tasks, int plate) {
  tasks.denoising.plate = plate;
  exhibit_plate(tasks);
}

void show_noise(Tasks& tasks, int percent) {
  DenoisingTask& d = tasks.denoising;
  d.percent = percent;
  exhibit_input(tasks);
  if (percent == 0 && !d.truth_values.empty()) {  // nothing to ask: the plate itself is the answer
    d.prediction = d.truth;
    d.prediction_values.resize(d.truth_values.size());
    std::transform(d.truth_values.begin(), d.truth_values.end(), d.prediction_values.begin(), keep);
    d.predicted_percent = 0;
  }
}

void take_new_noise(Tasks& tasks, std::uint64_t seed) {
  DenoisingTask& d = tasks.denoising;
  d.seed = seed;
  d.noise_filled = 0;
  forget_prediction(d);
  forget_errors(d);
}

std::span<const float> plate_values(const Tasks& tasks) { return tasks.denoising.truth_values; }

}  // namespace florilegium
