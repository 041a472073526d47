// The tasks: three experiments with the denoiser that a visitor can make, and what they have found
// so far.
//
//   average what does the network answer when it sees nothing but noise? Four seeds, one answer
//   each, beside the data's true average
//   denoising a real plate under noise: input, prediction, truth, and the error over the noise
//   level
//   training   early and final weights by 1, 5, 20 and 100 steps, from the same noise
//
// Plain structs, and the events that change them; knows nothing of ImGui, OpenGL or the browser.
// Everything is at the open model's size.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/diffusion/history.h"
#include "src/image/picture.h"

namespace florilegium {

enum class Task { average, denoising, training };
inline constexpr std::array task_names = {"average", "denoising", "training"};  ///< for scripts

/// A picture on view. version: another number whenever the picture is another one, so that textures
/// can follow; 0 while there is none.
struct Exhibit {
  Picture picture{};
  int version = 0;
};

/// What four seeds see at noise levels 1, 0.75, 0.5 and 0.25 of a growth in four linear steps.
struct AverageTask {
  static constexpr int seeds = 4, levels = 4;
  std::uint64_t first_seed = 1;
  int level = 0;  ///< on view: level k is noise 1 - k / 4
  std::array<std::optional<History>, seeds> growths{};
  std::array<Exhibit, seeds> inputs{}, predictions{};  ///< at the level on view
  Exhibit truth{};                                     ///< the true average of the training data
  std::vector<float> truth_values{};
  std::array<float, levels> apart = {
      -1, -1, -1, -1};  ///< the answers, root mean square over values in [-1, 1]; negative while unknown
  std::array<float, levels> from_truth = apart;  ///< likewise, from the true average
  bool known(int at) const { return apart[static_cast<std::size_t>(at)] >= 0; }
};

struct HeldOutPlate {
  std::string title, credit;  ///< what it shows, where it was printed
  Picture picture{};
  Exhibit thumbnail{};
  std::array<float, 101>
      error{};  ///< mean squared error of the prediction by noise in per cent; negative while unknown
};

struct DenoisingTask {
  std::vector<HeldOutPlate> plates{};
  int plate = 0, percent = 60;  ///< on view
  std::uint64_t seed = 1;       ///< of the noise
  std::vector<float> noise{};   ///< scaled, as at 100 per cent; filled in parts
  std::size_t noise_filled = 0;
  std::vector<float> truth_values{};  ///< of the plate on view
  std::vector<Kept> prediction_values{};
  Exhibit input{}, prediction{}, truth{};
  int predicted_percent = -1;  ///< what the prediction on view was made of; -1: none
  float average_error = -1;    ///< of answering with the true average whatever the input; negative while unknown
};

enum class CellState { empty, waiting, running, finished };

struct TrainingCell {
  CellState state = CellState::empty;
  int runs = 0;
  double seconds = 0;
  std::vector<float> x{}, levels{};  ///< the growth so far
  Exhibit picture{};
};

/// One kind of weights: a row of the grid.
struct TrainingRow {
  std::string file;    ///< empty: not there
  double samples = 0;  ///< pictures seen in training; 0 while unknown
  static constexpr std::array<int, 4> steps = {1, 5, 20, 100};
  std::array<TrainingCell, 4> cells{};
};

struct TrainingTask {
  std::uint64_t seed = 1;
  std::array<TrainingRow, 2> rows{};  ///< early, final
  std::string missing{};              ///< a sentence when the early weights are not there
  int enlarged = -1;                  ///< row * 4 + column
};

struct Tasks {
  bool entered = false;  ///< the room is on view
  bool running = false;
  Task task = Task::average;
  int image_size = 0;          ///< of the open model, 0 while none is
  bool other_data = false;     ///< the plates here are not of the kind that the model was trained on
  std::string data_missing{};  ///< a sentence when the plates could not be loaded
  AverageTask average{};
  DenoisingTask denoising{};
  TrainingTask training{};
  int versions = 0;
};

// Events: what the host reports.
/// Another model is open: whatever the last one answered goes.
void tasks_model_opened(Tasks& tasks, int image_size);
void tasks_average_loaded(Tasks& tasks, const Picture& average);
void tasks_plate_loaded(Tasks& tasks, std::string title, std::string credit, Picture picture);
/// The next part of the scaled noise that lies over the plates.
void tasks_noise_made(Tasks& tasks, std::span<const float> part);

void average_task_begun(Tasks& tasks, std::uint64_t first_seed);
/// x: a seed's noise. Then each answer with average_task_answered().
void average_task_noise(Tasks& tasks, int seed, std::vector<float> x, std::vector<float> levels);
void average_task_answered(Tasks& tasks, int seed, std::span<const Kept> prediction);

void denoising_task_answered(Tasks& tasks, int plate, int percent, std::span<const Kept> prediction);

void training_task_begun(Tasks& tasks, std::uint64_t seed);
void training_cell_begun(Tasks& tasks, int row, int column, std::vector<float> x, std::vector<float> levels);
void training_cell_stepped(Tasks& tasks, int row, int column, std::span<const Kept> prediction, double milliseconds);
/// Nothing runs any more; cells that were not finished are empty again.
void tasks_ended(Tasks& tasks);

// Actions: what the visitor does.
void show_level(Tasks& tasks, int level);
void show_plate(Tasks& tasks, int plate);
void show_noise(Tasks& tasks, int percent);
void take_new_noise(Tasks& tasks, std::uint64_t seed);

/// The plate on view at the model's size, planar RGB.
std::span<const float> plate_values(const Tasks& tasks);

}  // namespace florilegium
