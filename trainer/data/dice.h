// Dice: a stream of random numbers that belongs to one (seed, stream, index), the same on every
// thread and in every order.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "src/diffusion/noise.h"

namespace florilegium {

/// Which kind of choice a Dice is thrown for; different streams are independent of each other.
enum class DiceStream : std::uint32_t {
  view = 0x70000001,
  garden = 0x70000002,
  held_out_garden = 0x70000003,
  hint = 0x70000004,
  paper = 0x70000005,
  kind = 0x70000006,
  crop = 0x70000007
};

class Dice {
 public:
  Dice(std::uint64_t seed, DiceStream stream, std::uint64_t index)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                 static_cast<std::uint32_t>(stream), 0} {}

  std::uint32_t word() {
    if (used_ == 4) {
      words_ = philox4x32(counter_, key_);
      ++counter_[3];
      used_ = 0;
    }
    return words_[used_++];
  }

  double flat() { return (word() + 0.5) / 4294967296.0; }  ///< in (0, 1)
  double between(double low, double high) { return low + (high - low) * flat(); }
  int whole(int low, int high) {
    return low + static_cast<int>(flat() * (high - low + 1));
  }  ///< low to high, both included
  bool chance(double probability) { return flat() < probability; }
  double bell() {
    return std::sqrt(-2.0 * std::log(flat())) * std::cos(2.0 * std::numbers::pi * flat());
  }  ///< Gaussian, variance 1

  /// Dice of their own, for a part whose number of throws shall not change what comes after it.
  Dice fork() {
    Dice part = *this;
    part.key_ = {word(), word()};
    part.counter_[3] = 0;
    part.used_ = 4;
    return part;
  }

 private:
  PhiloxKey key_;
  PhiloxCounter counter_;
  PhiloxCounter words_{};
  std::size_t used_ = 4;
};

}  // namespace florilegium
