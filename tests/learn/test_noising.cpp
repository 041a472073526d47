// Noise levels, noise and weights of training examples.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "trainer/learn/noising.h"

using namespace florilegium;

TEST_CASE("normal_quantile agrees with tables") {
  CHECK(normal_quantile(0.5) == doctest::Approx(0).epsilon(1e-9));
  CHECK(std::abs(normal_quantile(0.975) - 1.959963984540054) < 5e-9);
  CHECK(std::abs(normal_quantile(0.9) - 1.2815515655446004) < 5e-9);
  CHECK(std::abs(normal_quantile(0.001) + 3.090232306167813) < 1e-8);
  CHECK(std::abs(normal_quantile(1e-9) + 5.997807015008182) < 2e-8);
  for (const double p : {1e-6, 0.01, 0.02425, 0.2, 0.49})
    CHECK(normal_quantile(p) == doctest::Approx(-normal_quantile(1 - p)));
}

TEST_CASE("training levels follow their distribution") {
  const LevelDistribution distribution;
  std::vector<float> all;
  for (std::uint64_t step = 0; step < 4000; ++step) {
    const auto levels = training_levels(distribution, 3, step, 8);
    REQUIRE(levels.size() == 8);
    all.insert(all.end(), levels.begin(), levels.end());
  }
  CHECK(std::all_of(all.begin(), all.end(), [](float l) { return l > 0 && l <= 1; }));
  std::sort(all.begin(), all.end());
  const auto share_below = [&](double level) {
    return static_cast<double>(std::lower_bound(all.begin(), all.end(), static_cast<float>(level)) - all.begin()) /
           static_cast<double>(all.size());
  };
  // P(level < l) without the extremes: 1 - level is logit-normal, so level < l when the normal
  // number is above (logit(1 - l) - mean) / deviation.
  for (const double level : {0.3, 0.5, 0.69, 0.8}) {
    const double z = (std::log((1 - level) / level) - distribution.mean) / distribution.deviation;
    CHECK(std::abs(share_below(level) - (1 - distribution.extreme_share) * 0.5 * std::erfc(z / std::sqrt(2.0))) <
          0.004);
  }
  const double z = (std::log(0.15 / 0.85) - distribution.mean) / distribution.deviation;
  CHECK(std::abs(1 - share_below(0.85) - distribution.extreme_share -
                 (1 - distribution.extreme_share) * 0.5 * std::erfc(-z / std::sqrt(2.0))) < 0.004);
}

TEST_CASE("the levels of one step are stratified and a function of seed and step") {
  const LevelDistribution all_normal{.extreme_share = 0};
  const auto levels = training_levels(all_normal, 1, 5, 16);
  CHECK(std::is_sorted(levels.rbegin(), levels.rend()));
  CHECK(std::adjacent_find(levels.begin(), levels.end()) == levels.end());
  CHECK(training_levels(all_normal, 1, 5, 16) == levels);
  CHECK(training_levels(all_normal, 1, 6, 16) != levels);
  CHECK(training_levels(all_normal, 2, 5, 16) != levels);
}

TEST_CASE("a rung's levels stay in its range") {
  const LevelDistribution fine{.mean = 0.3, .deviation = 1.1, .extreme_share = 0, .lowest = 0.1, .highest = 0.7};
  std::vector<float> all;
  for (std::uint64_t step = 0; step < 200; ++step)
    for (const float level : training_levels(fine, 1, step, 16)) all.push_back(level);
  const auto [lowest, highest] = std::minmax_element(all.begin(), all.end());
  CHECK(*lowest >= 0.0999f);
  CHECK(*lowest < 0.12f);
  CHECK(*highest <= 0.7001f);
  CHECK(*highest > 0.68f);
}

TEST_CASE("the loss weight is the velocity loss's, with a floor") {
  CHECK(loss_weight(1.0f) == doctest::Approx(1));
  CHECK(loss_weight(0.5f) == doctest::Approx(4));
  CHECK(loss_weight(0.05f) == doctest::Approx(400));
  CHECK(loss_weight(0.001f) == doctest::Approx(400));
}

TEST_CASE("training noise has mean 0, variance 1, and no memory") {
  constexpr std::size_t count = 3 * 128 * 128;
  const std::vector<float> grey(count, 0.0f);
  for (const NoiseKind kind : {NoiseKind::gaussian, NoiseKind::uniform}) {
    CAPTURE(name_of(kind));
    std::vector<float> one(count), other(count), again(count);
    add_training_noise(grey, 1.0f, kind, 1.0f, 11, 0, one);
    add_training_noise(grey, 1.0f, kind, 1.0f, 11, 1, other);
    add_training_noise(grey, 1.0f, kind, 1.0f, 11, 0, again);
    CHECK(one == again);
    double mean = 0, square = 0, fourth = 0, product = 0, neighbour = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = static_cast<double>(one[i]);
      mean += value / count;
      square += value * value / count;
      fourth += value * value * value * value / count;
      product += value * static_cast<double>(other[i]) / count;
      neighbour += value * static_cast<double>(one[(i + 1) % count]) / count;
    }
    CHECK(std::abs(mean) < 0.02);
    CHECK(std::abs(square - 1) < 0.03);
    CHECK(std::abs(fourth - (kind == NoiseKind::gaussian ? 3.0 : 1.8)) < 0.15);
    CHECK(std::abs(product) < 0.02);
    CHECK(std::abs(neighbour) < 0.02);
  }
}

TEST_CASE("noise is blended as the idea says") {
  const std::vector<float> picture(100, 0.5f), grey(100, 0.0f);
  std::vector<float> pure(100), mixed(100);
  add_training_noise(grey, 1.0f, NoiseKind::gaussian, 1.0f, 1, 2, pure);
  add_training_noise(picture, 0.25f, NoiseKind::gaussian, 2.0f, 1, 2, mixed);
  for (std::size_t i = 0; i < 100; ++i) CHECK(mixed[i] == doctest::Approx(0.75f * 0.5f + 0.25f * 2.0f * pure[i]));
}
