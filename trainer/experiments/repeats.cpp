// One picture shown too often; and two networks that share no picture.
#include <algorithm>
#include <cmath>

#include "src/diffusion/noise.h"
#include "src/image/resize.h"
#include "trainer/experiments/experiment.h"
#include "trainer/experiments/layout.h"
#include "trainer/experiments/small_training.h"
#include "trainer/judge/judgement.h"

namespace florilegium {
namespace {

constexpr int shown = 8;

void train(SmallTraining& training, const ExperimentSettings& s, const Say& say, const std::string& name,
           const std::function<std::uint64_t(std::uint64_t)>& chosen) {
  const int side = s.side;
  const DenoisingTask task{
      s.seed, false, [&](std::uint64_t index, std::span<float> out) { garden_example(chosen(index), side, out); }};
  while (training.steps_done() < s.steps) {
    training.step(task);
    if (training.steps_done() % 500 == 0)
      say(name + ": " + std::to_string(training.steps_done()) + " of " + std::to_string(s.steps) + " steps");
  }
}

double distance(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgba.size(); ++i) sum += std::pow(a.rgba[i] - b.rgba[i], 2);
  return std::sqrt(sum / static_cast<double>(a.rgba.size() / 4 * 3));
}

}  // namespace

ExperimentEnd repeats(Backend& backend, const ExperimentSettings& s, const Say& say) {
  constexpr double times = 100;
  const int others = std::max(3, s.many / 16);  // so many pictures once each, and number 0 a hundredfold
  SmallTraining training(backend, s.side, s.steps, s.seed);
  train(training, s, say, "One of " + std::to_string(others + 1) + " a hundredfold", [&](std::uint64_t index) {
    const double thrown = uniform_number(s.seed, 14, index) * (others + times);
    return thrown < times ? 0 : static_cast<std::uint64_t>(1 + thrown - times);
  });
  const auto grown = grown_pictures(training, s.pictures, 20);
  std::vector<ShelvedPlate> shelf;
  for (int i = 0; i <= others; ++i)
    shelf.push_back(shelved(shorter_side(
        picture_from_rgb(garden_example(static_cast<std::uint64_t>(i), s.side), s.side, s.side), thumb_side)));
  const Originality found = judge_originality(shelf, grown);
  std::size_t of_repeated = 0;
  std::vector<Picture> copies, rest;
  for (std::size_t i = 0; i < grown.size(); ++i) {
    const bool copy = found.neighbours[i][0].plate == 0 && found.ratios[i] < copy_limit;
    of_repeated += copy;
    auto& list = copy ? copies : rest;
    if (list.size() < shown) list.push_back(grown[i]);
  }
  std::vector<LayoutRow> rows = {{"The picture that was shown a hundredfold, and seven of the others", {}}};
  for (std::uint64_t i = 0; i < shown; ++i)
    rows[0].pictures.push_back(picture_from_rgb(garden_example(i, s.side), s.side, s.side));
  const std::string of = " of " + std::to_string(grown.size()) + " grown pictures";
  if (!copies.empty()) rows.push_back({std::to_string(of_repeated) + of + " are copies of it", copies});
  if (!rest.empty()) rows.push_back({"Others" + of, rest});
  return {laid_out(rows),
          {{"experiment", "repeats"},
           {"side", s.side},
           {"other_pictures", others},
           {"times", times},
           {"shown_share", times / (others + times)},
           {"grown", grown.size()},
           {"copies_of_repeated", of_repeated},
           {"copies_of_others", found.copies - of_repeated}}};
}

ExperimentEnd halves(Backend& backend, const ExperimentSettings& s, const Say& say) {
  std::vector<LayoutRow> rows;
  nlohmann::json numbers = {{"experiment", "halves"}, {"side", s.side}};
  for (const int count : {s.few, s.many / 2}) {
    std::vector<std::vector<Picture>> grown;
    for (const std::uint64_t half : {0U, 1U}) {
      SmallTraining training(backend, s.side, s.steps, s.seed + half);
      train(training, s, say, "Half " + std::to_string(half + 1) + " of " + std::to_string(count) + " pictures each",
            [&](std::uint64_t index) {  // even numbers for one, odd ones for the other
              return 2 * static_cast<std::uint64_t>(uniform_number(s.seed, 15, index) * count) + half;
            });
      grown.push_back(grown_pictures(training, shown, 20));
      rows.push_back({half == 0 ? std::to_string(count) +
                                      " pictures for each of two networks: from the same noises the first draws"
                                : "and the second",
                      grown.back()});
    }
    double same = 0, other = 0;  // noise
    for (std::size_t i = 0; i < shown; ++i) {
      same += distance(grown[0][i], grown[1][i]) / shown;
      other += distance(grown[0][i], grown[1][(i + 1) % shown]) / shown;
    }
    numbers[count == s.few ? "few" : "many"] = {
        {"pictures", count}, {"distance_same_noise", same}, {"distance_other_noise", other}, {"ratio", same / other}};
  }
  return {laid_out(rows), numbers};
}

}  // namespace florilegium
