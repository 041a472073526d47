#include "src/studio/state/criteria.h"

#include <algorithm>
#include <utility>

namespace florilegium {

bool wants_plate(const Criteria& criteria) {
  if (criteria.judge != Criteria::Judge::ready || criteria.judging > 0) return false;
  if (criteria.part == CriteriaPart::originality) return plate_count(criteria) == 0;
  if (criteria.part == CriteriaPart::proportionality) return criteria.grown.size() < sheet_pictures;
  return criteria.grown.size() < criteria.quiz.next_grown + 2;
}

void plate_judged(Criteria& criteria, GrownPlate plate, bool visitors) {
  constexpr std::size_t most_kept = 12;
  if (criteria.judging > 0) --criteria.judging;
  if (visitors) {
    criteria.visitors.insert(criteria.visitors.begin(), std::move(plate));
    if (criteria.visitors.size() > most_kept) criteria.visitors.pop_back();
    criteria.chosen = 0;
  } else {
    criteria.grown.push_back(std::move(plate));
  }
  ++criteria.serial;
}

std::size_t plate_count(const Criteria& criteria) { return criteria.visitors.size() + criteria.grown.size(); }

const GrownPlate& plate_at(const Criteria& criteria, std::size_t k) {
  return k < criteria.visitors.size() ? criteria.visitors[k] : criteria.grown.at(k - criteria.visitors.size());
}

void seen(Criteria& criteria, std::size_t grown) {
  criteria.quiz.next_grown = std::max(criteria.quiz.next_grown, grown);
}

void forget_grown(Criteria& criteria) {
  criteria.grown.clear();
  criteria.visitors.clear();
  criteria.proportion = {};
  criteria.quiz.next_grown = 0;
  criteria.quiz.stage = Quiz::Stage::waiting;
  criteria.quiz.answers = {};
  criteria.told.clear();
  criteria.told_pictures = 0;
  criteria.chosen = 0;
  criteria.judging = 0;
  ++criteria.grown_set;
  ++criteria.serial;
}

void ask(Criteria& criteria, std::uint64_t coin) {
  Quiz& quiz = criteria.quiz;
  if (quiz.stage != Quiz::Stage::waiting || criteria.grown.size() <= quiz.next_grown || criteria.held_out.empty())
    return;
  const std::size_t kept_for_sheet = criteria.held_out.size() > sheet_pictures ? sheet_pictures : 0;
  quiz.grown = coin % 2 == 1;
  // The real ones are few: after the last one the first comes again.
  quiz.picture = quiz.grown ? quiz.next_grown++ : quiz.next_real++ % (criteria.held_out.size() - kept_for_sheet);
  quiz.stage = Quiz::Stage::asked;
  ++quiz.question;
  ++criteria.serial;
}

void answer(Criteria& criteria, bool said_grown) {
  Quiz& quiz = criteria.quiz;
  if (quiz.stage != Quiz::Stage::asked) return;
  quiz.said_grown = said_grown;
  ++quiz.answers[quiz.grown][said_grown];
  quiz.stage = Quiz::Stage::answered;
}

void next_question(Criteria& criteria) {
  if (criteria.quiz.stage == Quiz::Stage::answered) criteria.quiz.stage = Quiz::Stage::waiting;
}

std::string revealed(const Criteria& criteria) {
  const Quiz& quiz = criteria.quiz;
  return quiz.grown ? "Grown: " + criteria.grown.at(quiz.picture).text
                    : "Printed: " + criteria.held_out.at(quiz.picture).text;
}

const Picture& question_picture(const Criteria& criteria) {
  const Quiz& quiz = criteria.quiz;
  return quiz.grown ? criteria.grown.at(quiz.picture).picture : criteria.held_out.at(quiz.picture).picture;
}

}  // namespace florilegium
