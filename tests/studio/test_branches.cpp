// The family of a plate: who springs from whom, what is kept of them, and that going back gives the
// same pictures.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/studio/state/studio.h"
#include "tests/studio/fake_host.h"

using namespace florilegium;

namespace {

constexpr int size = 8, steps = 4;
constexpr std::size_t values = 3 * size * size;

void step_once(Studio& studio, float towards) { growth_stepped(studio, std::vector<Kept>(values, keep(towards)), 10); }

// Grows from first_step to `until` towards a grey.
void grow_towards(Studio& studio, float grey, int first_step = 0, int parent = -1, std::uint64_t coins = 0,
                  int until = steps) {
  growth_begun(studio, {.seed = 7, .steps = steps}, size, std::vector<float>(values, -grey), {1, 0.75f, 0.5f, 0.25f, 0},
               first_step, parent, coins);
  for (int k = first_step; k < until; ++k) step_once(studio, grey);
  if (until == steps) growth_ended(studio, GrowthState::finished);
}

std::vector<float> newest(const Studio& studio) {
  return studio.growth->history.working(studio.growth->history.last_step());
}

}  // namespace

TEST_CASE("branches remember from where they sprang, and so do theirs; another plate begins another family") {
  asked = {};
  Studio studio;
  grow_towards(studio, 0.5f);
  CHECK(studio.growth->flips.empty());
  CHECK(asked.remembered == 0);  // the address of a plate from noise is written before it grows
  grow_towards(studio, 0.25f, 1, 0, 5);
  CHECK(asked.remembered_flips == "1:5");
  grow_towards(studio, -0.25f, 2, 1, 6);
  CHECK(asked.remembered_flips == "1:5,2:6");
  grow_towards(studio, 0.75f, 3, 0, 8);
  REQUIRE(studio.family.size() == 4);
  CHECK(studio.shown_branch == 3);
  const std::vector<std::string> expected = {"", "1:5", "1:5,2:6", "3:8"};
  const std::vector<int> parents = {-1, 0, 1, 0};
  for (int i = 0; i < 4; ++i) {
    CHECK(text_of(family_member(studio, i).flips) == expected[static_cast<std::size_t>(i)]);
    CHECK(studio.family[static_cast<std::size_t>(i)].parent == parents[static_cast<std::size_t>(i)]);
  }
  grow_towards(studio, 0.1f);
  CHECK(studio.family.size() == 1);
  CHECK(studio.growth->flips.empty());
}

TEST_CASE("going back shows a branch as it was, at its newest step, and its address") {
  asked = {};
  Studio studio;
  grow_towards(studio, 0.5f);
  const std::vector<float> first = newest(studio);
  grow_towards(studio, -0.25f, 2, 0, 6);
  const std::vector<float> second = newest(studio);
  CHECK(first != second);
  show_branch(studio, 0);
  CHECK(newest(studio) == first);
  CHECK(studio.shown_step == steps);
  CHECK(asked.remembered_flips.empty());
  CHECK(asked.said.back() == "The first plate.");
  walk_to(studio, 1);
  show_branch(studio, 7);  // there are two: the last
  CHECK(studio.shown_branch == 1);
  CHECK(newest(studio) == second);
  CHECK(studio.shown_step == steps);
  CHECK(asked.remembered_flips == "2:6");
  CHECK(asked.said.back() == "Branch 1, from step 2.");
  CHECK(asked.cancelled == 0);
}

TEST_CASE("coins are flipped at steps that have a prediction only") {
  asked = {};
  Studio studio;
  branch_here(studio);
  CHECK(asked.branched_at == -1);
  grow_towards(studio, 0.5f);
  CHECK_FALSE(can_branch(studio));
  branch_here(studio);
  CHECK(asked.branched_at == -1);
  walk_to(studio, 3);
  branch_here(studio);
  CHECK(asked.branched_at == 3);
}

TEST_CASE("leaving a branch that grows stops it; what comes late changes nothing") {
  asked = {};
  Studio studio;
  grow_towards(studio, 0.5f);
  const std::vector<float> first = newest(studio);
  grow_towards(studio, -0.5f, 1, 0, 6, 2);  // still grows
  show_branch(studio, 0);
  CHECK(asked.cancelled == 1);
  step_once(studio, -1);
  growth_ended(studio, GrowthState::stopped);
  CHECK(newest(studio) == first);
  CHECK(studio.growth->state == GrowthState::finished);
  CHECK(family_member(studio, 1).state == GrowthState::stopped);
  CHECK(family_member(studio, 1).history.last_step() == 2);
}

TEST_CASE("a branch that begins anew, in another worker, takes its own place") {
  Studio studio;
  grow_towards(studio, 0.5f);
  grow_towards(studio, -0.5f, 1, 0, 6, 2);
  grow_towards(studio, -0.5f, 1, 0, 6);
  CHECK(studio.family.size() == 2);
  CHECK(studio.growth->state == GrowthState::finished);
  grow_towards(studio, -0.5f, 1, 0, 6);  // the same coins on purpose
  CHECK(studio.family.size() == 3);
}

