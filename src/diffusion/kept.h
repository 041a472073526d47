// How predictions are kept: as 16-bit fixed point.
//
// The denoising blends in the kept value, so a history of kept predictions gives back every working
// picture bit by bit (history.h), at half the memory.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace florilegium {

/// A prediction's value v in [-2, 2), kept as round(v * kept_scale), halves to the even number;
/// values outside are clamped, NaN becomes 0. The error is at most 1/32768, 1/128 of one of the 256
/// shades of a finished picture.
using Kept = std::int16_t;
constexpr float kept_scale = 16384.0f;

inline Kept keep(float value) {
  const float scaled = value == value ? std::clamp(value * kept_scale, -32768.0f, 32767.0f) : 0.0f;
  constexpr float shift =
      12582912.0f;  // 1.5 * 2^23, where floats count ones: adding it rounds, in half the time of a conversion
  return static_cast<Kept>(std::bit_cast<std::int32_t>(scaled + shift) - std::bit_cast<std::int32_t>(shift));
}
inline float unkept(Kept kept) { return static_cast<float>(kept) * (1.0f / kept_scale); }

}  // namespace florilegium
