#include "trainer/learn/training_step.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "trainer/learn/hints.h"
#include "trainer/network/discriminator.h"

namespace florilegium {
namespace {

/// Of the discriminator's errors in what its parameters minimise: so little that the clipping of
/// all gradients together is decided by the denoiser's. AdamW does not mind the scale.
constexpr double discriminator_weight = 0.1;

constexpr int averaged_block = 16;  // settings.average_weight

}  // namespace

TrainingStep::TrainingStep(Backend& backend, const TrainingSettings& settings, Ranks& ranks)
    : settings_(settings), ranks_(ranks) {
  if (settings.batch % ranks.count() != 0) {
    throw std::invalid_argument("A step of " + std::to_string(settings.batch) +
                                " pictures cannot be shared out evenly to " + std::to_string(ranks.count()) +
                                " processes.");
  }
  const int batch = share();
  network_ = build_denoiser(graph_, settings.network, batch, settings.compute);
  target_ = graph_.input("target", graph_.shape(network_.denoised));
  weight_ = graph_.input("weight", {batch});
  const Value seed = graph_.input("seed", {1});
  loss_ = weighted_squared_error(graph_, network_.denoised, target_, weight_);
  Value minimised = loss_.loss;
  if (settings.fine_weight > 0) {
    fine_weight_ = graph_.input("fine_weight", {batch});
    const Value drawn = neighbour_differences(graph_, network_.denoised),
                wanted = neighbour_differences(graph_, target_);
    minimised = add(graph_, minimised, weighted_squared_error(graph_, drawn, wanted, fine_weight_).loss);
  }
  if (settings.average_weight > 0) {
    average_weight_ = graph_.input("average_weight", {batch});
    const Value drawn = averages(network_.denoised), wanted = averages(target_);
    minimised = add(graph_, minimised, weighted_squared_error(graph_, drawn, wanted, average_weight_).loss);
  }
  const auto parameters = graph_.parameters();
  denoiser_parameters_ = graph_.parameter_elements();
  const auto gradients = settings.adversarial_weight > 0 ? add_discriminator(minimised, seed, parameters)
                                                         : graph_.differentiate(minimised, seed, parameters);
  std::vector<Value> keep{loss_.loss, loss_.squared_error};
  keep.insert(keep.end(), discriminator_losses_.begin(), discriminator_losses_.end());
  std::vector<Value> needed = gradients;
  needed.insert(needed.end(), keep.begin(), keep.end());
  graph_.keep_only_nodes_for(needed);
  program_ = backend.compile(graph_, keep, gradients);
  // The ranks' gradients add up to those of their mean loss.
  constants_.push_back({seed, 1.0f / static_cast<float>(ranks_.count())});
  for (const Constant& constant : constants_) {
    const auto size = static_cast<std::size_t>(elements(graph_.shape(constant.input)));
    program_->write(constant.input, std::vector<float>(size, constant.number));
  }

  if (averaging_) {
    std::vector<float> weights(static_cast<std::size_t>(elements(graph_.shape(averaging_))));
    constexpr std::size_t values = averaged_block * averaged_block * 3;
    for (std::size_t i = 0; i < values; ++i) weights[i % 3 * values + i] = 3.0f / values;
    program_->write(averaging_, weights);
    program_->write(no_bias_, std::vector<float>(3));
  }

  const auto count = static_cast<std::size_t>(batch);
  noisy_.resize(static_cast<std::size_t>(elements(graph_.shape(network_.x))));
  if (network_.hint) hints_.resize(static_cast<std::size_t>(elements(graph_.shape(network_.hint))));
  weights_.resize(count);
  mean_squares_.resize(count);
}

/// picture [N, S, S, 3] -> [N, S/16, S/16, 3]: a linear layer over blocks whose weights are given.
Value TrainingStep::averages(Value picture) {
  if (graph_.shape(picture)[1] % averaged_block != 0)
    throw std::invalid_argument("Averages over blocks of " + std::to_string(averaged_block) +
                                " pixels do not fit into pictures of " + std::to_string(graph_.shape(picture)[1]) +
                                "; leave their weight away.");
  if (!averaging_) {
    averaging_ = graph_.input("averaging", {3, averaged_block * averaged_block * 3});
    no_bias_ = graph_.input("no_bias", {3});
  }
  return linear(graph_, space_to_depth(graph_, picture, averaged_block), averaging_, no_bias_);
}

/// A second network, the discriminator, and two games at once in the same graph: its own parameters
/// follow the gradients of its errors, the denoiser's those of what is minimised and of not being
/// recognised. Returns the gradients of all, the denoiser's `parameters` first.
std::vector<Value> TrainingStep::add_discriminator(Value minimised, Value seed, std::span<const Value> parameters) {
  const auto error = [&](Value scores, float wanted, double weight) {
    const Value target = graph_.input("wanted", graph_.shape(scores)),
                weights = graph_.input("score_weight", {graph_.shape(scores)[0]});
    constants_.push_back({target, wanted});
    score_weights_.push_back({weights, static_cast<float>(weight)});
    return weighted_squared_error(graph_, scores, target, weights);
  };
  Discriminator discriminator(graph_, network_.x, network_.noise_level, settings_.compute);
  const auto of_real = discriminator.scores(target_), of_predicted = discriminator.scores(network_.denoised);
  Value told{};
  for (std::size_t grid = 0; grid < of_real.size(); ++grid) {
    const double share = discriminator_weight / static_cast<double>(2 * of_real.size());
    minimised =
        add(graph_, minimised,
            error(of_predicted[grid], 1, settings_.adversarial_weight / static_cast<double>(of_real.size())).loss);
    for (const auto& [scores, wanted] : {std::pair(of_real[grid], 1.0f), std::pair(of_predicted[grid], 0.0f)}) {
      discriminator_losses_.push_back(error(scores, wanted, share).loss);
      told = told ? add(graph_, told, discriminator_losses_.back()) : discriminator_losses_.back();
    }
  }
  auto gradients = graph_.differentiate(minimised, seed, parameters);
  const auto others = graph_.differentiate(told, seed, discriminator.parameters());
  gradients.insert(gradients.end(), others.begin(), others.end());
  return gradients;
}

StepResult TrainingStep::take(std::span<const float> pictures, std::int64_t step, double learning_rate_factor,
                              std::span<const ViewKind> kinds) {
  mix(pictures, step);
  program_->write(network_.x, noisy_);
  program_->write(network_.noise_level,
                  std::span(levels_).subspan(static_cast<std::size_t>(first_picture()), weights_.size()));
  if (network_.hint) program_->write(network_.hint, hints_);
  if (network_.view) {
    std::vector<float> view(weights_.size(), 1.0f);
    for (std::size_t i = 0; i < kinds.size(); ++i) view[i] = kinds[i] == ViewKind::whole ? 1.0f : 0.0f;
    program_->write(network_.view, view);
  }
  program_->write(target_, pictures);
  program_->write(weight_, weights_);
  const auto write_weights = [&](Value input, double factor) {
    if (!input) return;
    std::vector<float> weights = weights_;
    for (float& weight : weights) weight *= static_cast<float>(factor);
    program_->write(input, weights);
  };
  write_weights(fine_weight_, settings_.fine_weight);
  write_weights(average_weight_, settings_.average_weight);
  write_score_weights();
  // Asks the network, compares its answer with the pictures, and finds which way each weight should
  // go; with several ranks, the gradients that are done are exchanged while the others are
  // computed.
  if (ranks_.count() == 1) program_->run();
  else
    program_->run_with(
        {[this](std::span<float> gradients) { ranks_.begin_sum(gradients); }, [this] { ranks_.go_on(); }});
  ranks_.finish_sums();

  StepResult result = result_of_all();
  OptimiserStep optimiser = settings_.optimiser;
  optimiser.step = step;
  optimiser.learning_rate = learning_rate_factor * learning_rate(settings_, step);
  optimiser.ema_decay =
      std::min(settings_.optimiser.ema_decay, static_cast<double>(1 + step) / static_cast<double>(10 + step));
  result.learning_rate = optimiser.learning_rate;
  result.finite = std::isfinite(result.loss);
  if (result.finite) {
    result.gradient_norm = program_->optimise(optimiser);
    result.finite = std::isfinite(result.gradient_norm);
  }
  return result;
}

/// The discriminator's errors count where it is asked, and there so much the more that their mean
/// over the whole batch is that over the pictures about which it is.
void TrainingStep::write_score_weights() {
  if (score_weights_.empty()) return;
  const auto asked = [&](float level) { return static_cast<double>(level) <= settings_.adversarial_highest; };
  const auto count = static_cast<float>(std::count_if(levels_.begin(), levels_.end(), asked));
  std::vector<float> weights(weights_.size());
  for (const Constant& one : score_weights_) {
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = asked(levels_[static_cast<std::size_t>(first_picture()) + i])
                       ? one.number * (static_cast<float>(levels_.size()) / count)
                       : 0;
    program_->write(one.input, weights);
  }
}

StepResult TrainingStep::result_of_all() const {
  const auto own = program_->read(loss_.squared_error);
  const auto share = static_cast<double>(ranks_.count());
  // Loss, grey loss, discriminator's, squared errors; each rank gives its part of the sums.
  std::vector<double> numbers(3 + levels_.size());
  numbers[0] = static_cast<double>(program_->read(loss_.loss)[0]) / share;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    numbers[1] += static_cast<double>(weights_[i] * mean_squares_[i]) / static_cast<double>(levels_.size());
    numbers[3 + static_cast<std::size_t>(first_picture()) + i] = static_cast<double>(own[i]);
  }
  for (const Value value : discriminator_losses_) numbers[2] += static_cast<double>(program_->read(value)[0]) / share;
  ranks_.sum(numbers);
  StepResult result;
  result.discriminator_loss = numbers[2] / discriminator_weight;
  result.loss = numbers[0];
  result.grey_loss = numbers[1];
  result.levels = levels_;
  for (std::size_t i = 0; i < levels_.size(); ++i) result.squared_error.push_back(static_cast<float>(numbers[3 + i]));
  return result;
}

