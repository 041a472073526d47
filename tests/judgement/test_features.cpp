#include "trainer/judge/features.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "src/diffusion/noise.h"

using namespace florilegium;

namespace {

/// `count` normal numbers in each of D places, moved by `shift`.
std::vector<Features> cloud(std::uint64_t seed, std::size_t count, std::size_t d, float shift = 0, float scale = 1) {
  std::vector<float> numbers(count * d);
  fill_noise(NoiseKind::gaussian, seed, 7, 0, numbers);
  std::vector<Features> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.emplace_back(&numbers[i * d], &numbers[i * d] + d);
    for (float& number : all.back()) number = scale * number + shift;
  }
  return all;
}

/// Points at the ends of a cross, twice each: of 8 points 4 lie off the middle in either direction,
/// so the variance is 4 / 7 arm^2.
std::vector<Features> cross(float x, float y, float arm) {
  std::vector<Features> all;
  for (int twice = 0; twice < 2; ++twice)
    for (const auto& [u, v] :
         {std::pair(arm, 0.0f), std::pair(-arm, 0.0f), std::pair(0.0f, arm), std::pair(0.0f, -arm)})
      all.push_back({x + u, y + v});
  return all;
}

}  // namespace

TEST_CASE("eigenvalues and eigenvectors of a symmetric matrix") {
  const std::vector<double> matrix = {2, 1, 0, 1, 2, 0, 0, 0, 7};
  std::vector<double> vectors;
  const auto values = eigenvalues(matrix, 3, &vectors);
  CHECK(values[0] == doctest::Approx(1));
  CHECK(values[1] == doctest::Approx(3));
  CHECK(values[2] == doctest::Approx(7));
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t i = 0; i < 3; ++i) {
      double image = 0;
      for (std::size_t j = 0; j < 3; ++j) image += matrix[i * 3 + j] * vectors[j * 3 + k];
      CHECK(image == doctest::Approx(values[k] * vectors[i * 3 + k]).epsilon(1e-9));
    }
}

TEST_CASE("the Frechet distance is that of the normal distributions") {
  // Variances of a cross with arms of 1: 4 / 7 each; doubled arms double the deviation.
  const auto one = cross(0, 0, 1);
  CHECK(feature_distances(one, one).frechet == doctest::Approx(0));
  CHECK(feature_distances(one, cross(3, 4, 1)).frechet == doctest::Approx(25));
  CHECK(feature_distances(one, cross(0, 0, 2)).frechet == doctest::Approx(2 * 4.0 / 7));
  CHECK(feature_distances(one, cross(3, 4, 2)).frechet == doctest::Approx(25 + 8.0 / 7));
}

TEST_CASE("the kernel distance is the cubic kernel's, and 0 on average for sets of one kind") {
  const std::vector<Features> nothing(8, {0.0f}), ones(8, {1.0f});
  CHECK(feature_distances(nothing, ones).kernel == doctest::Approx(1 + 8 - 2 * 1));
  double alike = 0, moved = 0, least = 1;
  for (std::uint64_t draw = 0; draw < 400; ++draw) {
    const auto real = cloud(2 * draw, 16, 8);
    const double one = feature_distances(real, cloud(2 * draw + 1, 16, 8)).kernel;
    alike += one / 400;
    least = std::min(least, one);
    moved += feature_distances(real, cloud(2 * draw + 1, 16, 8, 0.5f)).kernel / 400;
  }
  CHECK(std::abs(alike) < 0.02);
  CHECK(least < 0);  // unbiased, so below 0 as often as not
  CHECK(moved > 0.5);
}

TEST_CASE("density falls outside of what is real, coverage where kinds are missing") {
  auto real = cloud(1, 40, 8);
  const auto second = cloud(2, 40, 8, 100);
  real.insert(real.end(), second.begin(), second.end());
  auto both = cloud(3, 40, 8);
  const auto other = cloud(4, 40, 8, 100);
  both.insert(both.end(), other.begin(), other.end());
  const FeatureDistances whole = feature_distances(real, both), part = feature_distances(real, cloud(5, 80, 8)),
                         outside = feature_distances(real, cloud(6, 80, 8, 50)),
                         middle = feature_distances(real, cloud(7, 80, 8, 0, 0.1f));
  CHECK(whole.density == doctest::Approx(1).epsilon(0.25));
  CHECK(whole.coverage > 0.9);
  CHECK(part.density == doctest::Approx(1).epsilon(0.25));
  CHECK(part.coverage == doctest::Approx(0.5).epsilon(0.1));
  CHECK(outside.density == 0);
  CHECK(outside.coverage == 0);
  CHECK(middle.density > 2);
  CHECK(middle.coverage < 0.5);
}

TEST_CASE("a set is judged beside as many real ones, and a difference beside its chance") {
  const auto real = cloud(1, 128, 8), alike = cloud(2, 48, 8), moved = cloud(3, 80, 8, 0.5f);
  const FeatureJudgement good = judge_features(real, alike), bad = judge_features(real, moved);
  CHECK(good.held_against == 64);
  CHECK(good.compared == 48);
  CHECK(bad.compared == 64);  // no more than there are other real ones
  CHECK(judge_features(real, moved, 20).compared == 20);
  CHECK(good.set.frechet == doctest::Approx(good.floor.frechet).epsilon(0.3));
  CHECK(bad.set.frechet > 3 * bad.floor.frechet);
  CHECK(bad.set.kernel > bad.floor.kernel + 0.3);
  CHECK(good.floor.coverage > 0.8);

  const FeatureDistances spread = difference_spread(real, alike, moved);
  CHECK(bad.set.kernel - good.set.kernel > spread.kernel);
  const FeatureDistances none = difference_spread(real, alike, cloud(4, 48, 8));
  CHECK(std::abs(judge_features(real, cloud(4, 48, 8)).set.kernel - good.set.kernel) < 2 * none.kernel);
  CHECK_THROWS_AS(judge_features(real, cloud(5, 7, 8)), std::invalid_argument);
}
