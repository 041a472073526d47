// A contact sheet: many pictures side by side in one.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/image/picture.h"

namespace florilegium {

struct SheetLayout {
  int columns = 0;  ///< 0: as many as make the sheet about square
  int margin = 8;   ///< pixels around and between the pictures
  std::array<std::uint8_t, 3> background = {255, 255, 255};
};

/// All cells are as large as the widest and the tallest picture; a smaller one stands in the middle
/// of its cell, and transparent places show the background. Row by row from the top left. Throws
/// std::invalid_argument when there is no picture.
Picture contact_sheet(std::span<const Picture> pictures, const SheetLayout& layout = {});

}  // namespace florilegium
