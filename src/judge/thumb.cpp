#include "src/judge/thumb.h"

#include <algorithm>
#include <cmath>

#include "src/image/resize.h"

namespace florilegium {
namespace {

std::size_t place(const Thumb& thumb, std::size_t c, int x, int y) {
  return (c * static_cast<std::size_t>(thumb.height) + static_cast<std::size_t>(y)) *
             static_cast<std::size_t>(thumb.width) +
         static_cast<std::size_t>(x);
}

}  // namespace

Picture shorter_side(const Picture& picture, int side) {
  const double scale = static_cast<double>(side) / std::min(picture.width, picture.height);
  return resized(picture, static_cast<int>(std::lround(picture.width * scale)),
                 static_cast<int>(std::lround(picture.height * scale)));
}

Picture middle_square(const Picture& picture) {
  const int side = std::min(picture.width, picture.height), left = (picture.width - side) / 2,
            top = (picture.height - side) / 2;
  Picture square{side, side, {}};
  square.rgba.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 4);
  for (int y = top; y < top + side; ++y) {
    const auto row = picture.rgba.begin() + (static_cast<std::ptrdiff_t>(y) * picture.width + left) * 4;
    square.rgba.insert(square.rgba.end(), row, row + static_cast<std::ptrdiff_t>(side) * 4);
  }
  return square;
}

Thumb thumb_of(const Picture& picture) {
  Thumb thumb{picture.width, picture.height, {}};
  thumb.values.reserve(picture.rgba.size() / 4 * 3);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = c; i < picture.rgba.size(); i += 4) thumb.values.push_back(picture.rgba[i]);
  return thumb;
}

Thumb blurred(const Thumb& thumb) {
  Thumb out = thumb;
  for (std::size_t c = 0; c < 3; ++c)
    for (int y = 0; y < thumb.height; ++y)
      for (int x = 0; x < thumb.width; ++x) {
        int sum = 0;
        for (int down = -1; down <= 1; ++down)
          for (int across = -1; across <= 1; ++across) {
            const int from_x = std::clamp(x + across, 0, thumb.width - 1),
                      from_y = std::clamp(y + down, 0, thumb.height - 1);
            sum += (2 - std::abs(across)) * (2 - std::abs(down)) * thumb.values[place(thumb, c, from_x, from_y)];
          }
        out.values[place(thumb, c, x, y)] = static_cast<std::uint8_t>((sum + 8) / 16);
      }
  return out;
}

Thumb mirrored(const Thumb& thumb) {
  Thumb out = thumb;
  for (auto row = out.values.begin(); row != out.values.end(); row += thumb.width) std::reverse(row, row + thumb.width);
  return out;
}

}  // namespace florilegium
