#include "trainer/learn/noising.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace florilegium {
namespace {

constexpr std::uint32_t level_stream = 0x6c657665, noise_stream = 0x6e6f6973;  // "leve", "nois"
constexpr std::size_t lanes = 16;
using Words = std::array<std::uint32_t, lanes>;

/// Philox 4x32-10 of `lanes` counters at once, in loops that compilers vectorise.
std::array<Words, 4> philox_lanes(std::uint64_t first_block, std::uint64_t index, std::uint64_t seed) {
  std::array<Words, 4> c;
  for (std::size_t i = 0; i < lanes; ++i) {
    c[0][i] = static_cast<std::uint32_t>(first_block + i);
    c[1][i] = static_cast<std::uint32_t>(index);
    c[2][i] = noise_stream;
    c[3][i] = static_cast<std::uint32_t>(index >> 32);
  }
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t left = std::uint64_t{0xD2511F53U} * c[0][i], right = std::uint64_t{0xCD9E8D57U} * c[2][i];
      c[0][i] = static_cast<std::uint32_t>(right >> 32) ^ c[1][i] ^ key0;
      c[2][i] = static_cast<std::uint32_t>(left >> 32) ^ c[3][i] ^ key1;
      c[1][i] = static_cast<std::uint32_t>(right);
      c[3][i] = static_cast<std::uint32_t>(left);
    }
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
  }
  return c;
}

float flat(std::uint32_t word) {
  return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f + 0x1p-25f;
}  // in (0, 1)

float fast_log(float value) {
  const auto bits = std::bit_cast<std::int32_t>(value);
  const std::int32_t shifted = bits - 0x3f3504f3;  // sqrt(1/2)
  const auto exponent = static_cast<float>(shifted >> 23);
  const float mantissa = std::bit_cast<float>((shifted & 0x7fffff) + 0x3f3504f3);
  const float z = (mantissa - 1.0f) / (mantissa + 1.0f), z2 = z * z;
  return exponent * 0.69314718f +
         2.0f * z * (1.0f + z2 * (1.0f / 3 + z2 * (1.0f / 5 + z2 * (1.0f / 7 + z2 * (1.0f / 9)))));
}

/// sin of 2 pi turn for turn in [-1/2, 1/2], within 1e-6.
float fast_sine(float turn) {
  const float near = std::abs(turn) > 0.25f ? std::copysign(0.5f, turn) - turn : turn;  // sin(pi - a) = sin(a)
  const float a = near * 6.28318531f, a2 = a * a;
  return a * (1.0f + a2 * (-1.0f / 6 +
                           a2 * (1.0f / 120 + a2 * (-1.0f / 5040 + a2 * (1.0f / 362880 + a2 * (-1.0f / 39916800))))));
}

/// lanes * 4 numbers of variance 1.
void noise_lanes(NoiseKind kind, std::uint64_t first_block, std::uint64_t index, std::uint64_t seed, float* out) {
  const auto words = philox_lanes(first_block, index, seed);
  if (kind == NoiseKind::uniform) {
    for (std::size_t w = 0; w < 4; ++w)
      for (std::size_t i = 0; i < lanes; ++i) out[w * lanes + i] = (flat(words[w][i]) * 2.0f - 1.0f) * 1.7320508f;
    return;
  }
  for (std::size_t pair = 0; pair < 4; pair += 2)
    for (std::size_t i = 0; i < lanes; ++i) {  // Box-Muller
      const float radius = std::sqrt(-2.0f * fast_log(flat(words[pair][i]))), turn = flat(words[pair + 1][i]) - 0.5f;
      const float quarter_on = turn + 0.25f;
      out[pair * lanes + i] = radius * fast_sine(turn);
      out[(pair + 1) * lanes + i] = radius * fast_sine(quarter_on > 0.5f ? quarter_on - 1.0f : quarter_on);
    }
}

}  // namespace

double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
                          -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00};
  if (p > 0.5) return -normal_quantile(1 - p);
  if (p < 0.02425) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = p - 0.5, r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

std::vector<float> training_levels(const LevelDistribution& distribution, std::uint64_t seed, std::uint64_t step,
                                   int count) {
  const double offset = uniform_number(seed, level_stream, step);
  // The shares of the logit-normal's cumulative distribution between which the levels lie.
  const auto share_above = [&](double level) {
    if (level <= 0) return 1.0;
    if (level >= 1) return 0.0;
    const double logit = std::log((1 - level) / level);
    return 0.5 * std::erfc(-(logit - distribution.mean) / (distribution.deviation * std::numbers::sqrt2));
  };
  const double first = share_above(distribution.highest), last = share_above(distribution.lowest);
  std::vector<float> levels;
  for (int i = 0; i < count; ++i) {
    double share = (i + offset) / count;
    double level;
    if (share < distribution.extreme_share) {
      level = 1.0 - (1.0 - distribution.extreme_from) * share / distribution.extreme_share;
    } else {
      share = (share - distribution.extreme_share) / (1.0 - distribution.extreme_share);
      if (first > 0 || last < 1) share = first + share * (last - first);
      const double logit =
          distribution.mean + distribution.deviation * normal_quantile(std::clamp(share, 1e-9, 1.0 - 1e-9));
      level = 1.0 / (1.0 + std::exp(logit));
    }
    levels.push_back(static_cast<float>(std::clamp(level, 1e-4, 1.0)));
  }
  return levels;
}

float loss_weight(float level) {
  const float floor = std::max(level, 0.05f);
  return 1.0f / (floor * floor);
}

void add_training_noise(std::span<const float> picture, float level, NoiseKind kind, float noise_scale,
                        std::uint64_t seed, std::uint64_t index, std::span<float> out) {
  constexpr std::size_t at_once = 4 * lanes;
  const float keep = 1.0f - level, strength = level * noise_scale;
  alignas(64) float noise[at_once];
  for (std::size_t begin = 0; begin < picture.size(); begin += at_once) {
    noise_lanes(kind, begin / 4, index, seed, noise);
    const std::size_t count = std::min(at_once, picture.size() - begin);
    for (std::size_t i = 0; i < count; ++i) out[begin + i] = keep * picture[begin + i] + strength * noise[i];
  }
}

}  // namespace florilegium
