// Denoising: the samplers against their formulas and against a case that can be solved on paper,
// and what happens to bad answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "src/diffusion/denoising.h"
#include "src/diffusion/schedule.h"
#include "tests/diffusion/all_samplers.h"

using namespace florilegium;

namespace {

/// Pictures whose values are normal numbers of mean mu and standard deviation s. Then everything
/// can be solved on paper: the best prediction is a weighted mean of x and mu, and pure noise n
/// must become mu + s n.
struct NormalPictures {
  double mu = 0.2, s = 0.4;

  std::vector<float> operator()(std::span<const float> x, float noise_level) const {
    const double level = noise_level, keep = 1 - level;
    const double slope = keep * s * s / (keep * keep * s * s + level * level);
    std::vector<float> denoised;
    for (const float v : x) denoised.push_back(static_cast<float>(mu + slope * (v - keep * mu)));
    return denoised;
  }

  /// Root mean square distance from the exact solution after denoising in so many steps.
  double error(Sampler sampler, int steps) const {
    const std::vector<float> noise = pure_noise(NoiseKind::gaussian, 1, 1, 1000);
    Denoising denoising(noise, Schedule{}.noise_levels(steps), sampler);
    generate(denoising, *this, [](const Denoising&) {});
    double sum = 0;
    for (std::size_t i = 0; i < noise.size(); ++i) {
      const double distance = static_cast<double>(denoising.working()[i]) - (mu + s * static_cast<double>(noise[i]));
      sum += distance * distance;
    }
    return std::sqrt(sum / static_cast<double>(noise.size()));
  }
};

}  // namespace

TEST_CASE("a kept prediction is at most 1/32768 away, clamped outside [-2, 2)") {
  for (int i = -20000; i < 20000; ++i) {
    const float v = static_cast<float>(i) * 0.0000999f;
    REQUIRE(std::abs(unkept(keep(v)) - v) <= 1.0f / 32768);
  }
  CHECK(unkept(keep(0.0f)) == 0.0f);
  CHECK(unkept(keep(1.0f)) == 1.0f);
  CHECK(unkept(keep(-1.0f)) == -1.0f);
  CHECK(unkept(keep(5.0f)) == 32767.0f / 16384);
  CHECK(unkept(keep(-5.0f)) == -2.0f);
  CHECK(unkept(keep(1e30f)) == 32767.0f / 16384);
}

TEST_CASE("a network that always knows the true picture is followed to it by every sampler") {
  const std::vector<float> picture = pure_noise(NoiseKind::uniform, 0.5f, 2, 300);
  for (const Sampler sampler : all_samplers())
    for (const int steps : {1, 2, 7, 50}) {
      Denoising denoising(pure_noise(NoiseKind::gaussian, 1, 3, picture.size()), Schedule{3.0}.noise_levels(steps),
                          sampler);
      int finished = 0;
      generate(
          denoising, [&](std::span<const float>, float) { return picture; }, [&](const Denoising&) { ++finished; });
      CHECK(finished == steps);
      CHECK(denoising.done());
      float furthest = 0;
      for (std::size_t i = 0; i < picture.size(); ++i)
        furthest = std::max(furthest, std::abs(denoising.working()[i] - picture[i]));
      CHECK_MESSAGE(furthest <= 1.001f / 32768, name_of(sampler), " in ", steps, " steps");
    }
}

TEST_CASE("plain is the ten lines") {
  const NormalPictures network;
  const std::vector<float> levels = Schedule{3.0}.noise_levels(9);
  std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 4, 100);
  Denoising denoising(x, levels, Sampler::plain);
  for (std::size_t k = 0; k + 1 < levels.size(); ++k) {
    CHECK(denoising.input_noise_level() == levels[k]);
    CHECK(std::ranges::equal(denoising.input(), x));
    const std::vector<float> answer = network(x, levels[k]);
    const float a = levels[k + 1] / levels[k];
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = a * x[i] + (1.0f - a) * unkept(keep(answer[i]));
    CHECK(denoising.accept(answer));
    CHECK(denoising.step() == static_cast<int>(k) + 1);
    CHECK(std::ranges::equal(denoising.working(), x));
  }
  CHECK(denoising.done());
}

TEST_CASE("extrapolated runs ahead of the predictions by its strength, from the second step on") {
  const std::vector<float> first = {0.1f, -0.5f}, second = {0.2f, -0.4f};
  for (const float strength : {1.0f, 1.5f, 2.0f}) {
    Denoising denoising({1.0f, -1.0f}, Schedule{}.noise_levels(3), sampler("extrapolated"), 0, strength);
    denoising.accept(first);
    for (std::size_t i = 0; i < 2; ++i) CHECK(denoising.prediction()[i] == keep(first[i]));
    denoising.accept(second);
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(denoising.prediction()[i] == keep(first[i] + strength * (second[i] - first[i])));
  }
}

TEST_CASE("heun asks twice a step, the second time at the step's end; at level 0 once") {
  const NormalPictures network;
  const std::vector<float> levels = Schedule{}.noise_levels(4);
  Denoising denoising(pure_noise(NoiseKind::gaussian, 1, 5, 10), levels, sampler("heun"));
  std::vector<float> asked;
  generate(
      denoising,
      [&](std::span<const float> x, float level) {
        asked.push_back(level);
        return network(x, level);
      },
      [](const Denoising&) {});
  CHECK(asked == std::vector<float>{levels[0], levels[1], levels[1], levels[2], levels[2], levels[3], levels[3]});
}

