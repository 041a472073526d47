// The step history: every working picture and prediction comes back bit by bit, in bounded memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>
#include <vector>

#include "src/diffusion/history.h"
#include "src/diffusion/schedule.h"
#include "tests/diffusion/all_samplers.h"

using namespace florilegium;

namespace {

/// A network whose answers change with everything it is given.
std::vector<float> restless(std::span<const float> x, float level) {
  std::vector<float> answer;
  for (const float v : x) answer.push_back(0.7f * v * (1 - level) + 0.3f * level - 0.1f * v * v);
  return answer;
}

/// Runs to the end and checks that the history gives back what was seen, while it grows and
/// afterwards.
void check_run(Denoising denoising, int first_step) {
  const auto copy = [](auto span) { return std::vector(span.begin(), span.end()); };
  History history(copy(denoising.working()), copy(denoising.levels()), first_step);
  std::vector<std::vector<float>> working = {copy(denoising.working())};
  std::vector<std::vector<Kept>> predictions;
  generate(denoising, restless, [&](const Denoising& now) {
    history.push(now.prediction());
    working.push_back(copy(now.working()));
    predictions.push_back(copy(now.prediction()));
    CHECK(history.last_step() == now.step());
    CHECK(history.working(now.step()) == working.back());
  });
  CHECK(history.first_step() == first_step);
  CHECK(history.last_step() == history.steps());
  for (int step = first_step; step <= history.steps(); ++step) {
    const auto at = static_cast<std::size_t>(step - first_step);
    CHECK_MESSAGE(history.working(step) == working[at], "step ", step);
    if (step < history.steps()) CHECK_MESSAGE(copy(history.prediction(step)) == predictions[at], "step ", step);
  }
}

}  // namespace

TEST_CASE("a history gives back every working picture and prediction exactly") {
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 1, 301);
  for (const Sampler sampler : all_samplers())
    for (const int steps : {1, 9, 10, 11, 20, 57})
      check_run(Denoising(x, Schedule{3.0}.noise_levels(steps), sampler), 0);
}

TEST_CASE("so does the history of a branch that begins at a later step") {
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 2, 64);
  for (const int first : {1, 9, 10, 37, 56, 57})
    check_run(Denoising(x, Schedule{3.0}.noise_levels(57), Sampler::plain, first), first);
}

TEST_CASE("a branch from a step of a history goes on exactly as the first run did") {
  const std::vector<float> levels = Schedule{}.noise_levels(25);
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 3, 64);
  Denoising whole(x, levels, Sampler::plain);
  History history(x, levels);
  generate(whole, restless, [&](const Denoising& now) { history.push(now.prediction()); });
  for (const int first : {0, 7, 13, 20}) {
    Denoising branch(history.working(first), levels, Sampler::plain, first);
    generate(branch, restless, [](const Denoising&) {});
    CHECK(std::ranges::equal(branch.working(), whole.working()));
  }
}

TEST_CASE("what a history does not have is refused") {
  const std::vector<float> levels = Schedule{}.noise_levels(12);
  History history({1.0f, 2.0f}, levels, 3);
  CHECK(history.last_step() == 3);
  CHECK(history.working(3) == std::vector<float>{1.0f, 2.0f});
  CHECK_THROWS_AS(history.working(2), std::out_of_range);
  CHECK_THROWS_AS(history.working(4), std::out_of_range);
  CHECK_THROWS_AS(history.prediction(3), std::out_of_range);
  CHECK_THROWS_AS(history.push(std::vector<Kept>{1}), std::invalid_argument);
  for (int step = 3; step < 12; ++step) history.push(std::vector<Kept>{1, 2});
  CHECK_THROWS_AS(history.push(std::vector<Kept>{1, 2}), std::logic_error);
  CHECK_THROWS_AS(history.prediction(2), std::out_of_range);
  CHECK_THROWS_AS(history.prediction(12), std::out_of_range);
  CHECK(history.noise_level(12) == 0.0f);
  CHECK_THROWS_AS(history.noise_level(13), std::out_of_range);
  CHECK_THROWS_AS(History({1.0f}, levels, 13), std::invalid_argument);
  CHECK_THROWS_AS(History({1.0f}, levels, -1), std::invalid_argument);
  CHECK_THROWS_AS(History({1.0f}, {1.0f}), std::invalid_argument);
}

TEST_CASE("100 steps at 512x512 take under 200 MB") {
  constexpr std::size_t size = 64 * 64 * 3, full_size = 512 * 512 * 3;
  History history(std::vector<float>(size), Schedule{}.noise_levels(100));
  const std::vector<Kept> prediction(size);
  for (int step = 0; step < 100; ++step) history.push(prediction);
  const double megabytes = static_cast<double>(history.bytes()) * (full_size / size) / 1e6;
  MESSAGE(megabytes, " MB");
  CHECK(megabytes < 200);
  CHECK(history.bytes() ==
        size * (100 * sizeof(Kept) + 12 * sizeof(float)));  // all predictions, 11 key pictures, the newest
}
