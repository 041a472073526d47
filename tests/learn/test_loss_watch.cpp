// The loss watch lets ordinary trouble pass and notices an explosion.
#include <doctest/doctest.h>

#include <cmath>

#include "src/diffusion/noise.h"
#include "trainer/learn/loss_watch.h"

using namespace florilegium;

TEST_CASE("a falling, noisy loss is no trouble") {
  LossWatch watch;
  for (std::uint64_t step = 0; step < 2000; ++step) {
    const double usual = 0.03 + std::exp(-static_cast<double>(step) / 100);
    const double noise = std::exp(0.7 * gaussian_number(1, 2, step));
    REQUIRE(watch.look(usual * noise, 1, true).empty());
  }
}

TEST_CASE("an explosion is noticed within 16 steps") {
  LossWatch watch;
  for (int step = 0; step < 200; ++step) REQUIRE(watch.look(0.05, 1, true).empty());
  int steps = 1;
  while (steps < 100 && watch.look(0.6, 1, true).empty()) ++steps;
  CHECK(steps <= 16);
}

TEST_CASE("far worse than grey is an explosion from the first step on") {
  LossWatch watch;
  CHECK(watch.look(1, 1, true).empty());
  CHECK_FALSE(watch.look(1000, 1, true).empty());
}

TEST_CASE("single steps that are not finite pass, several in a row do not") {
  LossWatch watch;
  for (int round = 0; round < 10; ++round) {
    CHECK(watch.look(NAN, 1, false).empty());
    CHECK(watch.look(NAN, 1, false).empty());
    CHECK(watch.look(0.5, 1, true).empty());
  }
  CHECK(watch.look(NAN, 1, false).empty());
  CHECK(watch.look(NAN, 1, false).empty());
  CHECK_FALSE(watch.look(NAN, 1, false).empty());
}
