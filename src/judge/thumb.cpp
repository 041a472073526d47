#include "src/judge/thumb.h"

#include <algorithm>
#include <cstdlib>

namespace florilegium {
namespace {

std::size_t place(const Thumb& thumb, std::size_t c, int x, int y) {
  return (c * static_cast<std::size_t>(thumb.height) + static_cast<std::size_t>(y)) *
             static_cast<std::size_t>(thumb.width) +
         static_cast<std::size_t>(x);
}

}  // namespace

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