TEST_CASE("beyond the budget the oldest let go of their steps, never of their picture and recipe") {
  Studio studio;
  grow_towards(studio, 0.5f);
  const std::vector<float> first = newest(studio);
  const auto whole = static_cast<double>(studio.growth->history.bytes());
  studio.history_budget = 3.5 * whole;
  for (std::uint64_t coins = 1; coins <= 2; ++coins)
    grow_towards(studio, 0.1f * static_cast<float>(coins), 0, 0, coins);
  CHECK_FALSE(family_member(studio, 0).steps_let_go);
  CHECK(studio.notices.empty());
  for (std::uint64_t coins = 3; coins <= 5; ++coins)
    grow_towards(studio, 0.1f * static_cast<float>(coins), 0, 0, coins);
  REQUIRE(studio.family.size() == 6);
  for (int i = 0; i < 6; ++i) {
    CAPTURE(i);
    CHECK(family_member(studio, i).steps_let_go == (i < 4));  // the one on view and the one before it stay
  }
  REQUIRE(studio.notices.size() == 1);
  CHECK(studio.notices[0].text.find("their pictures and recipes stay") != std::string::npos);

  show_branch(studio, 0);
  CHECK(newest(studio) == first);
  CHECK(frame(*studio.growth, steps, true).rgba ==
        frame(*studio.growth, steps, false).rgba);  // there is no prediction any more
  CHECK(studio.growth->thumbnails.size() == 1);
  CHECK_FALSE(can_branch(studio));
  show_branch(studio, 2);
  CHECK(text_of(studio.growth->flips) == "0:2");
  CHECK(studio.growth->state == GrowthState::finished);
}

TEST_CASE("only a finished plate can be a favourite, and its star is taken away again") {
  Studio studio;
  toggle_favourite_on_view(studio);
  grow_towards(studio, 0.5f, 0, -1, 0, 2);
  toggle_favourite_on_view(studio);
  CHECK(studio.gallery.favourites.empty());
  grow_towards(studio, 0.5f);
  toggle_favourite_on_view(studio);
  CHECK(studio.gallery.favourites.size() == 1);
  toggle_favourite_on_view(studio);
  CHECK(studio.gallery.favourites.empty());
}

TEST_CASE("what was guided by hand has no recipe, nor have its branches") {
  asked = {};
  Studio studio;
  grow_towards(studio, 0.5f);
  studio.growth->guided = true;  // by the easel
  grow_towards(studio, 0.25f, 1, 0, 5);
  CHECK(studio.growth->guided);
  CHECK(asked.remembered == 1);
  CHECK(asked.remembered_flips.empty());
  save_plate(studio);
  CHECK(note("florilegium.seed") == "missing");
  CHECK(note("florilegium.branches") == "missing");
  toggle_favourite_on_view(studio);
  CHECK(studio.gallery.favourites.empty());
}

TEST_CASE("files and favourites carry the coins of a branch") {
  asked = {};
  Studio studio;
  grow_towards(studio, 0.5f);
  save_plate(studio);
  CHECK(asked.file == "florilegium-7.png");
  CHECK(note("florilegium.branches") == "missing");
  const Recipe first = recipe_of(*studio.growth);
  grow_towards(studio, 0.25f, 1, 0, 5);
  grow_towards(studio, -0.25f, 2, 1, 6);
  save_plate(studio);
  CHECK(asked.file == "florilegium-7-branch-1-5-branch-2-6.png");
  CHECK(note("florilegium.branches") == "1:5,2:6");
  CHECK(note("florilegium.seed") == "7");
  save_filmstrip(studio, 6);
  CHECK(asked.file == "florilegium-7-branch-1-5-branch-2-6-filmstrip.png");
  CHECK(note("florilegium.branches") == "1:5,2:6");

  const Recipe branch = recipe_of(*studio.growth);
  toggle_favourite(studio, branch, frame(*studio.growth, steps, false));
  CHECK(asked.said.back() == "Plate 7 (branched at step 2) is a favourite now.");
  CHECK(is_favourite(studio.gallery, branch));
  CHECK_FALSE(is_favourite(studio.gallery, first));
  toggle_favourite(studio, first, frame(*studio.growth, steps, false));
  toggle_favourite(studio, branch, {});
  const auto said = [](const char* what) { return std::count(asked.said.begin(), asked.said.end(), what); };
  CHECK(said("keep 7 1:5,2:6") == 1);
  CHECK(said("keep 7") == 1);
  CHECK(said("forget 7 1:5,2:6") == 1);
  CHECK(said("forget 7") == 0);
  CHECK(studio.gallery.favourites.size() == 1);
}
