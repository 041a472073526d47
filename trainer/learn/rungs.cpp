#include "trainer/learn/rungs.h"

#include <stdexcept>

namespace florilegium {

const std::vector<Rung>& rungs() {
  static const std::vector<Rung> all = {
      {.name = "coarse",
       .config = "coarse",
       .seen_side = 64,
       .crop_part = 1,
       .from_level = 0.6,
       .levels = {.mean = -2.0, .deviation = 1.0, .extreme_share = 0.08, .extreme_from = 0.97},
       .batch = 32,
       .learning_rate = 8e-4,
       .ema = 0.999,
       .steps = 20000},
      {.name = "fine",
       .config = "fine",
       .seen_side = 0,
       .crop_part = 2,
       .from_level = 0,
       .levels = {.mean = 0.3, .deviation = 1.1, .extreme_share = 0, .highest = 0.75},
       .batch = 16,
       .learning_rate = 8e-4,
       .ema = 0.998,
       .steps = 20000},
  };
  return all;
}

const Rung& rung(const std::string& name) {
  std::string names;
  for (const Rung& one : rungs()) {
    if (one.name == name) return one;
    names += (names.empty() ? "" : ", ") + one.name;
  }
  throw std::invalid_argument("There is no part called '" + name + "'; known are " + names + ".");
}

}  // namespace florilegium
