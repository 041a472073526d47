// The room Criteria as the page's JavaScript calls it (web/criteria.mjs).
#include <emscripten/emscripten.h>

#include <algorithm>

#include "src/bridge/studio_link.h"

using namespace florilegium;

namespace {

GrownPlate next_plate;

const Criteria& criteria() { return the_studio().criteria; }
Criteria& changed() { return changed_studio().criteria; }

}  // namespace

extern "C" {

/// state: as in Criteria::Judge; why: a sentence when it failed.
EMSCRIPTEN_KEEPALIVE void criteria_judge(int state, const char* why) {
  Criteria& c = changed();
  c.judge = static_cast<Criteria::Judge>(state);
  c.why = why;
}

/// The inbox holds a square RGBA picture.
EMSCRIPTEN_KEEPALIVE int criteria_held_out(int side, const char* text) {
  return guarded([&] {
    Criteria& c = changed();
    c.held_out.push_back({picture_from_inbox(side, side), text});
    ++c.serial;
  });
}

EMSCRIPTEN_KEEPALIVE void criteria_growing(int step, int steps) {
  Criteria& c = changed();
  c.growing_step = step;
  c.growing_steps = steps;
}

/// A plate is on its way through the judge, or (-1) was lost there.
EMSCRIPTEN_KEEPALIVE void criteria_judging(int more) {
  int& judging = the_studio().criteria.judging;
  judging = std::max(0, judging + more);
}

EMSCRIPTEN_KEEPALIVE void criteria_forget(int own_plates) {
  Criteria& c = changed();
  forget_grown(c);
  c.own_plates = own_plates != 0;
}

/// The inbox holds the grown picture; its neighbours follow by criteria_neighbour(), then
/// criteria_judged().
EMSCRIPTEN_KEEPALIVE int criteria_grown(int side, const char* text, double ratio) {
  return guarded([&] { next_plate = {picture_from_inbox(side, side), text, {}, ratio}; });
}
EMSCRIPTEN_KEEPALIVE int criteria_neighbour(int side, const char* text, double distance) {
  return guarded([&] { next_plate.nearest.push_back({picture_from_inbox(side, side), text, distance}); });
}
/// visitors: grown elsewhere on the page.
EMSCRIPTEN_KEEPALIVE void criteria_judged(int visitors) {
  plate_judged(changed(), std::move(next_plate), visitors != 0);
}

/// The inbox holds doubles in the order of judge_compare(), then the distance by chance.
EMSCRIPTEN_KEEPALIVE void criteria_proportion(int count) {
  constexpr std::size_t m = measures, h = hues + 1;
  const auto values = from_inbox<double>(0, static_cast<int>(3 * m + 2 * h + 2));
  Proportion& out = changed().proportion;
  out.count = static_cast<std::size_t>(count);
  std::size_t next = 0;
  for (auto* part : {&out.grown, &out.real, &out.distance})
    for (double& value : *part) value = values[next++];
  for (auto* part : {&out.grown_hue, &out.real_hue})
    for (double& value : *part) value = values[next++];
  out.all = values[next++];
  out.by_chance = values[next];
}

/// The answers that were given with this model before (Quiz::answers).
EMSCRIPTEN_KEEPALIVE void criteria_answers(int printed_right, int printed_wrong, int grown_wrong, int grown_right) {
  changed().quiz.answers = {{{printed_right, printed_wrong}, {grown_wrong, grown_right}}};
}

/// One more size at which a classifier was asked to tell this model's plates from printed ones.
EMSCRIPTEN_KEEPALIVE void criteria_told(int side, double accuracy, double low, double high, int pictures) {
  Criteria& c = changed();
  c.told.push_back({side, accuracy, low, high});
  c.told_pictures = pictures;
}

EMSCRIPTEN_KEEPALIVE void criteria_show_part(int part) { changed().part = static_cast<CriteriaPart>(part); }
EMSCRIPTEN_KEEPALIVE void criteria_answer(int grown) { answer(changed(), grown != 0); }
EMSCRIPTEN_KEEPALIVE void criteria_next() { next_question(changed()); }

/// For scripts and tests. what: 0 judge, 1 part, 2 stage of the quiz, 3 right, 4 asked, 5 grown and
/// visitors' plates, 6 held-out ones, 7 the answer to the question (-1 before it is given), 8
/// plates measured, 9 question, 10 to 13 the answers so far (Quiz::answers).
EMSCRIPTEN_KEEPALIVE int criteria_state(int what) {
  const Criteria& c = criteria();
  const int states[] = {static_cast<int>(c.judge),
                        static_cast<int>(c.part),
                        static_cast<int>(c.quiz.stage),
                        c.quiz.right(),
                        c.quiz.asked(),
                        static_cast<int>(plate_count(c)),
                        static_cast<int>(c.held_out.size()),
                        c.quiz.stage == Quiz::Stage::answered ? (c.quiz.grown ? 1 : 0) : -1,
                        static_cast<int>(c.proportion.count),
                        c.quiz.question,
                        c.quiz.answers[0][0],
                        c.quiz.answers[0][1],
                        c.quiz.answers[1][0],
                        c.quiz.answers[1][1]};
  return states[what];
}
EMSCRIPTEN_KEEPALIVE double criteria_ratio(int plate) {
  return plate_at(criteria(), static_cast<std::size_t>(plate)).ratio;
}
/// The question's picture, quiz_side * quiz_side RGBA; null while none is asked.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* criteria_question() {
  return criteria().quiz.stage == Quiz::Stage::waiting ? nullptr : question_picture(criteria()).rgba.data();
}

}  // extern "C"
