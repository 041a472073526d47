// What a step decides: the coins flipped again at a noise level, and how much of the picture stays.
#include <algorithm>
#include <stdexcept>

#include "src/image/resize.h"
#include "trainer/experiments/experiment.h"
#include "trainer/experiments/layout.h"
#include "trainer/onnx/model_file.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {
namespace {

constexpr std::size_t flips = 7;  // of the coins, at each level
constexpr int shown_side = 128;
constexpr double levels[] = {0.95, 0.9, 0.8, 0.6, 0.3};

/// The mean squared difference between two of the pictures, in shades of 255.
double mean_difference(const std::vector<Picture>& pictures) {
  double sum = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    for (std::size_t k = 0; k < i; ++k, ++pairs) {
      const auto &a = pictures[i].rgba, &b = pictures[k].rgba;  // alpha is the same
      double one = 0;
      for (std::size_t p = 0; p < a.size(); ++p) one += (a[p] - b[p]) * (a[p] - b[p]);
      sum += one / static_cast<double>(a.size() / 4 * 3);
    }
  return sum / static_cast<double>(pairs);
}

std::string percent(double share) { return std::to_string(static_cast<int>(100 * share + 0.5)) + " %"; }

}  // namespace

ExperimentEnd coins(Backend& backend, const ExperimentSettings& s, const Say& say) {
  if (s.model.empty())
    throw std::invalid_argument("The experiment 'coins' asks a trained model: name it with --model.");
  const TrainedModel model = read_model(s.model);
  ForwardModel forward(backend, model, 1, Type::f32);
  const int side = forward.shape().image_size;
  const GrowSettings settings{model.info.noise, model.info.noise_scale, model.info.schedule, model.info.default_steps,
                              model.info.default_sampler};
  const int plates = std::max(1, s.pictures / 16);  // to be flipped; the first is shown
  constexpr std::size_t rungs = std::size(levels);

  // redraw() takes seeds 1, 2, ... for its noise: these are the other coins, also from the start.
  std::vector<std::uint64_t> coins(flips);
  for (std::size_t i = 0; i < flips; ++i) coins[i] = i + 1;
  std::vector<Picture> different = grow(forward, settings, coins);
  const double all = mean_difference(different);
  const std::uint64_t first_seed = 1000 + s.seed;  // the plates lie apart from them
  std::vector<std::vector<Picture>> first(rungs);  // of the plate that is shown: itself, and its others
  std::vector<double> open(rungs);
  std::vector<double> at(rungs);  // the noise levels where the coins were flipped
  for (int plate = 0; plate < plates; ++plate) {
    std::vector<std::vector<float>> predictions(rungs);  // [S, S, 3], as each level is reached
    const std::uint64_t seeds[] = {first_seed + static_cast<std::uint64_t>(plate)};
    Picture grown = grow(forward, settings, seeds, [&](std::size_t, const Denoising& one) {
      const double level = static_cast<double>(one.levels()[static_cast<std::size_t>(one.step())]);
      for (std::size_t k = 0; k < rungs; ++k)
        if (predictions[k].empty() && level < levels[k] + 1e-4) {
          at[k] = level;
          const std::size_t pixels = one.prediction().size() / 3;
          for (std::size_t p = 0; p < pixels; ++p)
            for (std::size_t c = 0; c < 3; ++c) predictions[k].push_back(unkept(one.prediction()[c * pixels + p]));
        }
    })[0];
    for (std::size_t k = 0; k < rungs; ++k) {
      const std::vector<std::vector<float>> same(flips, predictions[k]);
      std::vector<Picture> others = redraw(forward, settings, at[k] + 1e-4, same);
      open[k] += mean_difference(others) / plates;
      if (plate > 0) continue;
      first[k] = std::move(others);
      first[k].insert(first[k].begin(), grown);
    }
    if (plate == 0) different.insert(different.begin(), std::move(grown));
    say("Flipped: " + std::to_string(plate + 1) + " of " + std::to_string(plates));
  }

  std::vector<LayoutRow> rows{{"A plate, and what other coins from the start give", different}};
  nlohmann::json flipped = nlohmann::json::array();
  for (std::size_t k = 0; k < rungs; ++k) {
    rows.push_back({"The same coins thrown only from " + percent(at[k]) + " noise on: " + percent(open[k] / all) +
                        " of the difference is still open",
                    first[k]});
    flipped.push_back({{"noise", at[k]}, {"still_open", open[k] / all}});
  }
  for (LayoutRow& row : rows)
    for (Picture& picture : row.pictures)
      if (side > shown_side) picture = resized(picture, shown_side, shown_side);
  return {laid_out(rows, {}, shown_side),
          {{"experiment", "coins"},
           {"model", model.info.title},
           {"plates", plates},
           {"flips", flips},
           {"difference_of_plates", all},
           {"flipped", flipped}}};
}

}  // namespace florilegium
