// One step of training, the heart of it all: mix pictures with noise, ask the network for the pictures, compare, and step.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "trainer/backend/backend.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/settings.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

struct StepResult {
  double loss = 0;
  double grey_loss = 0;              ///< what a network that answers plain grey would have got on the same examples
  double gradient_norm = 0;          ///< before clipping
  double learning_rate = 0;
  bool finite = true;                ///< false: the loss or a gradient is not a number, and no weight was changed
  std::vector<float> levels;         ///< noise level of each picture
  std::vector<float> squared_error;  ///< mean over each picture's pixels and colours
};

class TrainingStep {
 public:
  /// Compiles the step's graph. `settings` is read at each step, and must live as long.
  TrainingStep(Backend& backend, const TrainingSettings& settings);

  /// Step number `step`, counted from 1, on pictures [N, S, S, 3]. What it does is a function of the state, the pictures, the
  /// settings and the step's number. learning_rate_factor: on top of what the settings say.
  StepResult take(std::span<const float> pictures, std::int64_t step, double learning_rate_factor = 1);

  /// Holds weights, moving average and moments.
  Program& program() { return *program_; }
  /// Of the step: forward, loss and gradients.
  const Graph& graph() const { return graph_; }

 private:
  void mix(std::span<const float> pictures, std::int64_t step);

  const TrainingSettings& settings_;
  Graph graph_;
  Denoiser network_;
  Value target_, weight_;
  Loss loss_;
  std::unique_ptr<Program> program_;
  std::vector<float> noisy_, hints_, levels_, weights_, mean_squares_;
};

}  // namespace florilegium
