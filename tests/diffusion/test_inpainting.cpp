// Inpainting: outside the region every step is the finished picture under the first noise, inside
// it the network decides, and a history of the run gives both back.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "src/diffusion/denoising.h"
#include "src/diffusion/history.h"
#include "src/diffusion/inpainting.h"
#include "src/diffusion/schedule.h"
#include "tests/diffusion/all_samplers.h"

using namespace florilegium;

namespace {

constexpr int size = 16, cells = 4, cell = size / cells;
const std::vector<std::uint8_t> region = {0, 0, 1, 1,  // the upper right quarter grows again
                                          0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0};

bool inside(std::size_t i) {
  const int row = static_cast<int>(i) / size % size, column = static_cast<int>(i) % size;
  return region[static_cast<std::size_t>(row / cell * cells + column / cell)] != 0;
}

std::vector<float> some_picture() {
  std::vector<float> picture(3 * size * size);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = std::sin(static_cast<float>(i));
  return picture;
}

}  // namespace

TEST_CASE("the answer counts in the region, not outside, and comes in over half a cell at its edge") {
  const std::vector<float> weights = region_weights(region, size);
  REQUIRE(weights.size() == size * size);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CAPTURE(i);
    const int row = static_cast<int>(i) / size, column = static_cast<int>(i) % size;
    if (!inside(i)) CHECK(weights[i] == 0.0f);
    else if (row < size / 2 - cell / 2 && column >= size / 2 + cell / 2) CHECK(weights[i] == 1.0f);
    else CHECK(weights[i] < 1.0f);
  }
  // Along the upper row, from the edge at column 8: its first pixels lie 1/8 and 3/8 of a cell
  // inside.
  CHECK(weights[8] == doctest::Approx(0.25f));
  CHECK(weights[9] == doctest::Approx(0.75f));
  const std::vector<float> all = region_weights(std::vector<std::uint8_t>(4, 1), size);
  CHECK(all == std::vector<float>(size * size, 1.0f));
}

TEST_CASE("a hole in the region stays whole") {
  const std::vector<std::uint8_t> ring = {1, 1, 1, 1, 0, 1, 1, 1, 1};
  const std::vector<float> weights = region_weights(ring, 12);
  for (std::size_t row = 4; row < 8; ++row)
    for (std::size_t column = 4; column < 8; ++column) CHECK(weights[row * 12 + column] == 0.0f);
}

TEST_CASE("the picture takes the place of the answer by the weights, in every channel") {
  const std::vector<float> picture = some_picture(), weights = region_weights(region, size);
  std::vector<float> answer(picture.size(), 7.0f);
  keep_outside(answer, picture, weights);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const float weight = weights[i % weights.size()];
    if (weight == 0) REQUIRE(answer[i] == picture[i]);
    else REQUIRE(answer[i] == doctest::Approx(7 * weight + (1 - weight) * picture[i]));
  }
}

TEST_CASE("a region grows again with every sampler while the rest stays, and the history gives every step back") {
  const std::vector<float> picture = some_picture(), levels = Schedule::parse("shifted:2").noise_levels(9),
                           weights = region_weights(region, size);
  constexpr int first = 2;
  const std::vector<float> noise = pure_noise(NoiseKind::gaussian, 1, 5, picture.size());
  for (const Sampler sampler : all_samplers()) {
    const std::vector<float> start = with_noise(picture, levels[first], NoiseKind::gaussian, 1, 5, 0);
    Denoising denoising(start, levels, sampler, first);
    History history(start, levels, first);
    std::vector<std::vector<float>> seen = {start};
    const auto network = [&](std::span<const float> x, float) {  // a network that wants everything half as strong
      std::vector<float> answer(x.begin(), x.end());
      for (float& value : answer) value *= 0.5f;
      keep_outside(answer, picture, weights);
      return answer;
    };
    generate(denoising, network, [&](const Denoising& now) {
      history.push(now.prediction());
      seen.emplace_back(now.working().begin(), now.working().end());
      const float level = levels[static_cast<std::size_t>(now.step())];
      for (std::size_t i = 0; i < picture.size(); ++i)
        if (!inside(i))
          REQUIRE(now.working()[i] == doctest::Approx((1 - level) * picture[i] + level * noise[i]).epsilon(0.0005));
    });
    double changed = 0;
    for (std::size_t i = 0; i < picture.size(); ++i) {
      const float difference = std::abs(denoising.working()[i] - picture[i]);
      if (inside(i)) changed += difference;
      else REQUIRE(difference <= 1.0f / 16384);
    }
    CHECK(changed / (3 * 4 * cell * cell) > 0.1);
    for (int step = first; step <= 9; ++step)
      CHECK(history.working(step) == seen[static_cast<std::size_t>(step - first)]);
  }
}

TEST_CASE("a region that does not fit is refused with a sentence") {
  const std::vector<float> picture = some_picture();
  std::vector<float> answer(picture.size(), 7.0f);
  const std::vector<std::uint8_t> three(3, 1), nine(9, 1), none;
  CHECK_THROWS_AS(region_weights(three, size), std::invalid_argument);  // no square
  CHECK_THROWS_AS(region_weights(nine, size), std::invalid_argument);   // 3 cells do not divide 16 pixels
  CHECK_THROWS_AS(region_weights(none, size), std::invalid_argument);
  CHECK_THROWS_AS(keep_outside(answer, std::vector<float>(5), std::vector<float>(5)), std::invalid_argument);
  CHECK(answer == std::vector<float>(picture.size(), 7.0f));
}
