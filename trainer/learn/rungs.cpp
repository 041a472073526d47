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
      {.name = "plan",
       .config = "coarse",
       .seen_side = 64,
       .crop_part = 1,
       .from_level = 0.6,
       .levels = {.mean = -2.0, .deviation = 1.0, .extreme_share = 0.08, .extreme_from = 0.97},
       .batch = 32,
       .learning_rate = 3e-4,
       .ema = 0.997,
       .steps = 4000,
       .follows = "coarse",
       .adversarial_weight = 0.04,
       .adversarial_highest = 0.93,
       .average_weight = 20},
      {.name = "guide",
       .config = "guide",
       .seen_side = 64,
       .crop_part = 1,
       .from_level = 0.6,
       .levels = {.mean = -2.0, .deviation = 1.0, .extreme_share = 0.08, .extreme_from = 0.97},
       .batch = 32,
       .learning_rate = 2e-3,
       .ema = 0.99,
       .steps = 1000,
       .guides = "coarse",
       .guide_weight = 0.75},
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
      {.name = "sharp",
       .config = "fine",
       .seen_side = 0,
       .crop_part = 2,
       .from_level = 0,
       .levels = {.mean = 0.3, .deviation = 1.1, .extreme_share = 0, .highest = 0.75},
       .batch = 16,
       .learning_rate = 4e-4,
       .ema = 0.995,
       .steps = 8000,
       .follows = "fine",
       .adversarial_weight = 0.1},
  };
  return all;
}

Sight sight_of(const Rung& rung, int side) {
  const int part = rung.seen_side > 0 ? rung.seen_side : rung.crop_part;
  if (side < part || side % part != 0)
    throw std::invalid_argument("The part '" + rung.name + "' takes pictures whose side is a multiple of " +
                                std::to_string(part) + " pixels, not " + std::to_string(side) + ".");
  Sight sight(rung.seen_side > 0 ? rung.seen_side : side / rung.crop_part);
  if (rung.seen_side > 0) sight.averaged = side / rung.seen_side;
  if (rung.crop_part > 1) sight.of = side;
  sight.whole_plates = true;
  return sight;
}

NetworkConfig network_of_rung(const Rung& rung, const std::string& config, int side) {
  NetworkConfig network = network_config(config, sight_of(rung, side).side);
  const int coarsest = rungs().front().seen_side;
  if (!network.hint || rung.seen_side == coarsest) return network;
  network.hint = false;
  for (std::size_t stage = 0; side % coarsest == 0 && stage <= network.widths.size(); ++stage)
    if (network.patch << stage == side / coarsest) {
      network.hint = true;
      network.hint_cell = side / coarsest;
    }
  return network;
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
