#include "trainer/data/scale.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace florilegium {
namespace {

double lanczos_weight(double x) {
  if (std::abs(x) < 1e-9) return 1;
  if (std::abs(x) >= 3) return 0;
  const double turn = std::numbers::pi * x;
  return 3 * std::sin(turn) * std::sin(turn / 3) / (turn * turn);
}

struct Taps {
  std::size_t first = 0;
  std::vector<float> weights;
};

std::vector<Taps> make_taps(int from, int to) {
  const double step = static_cast<double>(from) / to, stretch = std::max(1.0, step);
  std::vector<Taps> all(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double middle = (i + 0.5) * step - 0.5;
    const int first = std::max(0, static_cast<int>(std::ceil(middle - 3 * stretch)));
    const int last = std::min(from - 1, static_cast<int>(std::floor(middle + 3 * stretch)));
    Taps& taps = all[static_cast<std::size_t>(i)];
    taps.first = static_cast<std::size_t>(first);
    double sum = 0;
    for (int j = first; j <= last; ++j) sum += lanczos_weight((j - middle) / stretch);
    for (int j = first; j <= last; ++j)
      taps.weights.push_back(static_cast<float>(lanczos_weight((j - middle) / stretch) / sum));
  }
  return all;
}

}  // namespace

RgbPicture middle_of(const RgbPicture& picture, int width, int height) {
  RgbPicture out{std::min(width, picture.width), std::min(height, picture.height), {}};
  const auto left = static_cast<std::size_t>((picture.width - out.width) / 2),
             top = static_cast<std::size_t>((picture.height - out.height) / 2);
  const std::size_t row = static_cast<std::size_t>(out.width) * 3;
  out.rgb.resize(row * static_cast<std::size_t>(out.height));
  for (std::size_t y = 0; y < static_cast<std::size_t>(out.height); ++y) {
    std::copy_n(&picture.rgb[((top + y) * static_cast<std::size_t>(picture.width) + left) * 3], row, &out.rgb[y * row]);
  }
  return out;
}

RgbPicture lanczos(const RgbPicture& picture, int width, int height) {
  if (width < 1 || height < 1 || picture.width < 1 || picture.height < 1)
    throw std::invalid_argument("A picture cannot be scaled to or from nothing.");
  const auto old_width = static_cast<std::size_t>(picture.width), old_height = static_cast<std::size_t>(picture.height);
  const auto row = static_cast<std::size_t>(width) * 3;
  const auto across = make_taps(picture.width, width), down = make_taps(picture.height, height);
  std::vector<float> narrowed(old_height * row);
  for (std::size_t y = 0; y < old_height; ++y) {
    for (std::size_t x = 0; x < across.size(); ++x) {
      const std::uint8_t* pixel = &picture.rgb[(y * old_width + across[x].first) * 3];
      for (const float weight : across[x].weights) {
        for (std::size_t c = 0; c < 3; ++c) narrowed[y * row + x * 3 + c] += weight * static_cast<float>(pixel[c]);
        pixel += 3;
      }
    }
  }
  RgbPicture out{width, height, {}};
  out.rgb.reserve(down.size() * row);
  std::vector<float> sums(row);
  for (const Taps& taps : down) {
    std::fill(sums.begin(), sums.end(), 0.5f);
    for (std::size_t k = 0; k < taps.weights.size(); ++k) {
      const float* from = &narrowed[(taps.first + k) * row];
      for (std::size_t i = 0; i < row; ++i) sums[i] += taps.weights[k] * from[i];
    }
    for (const float sum : sums) out.rgb.push_back(static_cast<std::uint8_t>(std::clamp(sum, 0.0f, 255.0f)));
  }
  return out;
}

}  // namespace florilegium
