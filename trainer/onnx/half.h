// IEEE half precision (binary16), for weights in half the space. Subnormal numbers, infinities and
// NaN are kept.
#pragma once

#include <cstdint>

namespace florilegium {

/// The half nearest to `value`, ties to the even one; magnitudes from 65520 on become infinity.
std::uint16_t half_of(float value);
/// Exactly the number that `half` stands for.
float float_of(std::uint16_t half);

/// The largest finite half.
inline constexpr float largest_half = 65504.0f;

}  // namespace florilegium
