// One step of training, the heart of it all: mix pictures with noise, ask the network for the
// pictures, compare, and step.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "trainer/backend/backend.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/ranks.h"
#include "trainer/learn/settings.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

struct StepResult {
  double loss = 0;
  double grey_loss = 0;      ///< what a network that answers plain grey would have got on the same examples
  double gradient_norm = 0;  ///< before clipping
  /// Mean squared error of the discriminator's scores of real and predicted pictures: 0.25 when it
  /// cannot tell them. 0 without one.
  double discriminator_loss = 0;
  double learning_rate = 0;
  bool finite = true;                ///< false: the loss or a gradient is not a number, and no weight was changed
  std::vector<float> levels;         ///< noise level of each picture
  std::vector<float> squared_error;  ///< mean over each picture's pixels and colours
};

class TrainingStep {
 public:
  /// Compiles the step's graph for this rank's share of the batch. `settings` is read at each step,
  /// and must live as long, as must `ranks`. Throws std::invalid_argument when the batch does not
  /// divide into the ranks.
  TrainingStep(Backend& backend, const TrainingSettings& settings, Ranks& ranks = no_other_ranks());

  /// This rank's share of a batch: so many pictures, from number first_picture() of the batch on.
  int share() const { return settings_.batch / ranks_.count(); }
  int first_picture() const { return ranks_.rank() * share(); }

  /// Step number `step`, counted from 1, on this rank's share of the pictures, [N, S, S, 3]. The
  /// result is that of all ranks together. What it does is a function of the state, the pictures,
  /// the settings and the step's number. kinds: [N], for networks that are told; empty: all whole.
  /// learning_rate_factor: on top of what the settings say.
  StepResult take(std::span<const float> pictures, std::int64_t step, double learning_rate_factor = 1,
                  std::span<const ViewKind> kinds = {});

  /// Holds weights, moving average and moments.
  Program& program() { return *program_; }
  const Program& program() const { return *program_; }
  /// Of the step: forward, loss and gradients.
  const Graph& graph() const { return graph_; }
  /// How many of the program's parameters, the first ones, are the denoiser's; the others are the
  /// discriminator's.
  std::int64_t denoiser_parameters() const { return denoiser_parameters_; }

 private:
  std::vector<Value> add_discriminator(Value minimised, Value seed, std::span<const Value> parameters);
  Value averages(Value picture);
  void mix(std::span<const float> pictures, std::int64_t step);
  void write_score_weights();

  StepResult result_of_all() const;

  const TrainingSettings& settings_;
  Ranks& ranks_;
  Graph graph_;
  Denoiser network_;
  Value target_, weight_;
  Loss loss_;
  Value fine_weight_{}, average_weight_{};  // inputs [N], absent where the settings have none
  struct Constant {
    Value input;
    float number = 0;
  };
  std::vector<Constant> constants_;          // inputs that are written once
  Value averaging_{}, no_bias_{};            // inputs, of the layer that takes averages
  std::vector<Constant> score_weights_;      // inputs [N]: of each error of scores, where the discriminator is asked
  std::vector<Value> discriminator_losses_;  // of one element each, whose mean is to be told
  std::int64_t denoiser_parameters_ = 0;
  std::unique_ptr<Program> program_;
  std::vector<float> noisy_, hints_, weights_, mean_squares_;
  std::vector<float> levels_;  // of all ranks
};

}  // namespace florilegium
