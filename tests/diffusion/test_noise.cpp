// Noise: Philox against its published answers, the same bits everywhere and in any chunks, and the
// right distribution.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "src/diffusion/noise.h"

using namespace florilegium;

namespace {

std::vector<float> noise(NoiseKind kind, std::uint64_t seed, std::uint32_t stream, std::uint64_t first,
                         std::size_t count) {
  std::vector<float> values(count);
  fill_noise(kind, seed, stream, first, values);
  return values;
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

Moments moments(const std::vector<float>& values) {
  Moments m;
  const auto count = static_cast<double>(values.size());
  for (const float v : values) m.mean += v / count;
  double third = 0, fourth = 0;
  for (const float v : values) {
    const double d = v - m.mean;
    m.variance += d * d / count;
    third += d * d * d / count;
    fourth += d * d * d * d / count;
  }
  m.skewness = third / std::pow(m.variance, 1.5);
  m.kurtosis = fourth / (m.variance * m.variance);
  return m;
}

/// The share of values whose magnitude exceeds `bound`.
double beyond(const std::vector<float>& values, float bound) {
  return static_cast<double>(
             std::count_if(values.begin(), values.end(), [&](float v) { return std::abs(v) > bound; })) /
         static_cast<double>(values.size());
}

constexpr std::size_t million = 1'000'000;

}  // namespace

TEST_CASE("Philox 4x32-10 gives the known answers of its authors' library") {  // kat_vectors of Random123
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("the bits are the same on every machine") {
  // Positions 1000001 to 1000024 of stream 5; computed with Python's math library and rounded to
  // float.
  constexpr std::uint64_t seed = 0x0123456789abcdefULL;
  constexpr std::uint32_t gaussian[24] = {0x3fb2009c, 0x3f223f2b, 0xbf82178c, 0xbcd61b85, 0x3ec13a3a, 0x3fa680c1,
                                          0xbec70633, 0xbd9a8066, 0x3fcfad6a, 0x3eeb14ba, 0xbf138002, 0xc0453be9,
                                          0xbf67eabd, 0xbfb02ca8, 0xbf8a6d78, 0x3f8e1d7f, 0x3f02908b, 0xbfd6713b,
                                          0xbec69ccb, 0x3f52af63, 0x3ef08d8f, 0x4018b6cd, 0x3e581eb7, 0xbf59e262};
  constexpr std::uint32_t uniform[24] = {0xbfa3cf43, 0xbd29643e, 0x3f963326, 0x3fbf1534, 0xbf53f190, 0xbeb51ddb,
                                         0x3fc935cc, 0xbf4e490c, 0xbf572508, 0x3f68a00e, 0x3f9e5562, 0xbfdb2777,
                                         0x3e216991, 0xbf7bc1d7, 0x3ebbfeaf, 0xbdb8021f, 0xbfbf506e, 0xbf71407a,
                                         0x3e00752a, 0x3ef533ee, 0xbfb91869, 0xbfc48a59, 0xbfd77a10, 0x3ee0dd38};
  for (const auto& [kind, expected] :
       {std::pair{NoiseKind::gaussian, gaussian}, std::pair{NoiseKind::uniform, uniform}}) {
    const std::vector<float> values = noise(kind, seed, 5, 1'000'001, 24);
    for (std::size_t i = 0; i < 24; ++i) CHECK(std::bit_cast<std::uint32_t>(values[i]) == expected[i]);
  }

  // All bits of the first million numbers, summed up (FNV-1a): the rare branches of logarithm and
  // direction as well.
  const auto sum = [](const std::vector<float>& values) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const float v : values) hash = (hash ^ std::bit_cast<std::uint32_t>(v)) * 0x100000001b3ULL;
    return hash;
  };
  CHECK(sum(noise(NoiseKind::gaussian, 7, 0, 0, million)) == 0xa07cd6bf1e49b745ULL);
  CHECK(sum(noise(NoiseKind::uniform, 7, 0, 0, million)) == 0xaeb67df5f3f4ca2aULL);
}

