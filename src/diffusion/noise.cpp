#include "src/diffusion/noise.h"

#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

namespace florilegium {
namespace {

constexpr double two_to_minus_32 = 1.0 / 4294967296.0;

PhiloxCounter block(std::uint64_t seed, std::uint32_t stream, std::uint64_t index) {
  return philox4x32({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), stream, 0},
                    {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

/// Natural logarithm of a positive normal number, within a few units in the last place:
/// log(m * 2^e) = e log 2 + 2 atanh((m - 1) / (m + 1)) with m in [sqrt(1/2), sqrt(2)).
double portable_log(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    ++exponent;
  }
  const double z = (mantissa - 1.0) / (mantissa + 1.0);
  const double z2 = z * z;
  double series = 0.0;
  for (int k = 21; k >= 1; k -= 2) series = series * z2 + 1.0 / k;
  return exponent * 0.6931471805599453 + 2.0 * z * series;
}

struct Direction {
  double cosine, sine;
};

/// Cosine and sine of 2 pi turn / 2^32. The quarter turn is cut off exactly, in integers; the rest
/// is a Taylor series on [-pi/4, pi/4].
Direction portable_direction(std::uint32_t turn) {
  const std::uint32_t quarter = (turn + 0x20000000U) >> 30;
  const auto rest = static_cast<std::int32_t>(turn - (quarter << 30));
  const double angle = rest * (two_to_minus_32 * 6.283185307179586);
  const double a2 = angle * angle;
  double cosine = 1.0, sine = 1.0;
  for (int k = 16; k >= 2; k -= 2) cosine = 1.0 - cosine * a2 * (1.0 / (k * (k - 1)));
  for (int k = 17; k >= 3; k -= 2) sine = 1.0 - sine * a2 * (1.0 / (k * (k - 1)));
  sine *= angle;
  switch (quarter & 3U) {
    case 0: return {cosine, sine};
    case 1: return {-sine, cosine};
    case 2: return {-cosine, -sine};
    default: return {sine, -cosine};
  }
}

/// Four numbers of variance 1 from one Philox block.
std::array<double, 4> noise_block(NoiseKind kind, std::uint64_t seed, std::uint32_t stream, std::uint64_t index) {
  const PhiloxCounter word = block(seed, stream, index);
  if (kind == NoiseKind::uniform) {
    std::array<double, 4> flat{};
    for (std::size_t i = 0; i < 4; ++i) flat[i] = ((word[i] + 0.5) * two_to_minus_32 * 2.0 - 1.0) * 1.7320508075688772;
    return flat;
  }
  const double near = std::sqrt(-2.0 * portable_log((word[0] + 0.5) * two_to_minus_32));
  const double far = std::sqrt(-2.0 * portable_log((word[2] + 0.5) * two_to_minus_32));
  const Direction first = portable_direction(word[1]), second = portable_direction(word[3]);
  return {near * first.cosine, near * first.sine, far * second.cosine, far * second.sine};
}

}  // namespace

PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t right = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(right >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(right),
               static_cast<std::uint32_t>(left >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(left)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

NoiseKind noise_kind(std::string_view name) {
  if (name == "gaussian") return NoiseKind::gaussian;
  if (name == "uniform") return NoiseKind::uniform;
  throw std::invalid_argument("There is no noise called '" + std::string(name) + "'; use 'gaussian' or 'uniform'.");
}

std::string_view name_of(NoiseKind kind) { return kind == NoiseKind::gaussian ? "gaussian" : "uniform"; }

void fill_noise(NoiseKind kind, std::uint64_t seed, std::uint32_t stream, std::uint64_t first, std::span<float> out) {
  std::size_t i = 0;
  while (i < out.size()) {
    const std::uint64_t position = first + i;
    const auto four = noise_block(kind, seed, stream, position / 4);
    for (std::size_t lane = position % 4; lane < 4 && i < out.size(); ++lane) out[i++] = static_cast<float>(four[lane]);
  }
}

double uniform_number(std::uint64_t seed, std::uint32_t stream, std::uint64_t position) {
  return block(seed, stream, position / 4)[position % 4] * two_to_minus_32;
}

double gaussian_number(std::uint64_t seed, std::uint32_t stream, std::uint64_t position) {
  return noise_block(NoiseKind::gaussian, seed, stream, position / 4)[position % 4];
}

}  // namespace florilegium
