// The loss watch: notices when training has gone wrong, that is when the loss explodes or is no
// number any more.
//
// A batch's loss alone says little, since it depends on how noisy its pictures are. So it is
// compared with what a network that always answers plain grey would get on the same batch: 1 at the
// very start, and far less soon after.
#pragma once

#include <cstdint>
#include <string>

namespace florilegium {

struct LossWatch {
  double recent = 0, usual = 0;  ///< means of loss / grey loss over about the last 16 and the last 256 steps
  std::int64_t steps = 0;        ///< looked at
  std::int64_t not_finite = 0;   ///< steps in a row without a finite result

  /// Takes in one step; returns what is wrong, as the end of a sentence ("the loss is ..."), or
  /// nothing.
  std::string look(double loss, double grey_loss, bool finite);
};

/// So many steps in a row may fail to be finite: they change no weight, and the next batch may do
/// better.
inline constexpr std::int64_t not_finite_allowed = 2;
/// A recent loss is an explosion when it is so many times the usual one (from step 64 on), or the
/// grey one.
inline constexpr double explosion_over_usual = 5, explosion_over_grey = 10;

}  // namespace florilegium