TEST_CASE("a number depends on its position alone, not on how the positions are divided") {
  for (const NoiseKind kind : {NoiseKind::gaussian, NoiseKind::uniform}) {
    const std::vector<float> whole = noise(kind, 3, 1, 0, 1003);
    for (const std::size_t chunk :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{64}, std::size_t{1000}}) {
      std::vector<float> parts(whole.size());
      for (std::size_t at = 0; at < parts.size(); at += chunk)
        fill_noise(kind, 3, 1, at, std::span(parts).subspan(at, std::min(chunk, parts.size() - at)));
      CHECK_MESSAGE(parts == whole, "chunks of ", chunk);
    }
  }
  const std::vector<float> numbers = noise(NoiseKind::gaussian, 3, 1, 0, 9);
  for (std::uint64_t i = 0; i < 9; ++i)
    CHECK(static_cast<float>(gaussian_number(3, 1, i)) == numbers[static_cast<std::size_t>(i)]);
  const std::uint64_t far = std::uint64_t{1} << 40;
  CHECK(noise(NoiseKind::gaussian, 3, 1, far, 8) == noise(NoiseKind::gaussian, 3, 1, far, 8));
  CHECK(noise(NoiseKind::gaussian, 3, 1, far, 8) != noise(NoiseKind::gaussian, 3, 1, 0, 8));
}

TEST_CASE("another seed, another stream: other numbers, not correlated with the first") {
  const std::size_t count = 100'000;
  const std::vector<float> one = noise(NoiseKind::gaussian, 7, 0, 0, count);
  for (const auto& other : {noise(NoiseKind::gaussian, 8, 0, 0, count), noise(NoiseKind::gaussian, 7, 1, 0, count),
                            noise(NoiseKind::gaussian, 7 + (std::uint64_t{1} << 32), 0, 0, count),
                            noise(NoiseKind::gaussian, 7, 0, 1, count)}) {
    double product = 0;
    for (std::size_t i = 0; i < count; ++i) product += static_cast<double>(one[i]) * static_cast<double>(other[i]);
    CHECK(std::abs(product / static_cast<double>(count)) < 5 / std::sqrt(static_cast<double>(count)));
  }
}

TEST_CASE("a million Gaussian numbers have the moments and the tails of the normal distribution") {
  const std::vector<float> values = noise(NoiseKind::gaussian, 20, 0, 0, million);
  const Moments m = moments(values);  // bounds: five standard errors
  CHECK(std::abs(m.mean) < 0.005);
  CHECK(std::abs(m.variance - 1) < 0.0071);
  CHECK(std::abs(m.skewness) < 0.0123);
  CHECK(std::abs(m.kurtosis - 3) < 0.0245);
  for (const float bound : {1.0f, 2.0f, 3.0f, 4.0f}) {
    const double expected = std::erfc(static_cast<double>(bound) / std::sqrt(2.0));
    CHECK_MESSAGE(std::abs(beyond(values, bound) - expected) < 5 * std::sqrt(expected / static_cast<double>(million)),
                  "beyond ", bound);
  }
  CHECK(beyond(values, 7.0f) == 0);
  CHECK(std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }));

  // The two numbers of a Box-Muller pair, and their squares, are independent of each other.
  double product = 0, squares = 0;
  for (std::size_t i = 0; i + 1 < million; i += 2) {
    const double a = values[i], b = values[i + 1];
    product += a * b / (million / 2);
    squares += (a * a - 1) * (b * b - 1) / (million / 2);
  }
  CHECK(std::abs(product) < 0.0071);
  CHECK(std::abs(squares) < 0.0142);
}

TEST_CASE("a million uniform numbers are flat between -sqrt(3) and sqrt(3)") {
  const std::vector<float> values = noise(NoiseKind::uniform, 21, 0, 0, million);
  const Moments m = moments(values);
  CHECK(std::abs(m.mean) < 0.005);
  CHECK(std::abs(m.variance - 1) < 0.0045);
  CHECK(std::abs(m.kurtosis - 1.8) < 0.01);
  std::vector<int> histogram(16, 0);
  const float edge = 1.7320509f;
  for (const float v : values) {
    REQUIRE(std::abs(v) <= edge);
    ++histogram[static_cast<std::size_t>(std::min(15.0f, (v + edge) / (2 * edge) * 16))];
  }
  for (const int cell : histogram) CHECK(std::abs(cell - 62500) < 1250);
}

TEST_CASE("uniform_number is flat in [0, 1)") {
  double sum = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double v = uniform_number(5, 2, i);
    REQUIRE((v >= 0 && v < 1));
    sum += v;
  }
  CHECK(std::abs(sum / 100'000 - 0.5) < 0.0046);
}

TEST_CASE("noise kinds have names") {
  for (const NoiseKind kind : {NoiseKind::gaussian, NoiseKind::uniform}) CHECK(noise_kind(name_of(kind)) == kind);
  CHECK_THROWS_WITH_AS(noise_kind("pink"), doctest::Contains("'pink'"), std::invalid_argument);
  CHECK_THROWS_AS(noise_kind(""), std::invalid_argument);
}
