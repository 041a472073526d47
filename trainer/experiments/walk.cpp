// A walk from 100 % noise to a picture, and when what is decided.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/image/resize.h"
#include "trainer/experiments/experiment.h"
#include "trainer/experiments/layout.h"
#include "trainer/onnx/model_file.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {
namespace {

constexpr int walkers = 12, steps = 100, shown_side = 128;
constexpr double stations[] = {1, 0.99, 0.98, 0.97, 0.9, 0.75, 0.5, 0.25, 0.1, 0.01};

Picture small_picture(std::span<const float> planes, int side) {
  Picture picture = picture_from_planes(planes, side, side);
  return side > shown_side ? resized(picture, shown_side, shown_side) : picture;
}

}  // namespace

ExperimentEnd walk(Backend& backend, const ExperimentSettings& s, const Say& say) {
  if (s.model.empty()) throw std::invalid_argument("The experiment 'walk' asks a trained model: name it with --model.");
  const TrainedModel model = read_model(s.model);
  ForwardModel forward(backend, model, 1, Type::f32);
  const int side = forward.shape().image_size;
  const Schedule schedule = Schedule::parse("linear");
  const GrowSettings settings{model.info.noise, model.info.noise_scale, schedule, steps, Sampler::plain};

  // Of each step: the sum and the sum of squares of all walkers' predictions.
  const auto size = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
  std::vector<std::vector<double>> sums(steps, std::vector<double>(size));
  std::vector<double> squares(steps);
  std::vector<LayoutRow> rows(4);
  rows[0].text = "Seed 1: what the network is shown, at 100, 99, 98, 97, 90, 75, 50, 25, 10 and 1 % noise";
  rows[1].text =
      "and what it answers, which is blended in: first the average of all pictures, then ever fewer are possible";
  rows[2].text = "Seed 2";
  rows[3].text = "and its answers";
  for (int walker = 0; walker < walkers; ++walker) {
    std::vector<float> before;  // x at the beginning of the step
    const std::uint64_t seeds[] = {s.seed + static_cast<std::uint64_t>(walker)};
    before = pure_noise(settings.noise, static_cast<float>(settings.noise_scale), seeds[0], size);
    grow(forward, settings, seeds, [&](std::size_t, const Denoising& one) {
      const auto step = static_cast<std::size_t>(one.step() - 1);
      const double level = static_cast<double>(one.levels()[step]);
      std::vector<float> prediction(size);
      for (std::size_t k = 0; k < size; ++k) prediction[k] = unkept(one.prediction()[k]);
      for (std::size_t k = 0; k < size; ++k) {
        const double value = static_cast<double>(prediction[k]);
        sums[step][k] += value;
        squares[step] += value * value;
      }
      if (walker < 2 && std::any_of(std::begin(stations), std::end(stations),
                                    [&](double station) { return std::abs(station - level) < 1e-4; })) {
        const auto row = static_cast<std::size_t>(2 * walker);
        rows[row].pictures.push_back(small_picture(before, side));
        rows[row + 1].pictures.push_back(small_picture(prediction, side));
      }
      before.assign(one.working().begin(), one.working().end());
    });
    say("Walked " + std::to_string(walker + 1) + " of " + std::to_string(walkers));
  }
  PlotLine line{"decided so far, % of the variance among seeds", {}, {}, 0};
  nlohmann::json decided = nlohmann::json::array();
  std::vector<double> variance(steps);
  for (std::size_t step = 0; step < steps; ++step) {
    double of_means = 0;
    for (const double sum : sums[step]) of_means += std::pow(sum / walkers, 2);
    variance[step] = std::max(0.0, squares[step] / walkers - of_means) / static_cast<double>(size);
  }
  const double last = std::max(variance.back(), 1e-12);
  for (std::size_t step = 0; step < steps; ++step) {
    line.x.push_back(static_cast<double>(step));
    line.y.push_back(100 * variance[step] / last);
    if (step % 10 == 0 || step < 5 || step + 1 == steps)
      decided.push_back({{"noise", 1 - static_cast<double>(step) / steps}, {"share", variance[step] / last}});
  }
  return {laid_out(rows, {{"steps taken, of 100; % decided", {line}}}, shown_side),
          {{"experiment", "walk"},
           {"model", model.info.title},
           {"seeds", walkers},
           {"variance_at_the_end", variance.back()},
           {"decided", decided}}};
}

}  // namespace florilegium
