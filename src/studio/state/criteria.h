// The state of the room Criteria: what was grown and judged this visit, the quiz, and the sheet of
// real plates.
//
// Pictures and their judgements come from the judge worker (web/judge-worker.mjs), all at quiz_side
// pixels and compressed alike, so that neither size nor sharpness tells the real from the grown.
// Knows nothing of ImGui or the browser.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "src/image/picture.h"
#include "src/judge/statistics.h"

namespace florilegium {

constexpr int quiz_side = 256;
constexpr std::size_t nearest_shown = 4;
constexpr std::size_t sheet_pictures =
    12;  ///< of each sheet; the last held-out plates lie there, the others are for the quiz

struct NearPlate {
  Picture picture;   ///< the place that resembles the grown one
  std::string text;  ///< book, author and year
  double distance = 0;
};

struct GrownPlate {
  Picture picture;   ///< quiz_side * quiz_side
  std::string text;  ///< "seed 7, 20 steps"
  std::vector<NearPlate> nearest{};
  double ratio = 1;
};

struct PrintedSquare {
  Picture picture;   ///< quiz_side * quiz_side
  std::string text;  ///< book, author and year
};

/// The colours and ink of the grown sheet beside the real one.
struct Proportion {
  std::size_t count = 0;  ///< grown plates measured
  std::array<double, measures> grown{}, real{},
      distance{};  ///< medians; distance in standard deviations of the real plates
  std::array<double, hues + 1> grown_hue{}, real_hue{};
  double all = 0, by_chance = 0;  ///< by_chance: between as many real plates and the others
};

enum class CriteriaPart { plausibility, proportionality, originality };
inline constexpr std::array criteria_part_names = {"plausibility", "proportionality", "originality"};

/// One question after another: real or grown, each with a chance of one half. A question is asked
/// only when both kinds are at hand, so that waiting tells nothing.
struct Quiz {
  enum class Stage { waiting, asked, answered } stage = Stage::waiting;
  bool grown = false;       ///< the answer
  bool said_grown = false;  ///< the visitor's
  std::size_t picture = 0;  ///< position among the grown or the held-out ones
  std::size_t next_grown = 0, next_real = 0;
  /// How often each was said of each: answers[1][0] are grown ones that were taken for printed.
  std::array<std::array<int, 2>, 2> answers{};
  int question = 0;

  int right() const { return answers[0][0] + answers[1][1]; }
  int asked() const { return right() + answers[0][1] + answers[1][0]; }
};
/// From so many answers on they are shown kind by kind.
constexpr int enough_answers = 12;
inline constexpr std::array quiz_stage_names = {"waiting", "asked", "answered"};

/// How well a classifier tells the model's plates from printed ones (trainer/judge/two_sample.h):
/// measured by its makers, and kept beside the model.
struct ToldApart {
  int side = 0;                              ///< at which it looks at them, pixels
  double accuracy = 0.5, low = 0, high = 1;  ///< with its 95 % interval
};

struct Criteria {
  enum class Judge { absent, loading, ready, failed } judge = Judge::absent;
  std::string why;         ///< it failed
  bool own_plates = true;  ///< the model learned from the plates that it is compared with
  CriteriaPart part = CriteriaPart::plausibility;
  std::vector<PrintedSquare> held_out;
  std::vector<GrownPlate> grown;     ///< for this room; those from quiz.next_grown on has nobody seen yet
  std::vector<GrownPlate> visitors;  ///< grown elsewhere on the page, the newest first
  Proportion proportion;
  Quiz quiz;
  std::vector<ToldApart> told;              ///< empty: not measured for this model
  int told_pictures = 0;                    ///< of either kind, that it was measured on
  int growing_step = 0, growing_steps = 0;  ///< of the plate being grown for this room; steps 0: none
  int judging = 0;                          ///< plates on their way through the judge
  std::size_t chosen = 0;  ///< in the part originality: first the visitor's, then those grown for this room
  int grown_set = 1;       ///< counts up when the grown ones are put aside
  int serial = 0;          ///< counts up when one of the plates changes: textures follow
};
inline constexpr std::array judge_state_names = {"absent", "loading", "ready", "failed"};

/// Whether the room needs one more plate: two unasked ones for the quiz, else a full sheet.
bool wants_plate(const Criteria& criteria);

void plate_judged(Criteria& criteria, GrownPlate plate, bool visitors);
/// How many plates the part originality has, and one of them.
std::size_t plate_count(const Criteria& criteria);
const GrownPlate& plate_at(const Criteria& criteria, std::size_t k);
/// A grown plate, or all, are on view: the quiz does not ask for them any more.
void seen(Criteria& criteria, std::size_t grown);
/// Another model: what the earlier one grew is not judged any more, and its score and numbers go
/// with it.
void forget_grown(Criteria& criteria);

/// Asks the next question when both kinds are at hand. coin: even means real.
void ask(Criteria& criteria, std::uint64_t coin);
void answer(Criteria& criteria, bool said_grown);
/// After an answer: on to the next question.
void next_question(Criteria& criteria);

/// What the answered question shows: "Grown: seed 7, 20 steps".
std::string revealed(const Criteria& criteria);
/// The picture of the question that is asked or answered.
const Picture& question_picture(const Criteria& criteria);

}  // namespace florilegium
