// Numbers of the CPU kernels: bf16 in memory, f32 in registers, and loops that compilers turn into
// vector instructions.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "trainer/graph/graph.h"

namespace florilegium::cpu {

struct Bf16 {
  std::uint16_t bits;
};

inline float load(float v) { return v; }
inline float load(Bf16 v) { return std::bit_cast<float>(static_cast<std::uint32_t>(v.bits) << 16); }

template <class T>
T store(float v);
template <>
inline float store<float>(float v) {
  return v;
}
template <>
inline Bf16 store<Bf16>(float v) {  // to nearest, ties to even; NaN stays NaN because training must see it
  const auto bits = std::bit_cast<std::uint32_t>(v);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  return {static_cast<std::uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? 0x7fc0U : rounded)};
}

/// x within [-bound, bound]; NaN becomes a bound. In integers, because compilers make branches of a
/// minimum of floats, and compute the constants beyond the bounds for all lanes of a vector:
/// products with 1 / (1 + e^87), say, are subnormal, on which processors are a hundred times
/// slower.
inline float clamped(float x, float bound) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t magnitude = std::min(bits & 0x7fffffff, std::bit_cast<std::int32_t>(bound));
  return std::bit_cast<float>(magnitude | (bits & std::int32_t{-0x7fffffff - 1}));
}

/// e^x within 2e-7 relative near 0, growing to 5e-6 at the ends; x is clamped to [-87, 87]. Without
/// branches or calls, so that loops over it vectorise.
inline float exponential(float x) {
  const float turns = clamped(x, 87.0f) * 1.44269504088896341f;
  const float whole = (turns + 12582912.0f) - 12582912.0f;  // rounds to an integer
  const float f = (turns - whole) * 0.693147180559945309f;
  float p = 1.0f / 5040.0f;
  p = p * f + 1.0f / 720.0f;
  p = p * f + 1.0f / 120.0f;
  p = p * f + 1.0f / 24.0f;
  p = p * f + 1.0f / 6.0f;
  p = p * f + 0.5f;
  p = p * f + 1.0f;
  p = p * f + 1.0f;
  return p * std::bit_cast<float>((static_cast<std::int32_t>(whole) + 127) << 23) +
         (x - x);  // x - x: NaN stays NaN because training must see it
}

inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

/// Calls f with a value of the C++ type that stands for `type`.
template <class F>
auto with_type(Type type, F&& f) {
  return type == Type::f32 ? f(float{}) : f(Bf16{});
}

/// Calls f(i) for i in [0, count), spread over the threads. What one i computes must not depend on
/// another's.
template <class F>
void parallel(std::int64_t count, F&& f) {
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < count; ++i) f(i);
}

}  // namespace florilegium::cpu
