#include "trainer/experiments/small_training.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "trainer/data/garden.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/noising.h"

namespace florilegium {
namespace {

constexpr std::size_t kept_pictures = 16384;
constexpr std::uint64_t garden_seed = 3, noise_seed = 0x70616972;  // "pair"

}  // namespace

SmallTraining::SmallTraining(Backend& backend, int side, std::int64_t steps, std::uint64_t seed)
    : backend_(backend), config_(network_config("garden", side)), steps_(steps) {
  network_ = build_denoiser(graph_, config_, batch, backend.preferred_type());
  target_ = graph_.input("target", graph_.shape(network_.denoised));
  weight_ = graph_.input("weight", {batch});
  const Value seed_value = graph_.input("seed", {1});
  const Loss loss = weighted_squared_error(graph_, network_.denoised, target_, weight_);
  squared_error_ = loss.squared_error;
  const auto initial = initial_parameters(graph_, seed);
  const auto parameters = graph_.parameters();
  const auto gradients = graph_.differentiate(loss.loss, seed_value, parameters);
  const Value keep[] = {squared_error_};
  program_ = backend.compile(graph_, keep, gradients);
  program_->write(seed_value, std::vector<float>{1.0f});
  program_->write_state(State::parameters, initial);
  program_->write_state(State::ema, initial);
}

std::size_t SmallTraining::floats() const {
  return static_cast<std::size_t>(side()) * static_cast<std::size_t>(side()) * 3;
}

std::vector<float> SmallTraining::step(const std::function<void(std::uint64_t, SmallExample&)>& make) {
  std::vector<float> shown(batch * floats()), wanted(shown.size()), levels(batch), weights(batch);
  const auto first = static_cast<std::uint64_t>(done_) * batch;
#pragma omp parallel for schedule(static)
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i) {
    SmallExample example{{&shown[i * floats()], floats()}, {&wanted[i * floats()], floats()}};
    make(first + i, example);
    levels[i] = example.level;
    weights[i] = example.weight;
  }
  program_->write(network_.x, shown);
  program_->write(network_.noise_level, levels);
  program_->write(target_, wanted);
  program_->write(weight_, weights);
  program_->run();
  OptimiserStep optimiser;
  optimiser.step = ++done_;
  const double now = static_cast<double>(done_), left = static_cast<double>(steps_ - done_ + 1);
  optimiser.learning_rate = 1e-3 * std::min({1.0, now / 100, left / (0.3 * static_cast<double>(steps_))});
  optimiser.ema_decay = std::min(0.995, (1 + now) / (10 + now));
  program_->optimise(optimiser);
  return program_->read(squared_error_);
}

ForwardModel& SmallTraining::model() {
  if (!model_) model_.emplace(backend_, config_, batch, backend_.preferred_type());
  if (modelled_ != done_) model_->set_parameters(program_->read_state(State::ema));
  modelled_ = done_;
  return *model_;
}

std::vector<std::vector<float>> SmallTraining::answers(std::span<const std::vector<float>> pictures, float level) {
  std::vector<std::vector<float>> all;
  const std::vector<float> levels(batch, level);
  for (std::size_t first = 0; first < pictures.size(); first += batch) {
    std::vector<float> x(batch * floats());
    const std::size_t count = std::min<std::size_t>(batch, pictures.size() - first);
    for (std::size_t i = 0; i < count; ++i)
      std::copy(pictures[first + i].begin(), pictures[first + i].end(), &x[i * floats()]);
    const auto answer = model().denoise(x, levels);
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(&answer[i * floats()], &answer[i * floats()] + floats());
  }
  return all;
}

void DenoisingTask::operator()(std::uint64_t index, SmallExample& example) const {
  picture(index, example.wanted);
  if (even) {
    example.level = static_cast<float>(1 - uniform_number(seed, 11, index));
  } else {
    constexpr auto batch = static_cast<std::uint64_t>(SmallTraining::batch);
    const auto levels = training_levels({}, seed, index / batch, SmallTraining::batch);
    example.level = levels[index % batch];
    example.weight = loss_weight(example.level);
  }
  add_training_noise(example.wanted, example.level, NoiseKind::gaussian, 1.0f, seed, index, example.shown);
}

/// Drawing one takes longer than learning from it, so the first ones are kept.
void garden_example(std::uint64_t index, int side, std::span<float> out) {
  struct Kept {
    std::once_flag drawn;
    std::vector<float> picture;
  };
  static std::map<int, std::vector<Kept>> kept;  // by side
  static std::mutex lock;
  if (index >= kept_pictures) {
    GardenSource().draw(garden_seed, index, Sight(side), out);
    return;
  }
  Kept* one = nullptr;
  {
    const std::lock_guard guard(lock);
    one = &kept.try_emplace(side, kept_pictures).first->second[index];
  }
  std::call_once(one->drawn, [&] {
    one->picture.resize(out.size());
    GardenSource().draw(garden_seed, index, Sight(side), one->picture);
  });
  std::copy(one->picture.begin(), one->picture.end(), out.begin());
}

std::vector<float> garden_example(std::uint64_t index, int side) {
  std::vector<float> out(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  garden_example(index, side, out);
  return out;
}

std::vector<float> noise_picture(std::uint64_t index, int side) {
  std::vector<float> out(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  fill_noise(NoiseKind::gaussian, noise_seed + index, 0, 0, out);
  return out;
}

std::vector<Picture> grown_pictures(SmallTraining& training, int count, int steps) {
  GrowSettings settings;
  settings.steps = steps;
  std::vector<std::uint64_t> seeds;
  for (int i = 1; i <= count; ++i) seeds.push_back(static_cast<std::uint64_t>(i));
  return grow(training.model(), settings, seeds);
}

}  // namespace florilegium
