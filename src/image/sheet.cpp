#include "src/image/sheet.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace florilegium {
namespace {

/// Lays `picture` over `sheet` with its top left corner at (left, top).
void lay(Picture& sheet, const Picture& picture, int left, int top) {
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* from = &picture.rgba[(static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                                                static_cast<std::size_t>(x)) *
                                               4];
      std::uint8_t* to = &sheet.rgba[(static_cast<std::size_t>(top + y) * static_cast<std::size_t>(sheet.width) +
                                      static_cast<std::size_t>(left + x)) *
                                     4];
      const int alpha = from[3];
      for (int c = 0; c < 3; ++c)
        to[c] = static_cast<std::uint8_t>((from[c] * alpha + to[c] * (255 - alpha) + 127) / 255);
    }
  }
}

}  // namespace

Picture contact_sheet(std::span<const Picture> pictures, const SheetLayout& layout) {
  if (pictures.empty()) throw std::invalid_argument("A contact sheet needs at least one picture.");
  const int count = static_cast<int>(pictures.size());
  const int columns =
      std::min(count, layout.columns > 0 ? layout.columns : static_cast<int>(std::ceil(std::sqrt(count))));
  const int rows = (count + columns - 1) / columns;
  int cell_width = 0, cell_height = 0;
  for (const Picture& picture : pictures) {
    cell_width = std::max(cell_width, picture.width);
    cell_height = std::max(cell_height, picture.height);
  }
  Picture sheet = blank_picture(layout.margin + columns * (cell_width + layout.margin),
                                layout.margin + rows * (cell_height + layout.margin), layout.background[0],
                                layout.background[1], layout.background[2]);
  for (int i = 0; i < count; ++i) {
    const Picture& picture = pictures[static_cast<std::size_t>(i)];
    lay(sheet, picture, layout.margin + i % columns * (cell_width + layout.margin) + (cell_width - picture.width) / 2,
        layout.margin + i / columns * (cell_height + layout.margin) + (cell_height - picture.height) / 2);
  }
  return sheet;
}

}  // namespace florilegium
