// Which pictures belong to which noise: the task that fails, and why.
#include <algorithm>
#include <cmath>

#include "src/diffusion/noise.h"
#include "trainer/experiments/experiment.h"
#include "trainer/experiments/layout.h"
#include "trainer/experiments/small_training.h"

namespace florilegium {
namespace {

constexpr int shown = 8;

double mean_of(const std::vector<float>& numbers) {
  double sum = 0;
  for (const float number : numbers) sum += static_cast<double>(number);
  return sum / static_cast<double>(numbers.size());
}

double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i] - b[i]), 2);
  return sum / static_cast<double>(a.size());
}

/// The average of the garden's first `count` pictures, and their mean squared distance to it.
struct Average {
  std::vector<float> picture;
  double variance = 0;
};
Average average_of(int count, int side) {
  Average average;
  const int looked_at = std::min(count, 1024);
  std::vector<std::vector<float>> all;
  for (int i = 0; i < looked_at; ++i) all.push_back(garden_example(static_cast<std::uint64_t>(i), side));
  average.picture.assign(all[0].size(), 0.0f);
  for (const auto& one : all)
    for (std::size_t k = 0; k < one.size(); ++k) average.picture[k] += one[k] / static_cast<float>(looked_at);
  for (const auto& one : all) average.variance += squared_distance(one, average.picture) / looked_at;
  return average;
}

/// Noise number i shall become picture number i, of `count` of each.
struct Pairs {
  int side, count;
  std::uint64_t seed;
  void operator()(std::uint64_t index, SmallExample& example) const {
    const auto pair = static_cast<std::uint64_t>(uniform_number(seed, 12, index) * count);
    const auto noise = noise_picture(pair, side);
    std::copy(noise.begin(), noise.end(), example.shown.begin());
    garden_example(pair, side, example.wanted);
  }
};

struct Learned {
  SmallTraining training;
  PlotLine line;
  double loss = 0;  // over the last tenth
};

/// Trains, and draws its mean squared error.
template <class Make>
Learned learn(Backend& backend, const ExperimentSettings& s, const Say& say, const std::string& name, int colour,
              Make make) {
  Learned out{SmallTraining(backend, s.side, s.steps, s.seed), {name, {}, {}, colour}};
  const std::int64_t together = std::max<std::int64_t>(1, s.steps / 60);
  double sum = 0;
  std::int64_t last = 0;
  for (std::int64_t step = 1; step <= s.steps; ++step) {
    const double error = mean_of(out.training.step(make));
    sum += error;
    if (step > s.steps - std::max<std::int64_t>(1, s.steps / 10)) {
      out.loss += error;
      ++last;
    }
    if (step % together != 0) continue;
    out.line.x.push_back(static_cast<double>(step * SmallTraining::batch));
    out.line.y.push_back(sum / static_cast<double>(together));
    sum = 0;
    if (step % (together * 10) == 0)
      say(name + ": " + std::to_string(step) + " of " + std::to_string(s.steps) + " steps");
  }
  out.loss /= static_cast<double>(std::max<std::int64_t>(1, last));
  return out;
}

std::vector<std::vector<float>> noises(std::uint64_t first, int side) {
  std::vector<std::vector<float>> all;
  for (std::uint64_t i = 0; i < shown; ++i) all.push_back(noise_picture(first + i, side));
  return all;
}

PlotLine level_line(const std::string& name, double level, double width) {
  return {name, {0, width}, {level, level}, 4, true};
}

}  // namespace