/// noisy = (1 - level) * picture + level * noise, with a level, a hint and a weight for each
/// picture.
void TrainingStep::mix(std::span<const float> pictures, std::int64_t step) {
  const std::size_t batch = weights_.size(), picture_floats = pictures.size() / batch,
                    hint_floats = hints_.size() / batch;
  const auto steps_before = static_cast<std::uint64_t>(step - 1);
  levels_ = training_levels(settings_.levels, settings_.seed, steps_before, settings_.batch);
  const auto first = static_cast<std::size_t>(first_picture());
#pragma omp parallel for schedule(static)
  for (std::size_t i = 0; i < batch; ++i) {
    const std::uint64_t index = steps_before * levels_.size() + first + i;
    const float level = levels_[first + i];
    const std::span<const float> picture = pictures.subspan(i * picture_floats, picture_floats);
    add_training_noise(picture, level, settings_.noise, static_cast<float>(settings_.noise_scale), settings_.seed,
                       index, {&noisy_[i * picture_floats], picture_floats});
    if (!hints_.empty()) {
      draw_training_hint(picture, settings_.network.image_size, settings_.network.hint_cell, settings_.seed, index,
                         {&hints_[i * hint_floats], hint_floats});
    }
    weights_[i] = loss_weight(level);
    float sum = 0;
    for (const float value : picture) sum += value * value;
    mean_squares_[i] = sum / static_cast<float>(picture_floats);
  }
}

}  // namespace florilegium
