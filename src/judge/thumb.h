// A thumb: a picture so small that two of them can be compared in every position.
//
// A training plate is longer than the square that the network sees, so a grown picture is held
// against every place of the plate where it fits, closer and farther, and mirrored (neighbours.h).
#pragma once

#include <cstdint>
#include <vector>

#include "src/image/picture.h"

namespace florilegium {

/// The shorter side of a plate's thumb, pixels. The published sheet of training plates
/// (trainer/judge/publish.h) has them in this size.
constexpr int thumb_side = 48;

/// Bytes [3, height, width]: one plane each for red, green and blue.
struct Thumb {
  int width = 0, height = 0;
  std::vector<std::uint8_t> values;
};

/// The same pixels as planes, alpha left out.
Thumb thumb_of(const Picture& picture);
/// Every pixel becomes the mean of its neighbourhood with weights 1 2 1 / 2 4 2 / 1 2 1, edges
/// repeated. Thin lines that lie a pixel apart, as after a small turn, then still overlap.
Thumb blurred(const Thumb& thumb);
Thumb mirrored(const Thumb& thumb);

}  // namespace florilegium
