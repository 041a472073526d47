// Pictures for the tests of src/judge: paper with coloured ellipses and lines at random places. Not
// botany, but as unlike each other.
#pragma once

#include <algorithm>
#include <cmath>

#include "src/diffusion/noise.h"
#include "src/image/picture.h"

namespace florilegium {

inline std::uint8_t* pixel_of(Picture& picture, int x, int y) {
  return &picture.rgba[(static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                        static_cast<std::size_t>(x)) *
                       4];
}

inline Picture made_up_plate(std::uint64_t seed, int width = 144, int height = 200) {
  Picture picture = blank_picture(width, height, 240, 231, 208);
  std::uint64_t thrown = 0;
  const auto flat = [&] { return uniform_number(seed, 1, thrown++); };
  for (int shape = 0; shape < 24; ++shape) {
    const double centre_x = flat() * width, centre_y = flat() * height, angle = flat() * 3.1416;
    const double length = (0.06 + 0.2 * flat()) * width, breadth = shape % 3 == 0 ? 1.5 : length * (0.2 + 0.5 * flat());
    const double colour[] = {60 + 150 * flat(), 60 + 130 * flat(), 30 + 100 * flat()};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const double along = (x - centre_x) * std::cos(angle) + (y - centre_y) * std::sin(angle),
                     across = (y - centre_y) * std::cos(angle) - (x - centre_x) * std::sin(angle);
        if (along * along / (length * length) + across * across / (breadth * breadth) > 1) continue;
        for (int c = 0; c < 3; ++c) pixel_of(picture, x, y)[c] = static_cast<std::uint8_t>(colour[c]);
      }
  }
  return picture;
}

/// Part of a picture.
inline Picture cut(Picture picture, int left, int top, int width, int height) {
  Picture out = blank_picture(width, height, 0, 0, 0);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) std::copy_n(pixel_of(picture, left + x, top + y), 4, pixel_of(out, x, y));
  return out;
}

inline Picture turned_over(Picture picture) {
  Picture out = picture;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x)
      std::copy_n(pixel_of(picture, x, y), 4, pixel_of(out, picture.width - 1 - x, y));
  return out;
}

/// Each colour becomes gain * value + offset.
inline Picture recoloured(Picture picture, double gain, double red, double green, double blue) {
  const double offset[] = {red, green, blue};
  for (std::size_t i = 0; i < picture.rgba.size(); ++i)
    if (i % 4 < 3)
      picture.rgba[i] = static_cast<std::uint8_t>(std::clamp(gain * picture.rgba[i] + offset[i % 4], 0.0, 255.0));
  return picture;
}

}  // namespace florilegium
