#include "trainer/judge/two_sample.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "src/image/resize.h"
#include "tests/judge/made_up_plates.h"

using namespace florilegium;

namespace {

constexpr int side = 32;

std::vector<Picture> plates(std::uint64_t first, std::uint64_t count) {
  std::vector<Picture> all;
  for (std::uint64_t seed = first; seed < first + count; ++seed) all.push_back(made_up_plate(seed, side, side));
  return all;
}

}  // namespace

TEST_SUITE("slow") {
  TEST_CASE("plates are not told from others of their kind, and are told from blurred ones") {
    const auto backend = cpu_backend(1);
    const auto some = plates(1, 40), others = plates(101, 40);
    const TwoSample alike = two_sample_test(*backend, some, others, side);
    CAPTURE(alike.accuracy);
    CHECK(alike.low < 0.5);
    CHECK(alike.accuracy > 0.3);  // what one half has by chance, the other lacks
    CHECK(alike.low < alike.accuracy);
    CHECK(alike.accuracy < alike.high);

    auto blurred = others;
    for (Picture& picture : blurred) picture = resized(resized(picture, side / 2, side / 2), side, side);
    const TwoSample told = two_sample_test(*backend, some, blurred, side);
    CAPTURE(told.accuracy);
    CHECK(told.low > 0.6);
    CHECK_THROWS_AS(two_sample_test(*backend, plates(1, 3), others, side), std::invalid_argument);
  }
}
