#include "src/studio/state/criteria.h"

#include <doctest/doctest.h>

#include <string>

using namespace florilegium;

namespace {

GrownPlate plate(int seed) {
  return {blank_picture(2, 2, static_cast<std::uint8_t>(seed), 0, 0), "seed " + std::to_string(seed), {}, 0.9};
}

/// A room with its judge ready and so many held-out squares, whose red counts up from 100.
Criteria room(std::size_t held_out) {
  Criteria criteria;
  criteria.judge = Criteria::Judge::ready;
  for (std::size_t i = 0; i < held_out; ++i)
    criteria.held_out.push_back(
        {blank_picture(2, 2, static_cast<std::uint8_t>(100 + i), 0, 0), "book " + std::to_string(i)});
  return criteria;
}

int red(const Picture& picture) { return picture.rgba.at(0); }

}  // namespace

TEST_CASE("no question is asked before both kinds are at hand, whatever the coin says") {
  for (const std::uint64_t coin : {0u, 1u}) {
    Criteria criteria = room(0);
    plate_judged(criteria, plate(1), false);
    ask(criteria, coin);
    CHECK(criteria.quiz.stage == Quiz::Stage::waiting);
    criteria = room(20);
    ask(criteria, coin);
    CHECK(criteria.quiz.stage == Quiz::Stage::waiting);
    plate_judged(criteria, plate(1), false);
    ask(criteria, coin);
    CHECK(criteria.quiz.stage == Quiz::Stage::asked);
    CHECK(criteria.quiz.grown == (coin == 1));
  }
}

TEST_CASE("a grown plate is asked once; the printed ones of the sheet are never asked, the others come round again") {
  Criteria criteria = room(sheet_pictures + 2);
  for (int seed = 1; seed <= 2; ++seed) plate_judged(criteria, plate(seed), false);
  const auto asked = [&](std::uint64_t coin) {
    ask(criteria, coin);
    REQUIRE(criteria.quiz.stage == Quiz::Stage::asked);
    const int shown = red(question_picture(criteria));
    answer(criteria, false);
    next_question(criteria);
    return shown;
  };
  CHECK(asked(0) == 100);
  CHECK(asked(1) == 1);
  CHECK(asked(2) == 101);
  CHECK(asked(4) == 100);
  CHECK(asked(3) == 2);
  ask(criteria, 0);
  CHECK(criteria.quiz.stage == Quiz::Stage::waiting);  // both grown ones are used up
}

TEST_CASE("the score counts each question once, and the answer is told afterwards") {
  Criteria criteria = room(3);
  for (int seed = 7; seed < 9; ++seed) plate_judged(criteria, plate(seed), false);
  answer(criteria, true);
  CHECK(criteria.quiz.asked() == 0);  // nothing was asked
  ask(criteria, 1);
  next_question(criteria);
  CHECK(criteria.quiz.stage == Quiz::Stage::asked);  // it stays until it is answered
  answer(criteria, true);
  answer(criteria, false);
  CHECK(criteria.quiz.right() == 1);
  CHECK(criteria.quiz.asked() == 1);
  CHECK(revealed(criteria) == "Grown: seed 7");
  next_question(criteria);
  ask(criteria, 0);
  answer(criteria, true);
  CHECK(criteria.quiz.right() == 1);
  CHECK(criteria.quiz.asked() == 2);
  CHECK(revealed(criteria) == "Printed: book 0");
  CHECK(criteria.quiz.answers[0] == std::array{0, 1});  // the printed one was taken for grown
  CHECK(criteria.quiz.answers[1] == std::array{0, 1});
}

TEST_CASE("what has been seen on a sheet is not asked") {
  Criteria criteria = room(3);
  for (int seed = 1; seed <= 3; ++seed) plate_judged(criteria, plate(seed), false);
  seen(criteria, 2);
  seen(criteria, 1);
  ask(criteria, 1);
  CHECK(red(question_picture(criteria)) == 3);
}

TEST_CASE("the room wants plates as its part needs them, one at a time") {
  Criteria criteria = room(3);
  CHECK(wants_plate(criteria));
  criteria.judging = 1;
  CHECK(!wants_plate(criteria));
  plate_judged(criteria, plate(1), false);
  CHECK(criteria.judging == 0);
  CHECK(wants_plate(criteria));
  plate_judged(criteria, plate(2), false);
  CHECK(!wants_plate(criteria));  // two are ahead
  ask(criteria, 1);
  CHECK(wants_plate(criteria));
  criteria.part = CriteriaPart::originality;
  CHECK(!wants_plate(criteria));
  criteria.part = CriteriaPart::proportionality;
  for (std::size_t i = 2; i < sheet_pictures; ++i) {
    CHECK(wants_plate(criteria));
    plate_judged(criteria, plate(3), false);
  }
  CHECK(!wants_plate(criteria));
  criteria.judge = Criteria::Judge::failed;
  criteria.grown.clear();
  CHECK(!wants_plate(criteria));
}

TEST_CASE("the visitor's plates come first, the newest before the others, and twelve are kept") {
  Criteria criteria = room(3);
  plate_judged(criteria, plate(50), false);
  for (int seed = 1; seed <= 14; ++seed) {
    criteria.chosen = 3;
    plate_judged(criteria, plate(seed), true);
    CHECK(criteria.chosen == 0);
  }
  REQUIRE(plate_count(criteria) == 13);
  CHECK(plate_at(criteria, 0).text == "seed 14");
  CHECK(plate_at(criteria, 11).text == "seed 3");
  CHECK(plate_at(criteria, 12).text == "seed 50");
}

TEST_CASE("another model puts aside what was grown, the open question, the answers and what was measured") {
  Criteria criteria = room(3);
  plate_judged(criteria, plate(1), false);
  plate_judged(criteria, plate(2), true);
  ask(criteria, 1);
  answer(criteria, true);
  criteria.told.push_back({64, 0.7, 0.6, 0.8});
  const int set = criteria.grown_set;
  forget_grown(criteria);
  CHECK(plate_count(criteria) == 0);
  CHECK(criteria.quiz.stage == Quiz::Stage::waiting);
  CHECK(criteria.quiz.asked() == 0);
  CHECK(criteria.told.empty());
  CHECK(criteria.grown_set != set);
  plate_judged(criteria, plate(3), false);
  ask(criteria, 1);
  CHECK(revealed(criteria) == "Grown: seed 3");
}
