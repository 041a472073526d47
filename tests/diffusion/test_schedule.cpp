// Schedules: from exactly 1 to exactly 0, strictly falling, along the formula; and their names.
#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "src/diffusion/schedule.h"

using namespace florilegium;

TEST_CASE("noise levels fall strictly from 1 to 0") {
  for (const double shift : {0.25, 1.0, 3.0, 12.0})
    for (const int steps : {1, 2, 3, 20, 100, 1000}) {
      const std::vector<float> levels = Schedule{shift}.noise_levels(steps);
      REQUIRE(levels.size() == static_cast<std::size_t>(steps) + 1);
      CHECK(levels.front() == 1.0f);
      CHECK(levels.back() == 0.0f);
      bool falling = true;
      for (std::size_t k = 1; k < levels.size(); ++k) falling = falling && levels[k] < levels[k - 1];
      CHECK_MESSAGE(falling, "shift ", shift, ", ", steps, " steps");
    }
}

TEST_CASE("linear levels are even, shifted ones follow the formula") {
  const std::vector<float> even = Schedule{}.noise_levels(4);
  CHECK(even == std::vector<float>{1.0f, 0.75f, 0.5f, 0.25f, 0.0f});
  const std::vector<float> shifted = Schedule{3.0}.noise_levels(4);
  const std::vector<double> expected = {1.0, 0.9, 0.75, 0.5, 0.0};  // 3 l / (1 + 2 l)
  for (std::size_t k = 0; k < expected.size(); ++k)
    CHECK(std::abs(static_cast<double>(shifted[k]) - expected[k]) < 1e-7);
}

TEST_CASE("a schedule needs at least one step") {
  CHECK_THROWS_AS(Schedule{}.noise_levels(0), std::invalid_argument);
  CHECK_THROWS_AS(Schedule{}.noise_levels(-5), std::invalid_argument);
}

TEST_CASE("the first step at a noise level is the first that is no noisier, and never beyond the last") {
  CHECK(Schedule{}.first_step(10, 1.0f) == 0);
  CHECK(Schedule{}.first_step(10, 0.5f) == 5);
  CHECK(Schedule{}.first_step(10, 0.55f) == 5);
  CHECK(Schedule{3.0}.first_step(10, 0.75f) == 5);
  CHECK(Schedule{}.first_step(10, 0.01f) == 9);
}

TEST_CASE("a schedule's text can be read again") {
  CHECK(Schedule::parse("linear").shift == 1.0);
  CHECK(Schedule::parse("shifted:3").shift == 3.0);
  CHECK(Schedule::parse("shifted:0.5").shift == 0.5);
  CHECK(Schedule{}.text() == "linear");
  CHECK(Schedule{3.0}.text() == "shifted:3");
  CHECK(Schedule{2.5}.text() == "shifted:2.5");
  CHECK(Schedule{10.0}.text() == "shifted:10");
  for (const double shift : {1.0, 0.25, 3.0, 4.75, 100.0})
    CHECK(Schedule::parse(Schedule{shift}.text()).shift == shift);
}

TEST_CASE("anything else is refused with what can be used instead") {
  for (const char* text : {"", "cosine", "shifted", "shifted:", "shifted:0", "shifted:-1", "shifted:x", "shifted:3x",
                           "shifted:inf", "shifted:nan", "Linear"})
    CHECK_THROWS_WITH_AS(Schedule::parse(text), doctest::Contains("use 'linear' or 'shifted:S'"),
                         std::invalid_argument);
}