ExperimentEnd specific_pictures(Backend& backend, const ExperimentSettings& s, const Say& say) {
  const Average few_average = average_of(s.few, s.side), many_average = average_of(s.many, s.side);
  Learned few = learn(backend, s, say, std::to_string(s.few) + " pairs", 0, Pairs{s.side, s.few, s.seed}),
          many = learn(backend, s, say, std::to_string(s.many) + " pairs", 1, Pairs{s.side, s.many, s.seed});
  std::vector<std::vector<float>> wanted;
  for (std::uint64_t i = 0; i < shown; ++i) wanted.push_back(garden_example(i, s.side));
  constexpr std::uint64_t never_seen = 1000000;
  const auto of_few = few.training.answers(noises(0, s.side), 1),
             of_new = few.training.answers(noises(never_seen, s.side), 1),
             of_many = many.training.answers(noises(0, s.side), 1);
  double far = 0;  // of the answers after many pairs from the average
  for (const auto& answer : of_many) far += squared_distance(answer, many_average.picture) / shown;

  const double width = few.line.x.empty() ? 1 : few.line.x.back();
  const Plot plot{"examples seen; mean squared error",
                  {few.line, many.line, level_line("variance of the pictures", many_average.variance, width)}};
  const std::string few_text = std::to_string(s.few), many_text = std::to_string(s.many);
  return {
      laid_out(
          {{"Pictures, each paired with a noise of its own", pictures_of(wanted, s.side)},
           {"What a network that learned " + few_text + " such pairs answers to these noises: it knows them by heart",
            pictures_of(of_few, s.side)},
           {"The same network, asked about noises it never saw", pictures_of(of_new, s.side)},
           {"After " + many_text + " pairs: every noise gets the average picture", pictures_of(of_many, s.side)}},
          {plot}),
      {{"experiment", "specific"},
       {"side", s.side},
       {"examples", s.steps * SmallTraining::batch},
       {"few", {{"pairs", s.few}, {"variance", few_average.variance}, {"loss", few.loss}}},
       {"many",
        {{"pairs", s.many}, {"variance", many_average.variance}, {"loss", many.loss}, {"answers_to_average", far}}}}};
}

ExperimentEnd denoising_task(Backend& backend, const ExperimentSettings& s, const Say& say) {
  const Average average = average_of(s.many, s.side);
  Learned pairs = learn(backend, s, say, "pairs", 1, Pairs{s.side, s.many, s.seed});
  const int many = s.many, side = s.side;
  const DenoisingTask task{s.seed, true, [=](std::uint64_t index, std::span<float> out) {
                             garden_example(static_cast<std::uint64_t>(uniform_number(5, 13, index) * many), side, out);
                           }};
  Learned denoising = learn(backend, s, say, "denoising", 0, task);

  // By level, on pictures that neither has seen.
  nlohmann::json by_level = nlohmann::json::array();
  PlotLine line{"denoising, by noise level", {}, {}, 2};
  for (const double level : {0.1, 0.3, 0.5, 0.7, 0.9, 1.0}) {
    std::vector<std::vector<float>> clean, noisy;
    for (std::uint64_t i = 0; i < SmallTraining::batch; ++i) {
      clean.push_back(garden_example(2000000 + i, side));
      noisy.push_back(noise_picture(3000000 + i, side));
      for (std::size_t k = 0; k < noisy.back().size(); ++k)
        noisy.back()[k] = static_cast<float>(level) * noisy.back()[k] + static_cast<float>(1 - level) * clean.back()[k];
    }
    const auto answers = denoising.training.answers(noisy, static_cast<float>(level));
    double error = 0;
    for (std::size_t i = 0; i < answers.size(); ++i)
      error += squared_distance(answers[i], clean[i]) / static_cast<double>(answers.size());
    line.x.push_back(100 * level);
    line.y.push_back(error);
    by_level.push_back({{"level", level}, {"error", error}});
  }
  const double width = pairs.line.x.empty() ? 1 : pairs.line.x.back();
  return {laid_out({{"The same noises. Learned from pairs: always the average",
                     pictures_of(pairs.training.answers(noises(7000, side), 1), side)},
                    {"Learned by denoising, one look: the average as well",
                     pictures_of(denoising.training.answers(noises(7000, side), 1), side)},
                    {"Learned by denoising, 20 looks, each at a little less noise",
                     grown_pictures(denoising.training, shown, 20)}},
                   {{"examples seen; mean squared error",
                     {pairs.line, denoising.line, level_line("variance", average.variance, width)}},
                    {"noise, %; mean squared error", {line, level_line("variance", average.variance, 100)}}}),
          {{"experiment", "denoise"},
           {"side", side},
           {"examples", s.steps * SmallTraining::batch},
           {"variance", average.variance},
           {"pairs_loss", pairs.loss},
           {"denoising_loss", denoising.loss},
           {"by_level", by_level}}};
}

}  // namespace florilegium