TEST_CASE("with the right network plain converges in first order, heun in second") {
  const NormalPictures network;
  CHECK(network.error(Sampler::plain, 4000) < 3e-4);  // the solution on paper is where small steps lead
  for (const int steps : {8, 16}) {
    const double plain = std::log2(network.error(Sampler::plain, steps) / network.error(Sampler::plain, 2 * steps));
    const double heun = std::log2(network.error(sampler("heun"), steps) / network.error(sampler("heun"), 2 * steps));
    MESSAGE("order from ", steps, " steps on: plain ", plain, ", heun ", heun);
    CHECK(plain > 0.8);
    CHECK(plain < 1.3);
    CHECK(heun > 1.7);
    CHECK(heun < 2.5);
  }
  CHECK(network.error(sampler("heun"), 20) <
        0.25 * network.error(Sampler::plain, 40));  // at the same number of answers
  CHECK(network.error(sampler("extrapolated"), 20) < network.error(Sampler::plain, 20));
}

TEST_CASE("a bad answer changes nothing") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const Sampler sampler : all_samplers()) {
    const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 6, 5);
    Denoising denoising(x, Schedule{}.noise_levels(2), sampler);
    const auto refuses = [&](const std::vector<float>& answer, const char* sentence) {
      const std::vector<float> asked(denoising.input().begin(), denoising.input().end());
      const float level = denoising.input_noise_level();
      CHECK_THROWS_WITH_AS(denoising.accept(answer), doctest::Contains(sentence), std::invalid_argument);
      CHECK(std::ranges::equal(denoising.working(), x));
      CHECK(std::ranges::equal(denoising.input(), asked));
      CHECK(denoising.input_noise_level() == level);
      CHECK(denoising.step() == 0);
    };
    const auto all = [&] {
      refuses({0, 0, 0, 0}, "4 values instead of 5");
      refuses({0, 0, 0, 0, 0, 0}, "6 values instead of 5");
      refuses({0, 0, nan, 0, 0}, "not a number");
      refuses({0, 0, 0, 0, -infinity}, "not a number");
    };
    all();
    if (name_of(sampler) == "heun") {
      CHECK_FALSE(denoising.accept(std::vector<float>(5, 0.5f)));
      all();
    }
    generate(
        denoising, [](std::span<const float> asked, float) { return std::vector<float>(asked.size(), 0.5f); },
        [](const Denoising&) {});
    CHECK(denoising.done());
    const std::vector<float> end(denoising.working().begin(), denoising.working().end());
    CHECK_THROWS_AS(denoising.accept(end), std::logic_error);
    CHECK(std::ranges::equal(denoising.working(), end));
  }
}

TEST_CASE("denoising can begin at a later step, but not beyond the last") {
  const NormalPictures network;
  const std::vector<float> levels = Schedule{3.0}.noise_levels(10);
  Denoising whole(pure_noise(NoiseKind::gaussian, 1, 7, 50), levels, Sampler::plain);
  while (whole.step() < 4) whole.accept(network(whole.input(), whole.input_noise_level()));
  Denoising rest({whole.working().begin(), whole.working().end()}, levels, Sampler::plain, 4);
  CHECK(rest.step() == 4);
  generate(whole, network, [](const Denoising&) {});
  generate(rest, network, [](const Denoising&) {});
  CHECK(std::ranges::equal(whole.working(), rest.working()));

  CHECK(Denoising({0.0f}, levels, Sampler::plain, 10).done());
  CHECK_THROWS_AS(Denoising({0.0f}, levels, Sampler::plain, 11), std::invalid_argument);
  CHECK_THROWS_AS(Denoising({0.0f}, levels, Sampler::plain, -1), std::invalid_argument);
  CHECK_THROWS_AS(Denoising({0.0f}, {1.0f}, Sampler::plain), std::invalid_argument);
}

TEST_CASE("pure noise is scaled; a picture mixed with noise keeps its ends") {
  const std::vector<float> one = pure_noise(NoiseKind::gaussian, 1, 8, 64),
                           two = pure_noise(NoiseKind::gaussian, 2, 8, 64);
  for (std::size_t i = 0; i < 64; ++i) CHECK(two[i] == 2 * one[i]);
  const std::vector<float> picture = pure_noise(NoiseKind::uniform, 0.5f, 9, 64);
  CHECK(with_noise(picture, 0, NoiseKind::gaussian, 1, 8, 0) == picture);
  CHECK(with_noise(picture, 1, NoiseKind::gaussian, 2, 8, 0) == two);
  const std::vector<float> half = with_noise(picture, 0.5f, NoiseKind::gaussian, 2, 8, 0);
  for (std::size_t i = 0; i < 64; ++i) CHECK(half[i] == 0.5f * picture[i] + 0.5f * two[i]);
}

TEST_CASE("samplers have names") {
  for (const Sampler each : all_samplers()) CHECK(sampler(name_of(each)) == each);
  CHECK_THROWS_WITH_AS(sampler("euler"), doctest::Contains("'euler'"), std::invalid_argument);
}
