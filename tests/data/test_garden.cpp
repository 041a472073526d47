#include "trainer/data/garden.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "src/image/picture.h"
#include "src/image/resize.h"

using namespace florilegium;

namespace {

std::vector<float> plate(std::uint64_t seed, std::uint64_t index, int size) {
  std::vector<float> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3, 9.0f);
  GardenSource().draw(seed, index, size, values);
  return values;
}

}  // namespace

TEST_CASE("the garden grows the same plant for the same numbers and another one for others") {
  CHECK(plate(1, 5, 64) == plate(1, 5, 64));
  CHECK(plate(1, 5, 64) != plate(1, 6, 64));
  CHECK(plate(1, 5, 64) != plate(2, 5, 64));
  std::vector<float> held(64 * 64 * 3), wrapped(held.size());
  GardenSource().held_out(5, 64, held);
  GardenSource().held_out(5 + 256, 64, wrapped);
  CHECK(held == wrapped);
  CHECK(held != plate(0, 5, 64));
}

TEST_CASE("all sizes show values in range, and a plant on its paper") {
  for (const int size : {16, 33, 64, 256, 512}) {
    for (std::uint64_t index = 0; index < 3; ++index) {
      const auto values = plate(7, index, size);
      const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
      CHECK(*least >= -1);
      CHECK(*greatest <= 1);
      CHECK(*greatest - *least > 0.4f);
    }
  }
  std::vector<float> wrong(5);
  CHECK_THROWS_AS(GardenSource().draw(1, 1, 64, wrong), std::invalid_argument);
}

TEST_CASE("a plant looks alike at every size") {
  for (std::uint64_t index = 0; index < 24; ++index) {
    const Picture small = picture_from_rgb(plate(9, index, 64), 64, 64);
    const Picture reduced = resized(picture_from_rgb(plate(9, index, 256), 256, 256), 64, 64);
    double sum = 0;
    for (std::size_t i = 0; i < small.rgba.size(); ++i) sum += std::abs(small.rgba[i] - reduced.rgba[i]);
    CAPTURE(index);
    CHECK(sum / static_cast<double>(small.rgba.size()) < 10);
  }
}
