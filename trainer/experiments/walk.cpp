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
// a side: averages over as many parts of the sheet are its plan, what they lack its details
constexpr int plan_cells = 16;
constexpr std::size_t measured = 91;  // steps: below 10 % noise trainings hardly look (trainer/learn/noising.h)
constexpr double stations[] = {1, 0.99, 0.98, 0.97, 0.9, 0.75, 0.5, 0.25, 0.1, 0.01};

Picture small_picture(std::span<const float> planes, int side) {
  Picture picture = picture_from_planes(planes, side, side);
  return side > shown_side ? resized(picture, shown_side, shown_side) : picture;
}

/// Sums over walkers' pictures, all of one step.
struct Spread {
  std::vector<double> sums;
  double squares = 0;

  void add(std::span<const double> picture) {
    sums.resize(picture.size());
    for (std::size_t k = 0; k < picture.size(); ++k) {
      sums[k] += picture[k];
      squares += picture[k] * picture[k];
    }
  }
  /// The mean variance of a number among the walkers.
  double variance() const {
    double of_means = 0;
    for (const double sum : sums) of_means += std::pow(sum / walkers, 2);
    return std::max(0.0, squares / walkers - of_means) / static_cast<double>(sums.size());
  }
};

/// Averages over plan_cells x plan_cells parts of [3, side, side].
std::vector<double> plan_of(std::span<const double> planes, std::size_t side) {
  constexpr std::size_t cells = plan_cells;
  const std::size_t cell = side / cells;
  std::vector<double> plan(3 * cells * cells);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t y = 0; y < cell * cells; ++y)
      for (std::size_t x = 0; x < cell * cells; ++x)
        plan[(c * cells + y / cell) * cells + x / cell] +=
            planes[(c * side + y) * side + x] / static_cast<double>(cell * cell);
  return plan;
}

}  // namespace

ExperimentEnd walk(Backend& backend, const ExperimentSettings& s, const Say& say) {
  if (s.model.empty()) throw std::invalid_argument("The experiment 'walk' asks a trained model: name it with --model.");
  const TrainedModel model = read_model(s.model);
  ForwardModel forward(backend, model, 1, Type::f32);
  const int side = forward.shape().image_size;
  const Schedule schedule = Schedule::parse("linear");
  const GrowSettings settings{model.info.noise, model.info.noise_scale, schedule, steps, Sampler::plain};

  const auto size = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
  std::vector<Spread> all(steps), plans(steps);  // of the predictions at each step
  std::vector<LayoutRow> rows(4);
  rows[0].text = "Seed " + std::to_string(s.seed) +
                 ": what the network is shown, at 100, 99, 98, 97, 90, 75, 50, 25, 10 and 1 % noise";
  rows[1].text =
      "and what it answers, which is blended in: first the average of all pictures, then ever fewer are possible";
  rows[2].text = "Seed " + std::to_string(s.seed + 1);
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
      const std::vector<double> exact(prediction.begin(), prediction.end());
      all[step].add(exact);
      plans[step].add(plan_of(exact, static_cast<std::size_t>(side)));
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
  // The variance of all pixels is that of the plan and that of what the plan lacks, added.
  std::vector<PlotLine> lines{{"plan: 16 x 16 averages", {}, {}, 0}, {"details: the rest", {}, {}, 1}};
  nlohmann::json decided = nlohmann::json::array();
  const double end = std::max(all[measured - 1].variance(), 1e-12),
               plan_end = std::max(plans[measured - 1].variance(), 1e-12), detail_end = std::max(end - plan_end, 1e-12);
  for (std::size_t step = 0; step < measured; ++step) {
    const double now = all[step].variance(), plan = plans[step].variance();
    const double shares[] = {plan / plan_end, (now - plan) / detail_end};
    for (std::size_t k = 0; k < 2; ++k) {
      lines[k].x.push_back(static_cast<double>(step));
      lines[k].y.push_back(100 * shares[k]);
    }
    if (step % 10 == 0 || step < 5)
      decided.push_back({{"noise", 1 - static_cast<double>(step) / steps},
                         {"share", now / end},
                         {"plan", shares[0]},
                         {"details", shares[1]}});
  }
  return {
      laid_out(rows, {{"steps of 100; variance among seeds, % of that at step 90", lines}}, shown_side, Axis::linear),
      {{"experiment", "walk"},
       {"model", model.info.title},
       {"seeds", walkers},
       {"variance_at_step_90", end},
       {"decided", decided}}};
}

}  // namespace florilegium
