// Paper: which sides of a plate are blank, and the plate with its blank paper continued to a
// square.
//
// Nearly all plates are portraits. A square cut out of one lops the plant at two sides; where a
// side is blank paper, the whole plate can stand in a square instead.
#pragma once

#include <array>

#include "trainer/data/read_picture.h"

namespace florilegium {

struct BlankSides {
  bool left = false, right = false;
  bool any() const { return left || right; }
};

/// A side is blank when of its outer 2.5 % of columns less than 1 % is ink: darker than the
/// columns' median by 12 % of white, or coloured otherwise by as much.
BlankSides blank_sides(const RgbPicture& plate);

/// A plate in its square.
struct WholePlate {
  RgbPicture picture;              ///< as high as the plate, at least as wide as high; empty when there is none
  std::array<double, 2> margin{};  ///< how far a square as high may move off its middle, left and right, in its pixels
  explicit operator bool() const { return !picture.rgb.empty(); }
};

/// A portrait with its blank sides continued: each row in the side's own median colour, smoothed
/// down the sheet, with the grain of the side's outer columns. With both sides blank the plate may
/// stand a little off the middle; with one it touches the other edge. Empty when no side is blank,
/// or the plate is wider than high. A pure function of the plate.
WholePlate whole_plate(const RgbPicture& plate);

}  // namespace florilegium
