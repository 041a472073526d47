#include "src/image/picture.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

namespace florilegium {
namespace {

/// The number of pixels, after checking that there are `channels` values for each.
std::size_t checked_pixels(std::size_t values, std::size_t channels, int width, int height) {
  const std::size_t pixels =
      width > 0 && height > 0 ? static_cast<std::size_t>(width) * static_cast<std::size_t>(height) : 0;
  if (pixels == 0 || values != pixels * channels) {
    throw std::invalid_argument(std::to_string(values) + " values do not make a picture of " + std::to_string(width) +
                                "x" + std::to_string(height) + " pixels.");
  }
  return pixels;
}

}  // namespace

Picture blank_picture(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue,
                      std::uint8_t alpha) {
  Picture picture{width, height, {}};
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  picture.rgba.reserve(pixels * 4);
  for (std::size_t i = 0; i < pixels; ++i) picture.rgba.insert(picture.rgba.end(), {red, green, blue, alpha});
  return picture;
}

// Neither branches nor stores of single bytes, so that pictures are converted several pixels at a
// time. Adding 2^23, at which floats count ones, rounds to a whole number; in WebAssembly a float's
// conversion takes several times as long.
std::uint8_t shade(float value) {
  return static_cast<std::uint8_t>(
      std::bit_cast<std::uint32_t>(std::min(std::max(0.0f, (value + 1.0f) * 127.5f), 255.0f) + 8388608.0f));
}

Picture picture_from_planes(std::span<const float> values, int width, int height) {
  const std::size_t pixels = checked_pixels(values.size(), 3, width, height);
  Picture picture{width, height, std::vector<std::uint8_t>(pixels * 4, 255)};
  static_assert(std::endian::native == std::endian::little);
  const auto channel = [&](std::size_t c, std::size_t i) {
    return static_cast<std::uint32_t>(shade(values[c * pixels + i]));
  };
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint32_t rgba = channel(0, i) | channel(1, i) << 8 | channel(2, i) << 16 | 0xff000000U;
    std::memcpy(&picture.rgba[i * 4], &rgba, 4);
  }
  return picture;
}

Picture picture_from_rgb(std::span<const float> values, int width, int height) {
  const std::size_t pixels = checked_pixels(values.size(), 3, width, height);
  Picture picture{width, height, std::vector<std::uint8_t>(pixels * 4, 255)};
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) picture.rgba[i * 4 + c] = shade(values[i * 3 + c]);
  }
  return picture;
}

std::vector<float> planes_from_picture(const Picture& picture) {
  const std::size_t pixels = checked_pixels(picture.rgba.size(), 4, picture.width, picture.height);
  std::vector<float> values(pixels * 3);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < pixels; ++i)
      values[c * pixels + i] = static_cast<float>(picture.rgba[i * 4 + c]) / 127.5f - 1.0f;
  }
  return values;
}

std::vector<float> planes_from_rgb(std::span<const float> values, int width, int height) {
  const std::size_t pixels = checked_pixels(values.size(), 3, width, height);
  std::vector<float> planes(values.size());
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) planes[c * pixels + i] = values[i * 3 + c];
  }
  return planes;
}

}  // namespace florilegium
