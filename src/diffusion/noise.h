// Noise from a seed: the same seed gives the same bits in the page and natively, whatever the
// thread count.
//
// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) turns a
// counter and a key into 128 random bits; a number at any position can be computed without the ones
// before it. Gaussian numbers come from the Box-Muller transform, written with +, -, *, / and sqrt
// in double precision only: these round alike on every IEEE machine, where the C library's log and
// cos do not. (Compile without contraction to fused multiply-add: -ffp-contract=off.)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace florilegium {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// The ten-round Philox 4x32 block function: 4 random 32-bit words for one counter and key.
PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key);

/// What pure noise is made of. Both kinds have mean 0 and variance 1.
enum class NoiseKind {
  gaussian,
  uniform,  ///< flat between -sqrt(3) and sqrt(3)
};

/// "gaussian" or "uniform". Throws std::invalid_argument with a sentence for any other name.
NoiseKind noise_kind(std::string_view name);
std::string_view name_of(NoiseKind kind);

/// Fills `out` with independent noise of variance 1: out[i] depends on (kind, seed, stream, first +
/// i) alone. Streams with different numbers are independent of each other (a branch, a training
/// picture, ...).
void fill_noise(NoiseKind kind, std::uint64_t seed, std::uint32_t stream, std::uint64_t first, std::span<float> out);

/// One number, flat in [0, 1), for the given seed, stream and position.
double uniform_number(std::uint64_t seed, std::uint32_t stream, std::uint64_t position);

/// One Gaussian number of variance 1 for the given seed, stream and position (the one fill_noise
/// would put there).
double gaussian_number(std::uint64_t seed, std::uint32_t stream, std::uint64_t position);

}  // namespace florilegium
