// A picture as the screen and PNG files have it, and the way there from a network's numbers.
//
// The page and the native programs both use these functions, so both show the same bytes for the
// same numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace florilegium {

/// width * height * 4 bytes, row by row from the top: red, green, blue, alpha (255 is opaque;
/// colours not premultiplied).
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

/// A fully opaque or transparent picture of one colour.
Picture blank_picture(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue,
                      std::uint8_t alpha = 255);

/// The nearest of 256 shades for a value in [-1, 1]; values outside are clamped, NaN becomes 0
/// (black).
std::uint8_t shade(float value);

/// values: [3, height, width] in [-1, 1], one plane for each colour, as networks have them. Opaque.
/// Throws std::invalid_argument when the count of values does not fit.
Picture picture_from_planes(std::span<const float> values, int width, int height);

/// values: [height, width, 3] in [-1, 1], as training pictures come (trainer/data). Opaque. Throws
/// as above.
Picture picture_from_rgb(std::span<const float> values, int width, int height);

/// The other way round: [3, height, width] in [-1, 1]; alpha is left out. picture_from_planes of it
/// gives the same bytes again.
std::vector<float> planes_from_picture(const Picture& picture);

/// [3, height, width] out of [height, width, 3].
std::vector<float> planes_from_rgb(std::span<const float> values, int width, int height);

}  // namespace florilegium
