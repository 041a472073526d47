// The room Criteria as the page's JavaScript calls it (web/criteria.mjs).
#include <emscripten/emscripten.h>

#include <algorithm>

#include "src/bridge/criteria_host.h"
#include "src/bridge/studio_link.h"

using namespace florilegium;

// clang-format off
EM_JS(void, js_want_plate, (), { Module.host.criteria?.want(); })
EM_JS(void, js_open_judge, (), { Module.host.criteria?.open(); })
EM_JS(void, js_keep_score, (int right, int asked), { Module.host.criteria?.keepScore(right, asked); })
// clang-format on

void florilegium::host::want_plate() { js_want_plate(); }
void florilegium::host::open_judge() { js_open_judge(); }
void florilegium::host::keep_score(int right, int asked) { js_keep_score(right, asked); }

namespace {

GrownPlate next_plate;

Criteria& criteria() { return the_studio().criteria; }

Picture picture_in_room(int side) {
  const auto bytes = from_room<std::uint8_t>(0, side * side * 4);
  return {side, side, {bytes.begin(), bytes.end()}};
}

template <class Work>
int changing(Work&& work) {
  ++the_studio().changes;
  return guarded(work);
}

}  // namespace

extern "C" {

/// state: as in Criteria::Judge; why: a sentence when it failed.
EMSCRIPTEN_KEEPALIVE void criteria_judge(int state, const char* why) {
  criteria().judge = static_cast<Criteria::Judge>(state);
  criteria().why = why;
  ++the_studio().changes;
}

/// The room holds a square RGBA picture.
EMSCRIPTEN_KEEPALIVE int criteria_held_out(int side, const char* text) {
  return changing([&] {
    criteria().held_out.push_back({picture_in_room(side), text});
    ++criteria().serial;
  });
}

EMSCRIPTEN_KEEPALIVE void criteria_growing(int step, int steps) {
  criteria().growing_step = step;
  criteria().growing_steps = steps;
  ++the_studio().changes;
}

/// A plate is on its way through the judge, or (-1) was lost there.
EMSCRIPTEN_KEEPALIVE void criteria_judging(int more) { criteria().judging = std::max(0, criteria().judging + more); }

EMSCRIPTEN_KEEPALIVE void criteria_forget(int own_plates) {
  forget_grown(criteria());
  criteria().own_plates = own_plates != 0;
  ++the_studio().changes;
}

/// The room holds the grown picture; its neighbours follow by criteria_neighbour(), then
/// criteria_judged().
EMSCRIPTEN_KEEPALIVE int criteria_grown(int side, const char* text, double ratio) {
  return changing([&] { next_plate = {picture_in_room(side), text, {}, ratio}; });
}
EMSCRIPTEN_KEEPALIVE int criteria_neighbour(int side, const char* text, double distance) {
  return changing([&] { next_plate.nearest.push_back({picture_in_room(side), text, distance}); });
}
/// visitors: grown elsewhere on the page.
EMSCRIPTEN_KEEPALIVE void criteria_judged(int visitors) {
  plate_judged(criteria(), std::move(next_plate), visitors != 0);
  ++the_studio().changes;
}

/// The room holds doubles in the order of judge_compare(), then the distance by chance.
EMSCRIPTEN_KEEPALIVE void criteria_proportion(int count) {
  constexpr std::size_t m = measures, h = hues + 1;
  const auto values = from_room<double>(0, static_cast<int>(3 * m + 2 * h + 2));
  Proportion& out = criteria().proportion;
  out.count = static_cast<std::size_t>(count);
  std::size_t next = 0;
  for (auto* part : {&out.grown, &out.real, &out.distance})
    for (double& value : *part) value = values[next++];
  for (auto* part : {&out.grown_hue, &out.real_hue})
    for (double& value : *part) value = values[next++];
  out.all = values[next++];
  out.by_chance = values[next];
  ++the_studio().changes;
}

/// The score of this visit, as it was before the page was loaded again.
EMSCRIPTEN_KEEPALIVE void criteria_score(int right, int asked) {
  criteria().quiz.right = right;
  criteria().quiz.asked = asked;
  ++the_studio().changes;
}

EMSCRIPTEN_KEEPALIVE void criteria_show_part(int part) {
  criteria().part = static_cast<CriteriaPart>(part);
  ++the_studio().changes;
}
EMSCRIPTEN_KEEPALIVE void criteria_answer(int grown) {
  answer(criteria(), grown != 0);
  ++the_studio().changes;
}
EMSCRIPTEN_KEEPALIVE void criteria_next() {
  next_question(criteria());
  ++the_studio().changes;
}
EMSCRIPTEN_KEEPALIVE void criteria_choose(int plate) {
  criteria().chosen = static_cast<std::size_t>(plate);
  ++the_studio().changes;
}

/// For scripts and tests. what: 0 judge, 1 part, 2 stage of the quiz, 3 right, 4 asked, 5 grown and
/// visitors' plates, 6 held-out ones, 7 the answer to the question (-1 before it is given), 8
/// plates measured, 9 question.
EMSCRIPTEN_KEEPALIVE int criteria_state(int what) {
  const Criteria& c = criteria();
  const int states[] = {static_cast<int>(c.judge),
                        static_cast<int>(c.part),
                        static_cast<int>(c.quiz.stage),
                        c.quiz.right,
                        c.quiz.asked,
                        static_cast<int>(plate_count(c)),
                        static_cast<int>(c.held_out.size()),
                        c.quiz.stage == Quiz::Stage::answered ? (c.quiz.grown ? 1 : 0) : -1,
                        static_cast<int>(c.proportion.count),
                        c.quiz.question};
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
