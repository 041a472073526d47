// The studio's own state: painting tools, samplers, and a replay with and without much motion.
#include "src/studio/state/studio.h"

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

#include "src/diffusion/schedule.h"
#include "tests/studio/fake_host.h"

using namespace florilegium;

namespace {

constexpr int size = 8;
constexpr std::size_t values = 3 * size * size;

void grow_all(Studio& studio, int steps) {
  growth_begun(studio, {7, steps, "plain", "linear"}, size, std::vector<float>(values, 1.0f),
               Schedule{}.noise_levels(steps), 0);
  for (int k = 0; k < steps; ++k) growth_stepped(studio, std::vector<Kept>(values), 1);
  growth_ended(studio, GrowthState::finished);
}

// Replays in frames of 20 ms -> the steps that were seen, and how long it took.
std::pair<std::set<int>, double> replay(Studio& studio) {
  std::set<int> seen;
  double seconds = 0;
  toggle_replay(studio);
  for (; studio.replaying && seconds < 60; seconds += 0.02) {
    seen.insert(studio.shown_step);
    advance_replay(studio, 0.02);
  }
  seen.insert(studio.shown_step);
  return {seen, seconds};
}

}  // namespace

TEST_CASE("a replay takes four seconds, and shows every step") {
  Studio studio;
  grow_all(studio, 100);
  const auto [seen, seconds] = replay(studio);
  CHECK(seen.size() == 101);
  CHECK(seconds == doctest::Approx(4).epsilon(0.05));
}

TEST_CASE("who wants little motion sees some of the steps, each long enough to be looked at") {
  for (const int steps : {3, 10, 57, 250}) {
    Studio studio;
    studio.reduced_motion = true;
    grow_all(studio, steps);
    const auto [seen, seconds] = replay(studio);
    CHECK(seen.size() <= 12);
    CHECK(*seen.begin() == 0);
    CHECK(*seen.rbegin() == steps);
    CHECK(seconds <= 4.5);
    CHECK(seconds / static_cast<double>(seen.size() - 1) >= 0.39);  // never quicker than two and a half a second
  }
}

TEST_CASE("the samplers go round in the order of their table") {
  Studio studio;
  for (const SamplerEntry& one : samplers()) {
    CHECK(studio.settings.sampler == one.name);
    set_sampler(studio, sampler_index(studio.settings) + 1);
  }
  CHECK(studio.settings.sampler == samplers().front().name);
}

TEST_CASE("a tool opens the easel; a model without colours has no brush") {
  asked = {};
  Studio studio;
  use_tool(studio, Tool::region);
  CHECK_FALSE(studio.easel.open);  // there is no model yet
  fit(studio.easel, 64, false);
  use_tool(studio, Tool::region);
  CHECK(studio.easel.open);
  CHECK(studio.easel.tool == Tool::region);
  CHECK(asked.said.back() == "Region.");
  use_tool(studio, Tool::brush);
  CHECK(studio.easel.tool == Tool::region);
  fit(studio.easel, 64, true);
  use_tool(studio, Tool::brush);
  CHECK(studio.easel.tool == Tool::brush);
}
