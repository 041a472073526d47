#include "trainer/learn/hints.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "trainer/data/dice.h"

namespace florilegium {
namespace {

/// Sets mask cells within `radius` of (x, y) on a grid of side x side.
void dab(std::vector<bool>& mask, int side, double x, double y, double radius) {
  for (int row = std::max(0, static_cast<int>(y - radius)); row <= std::min(side - 1, static_cast<int>(y + radius));
       ++row)
    for (int column = std::max(0, static_cast<int>(x - radius));
         column <= std::min(side - 1, static_cast<int>(x + radius)); ++column)
      if ((column + 0.5 - x) * (column + 0.5 - x) + (row + 0.5 - y) * (row + 0.5 - y) <= radius * radius)
        mask[static_cast<std::size_t>(row * side + column)] = true;
}

}  // namespace

void draw_training_hint(std::span<const float> picture, int size, int cell_side, std::uint64_t seed,
                        std::uint64_t index, std::span<float> hint) {
  std::fill(hint.begin(), hint.end(), 0.0f);
  Dice dice(seed, DiceStream::hint, index);
  if (dice.chance(0.5)) return;

  const int side = size / cell_side;
  std::vector<bool> mask(static_cast<std::size_t>(side * side), false);
  const double kind = dice.flat();
  if (kind < 0.1) {
    mask.assign(mask.size(), true);
  } else if (kind < 0.4) {
    for (int rectangles = dice.whole(1, 3); rectangles > 0; --rectangles) {
      const int x0 = dice.whole(0, side - 1), y0 = dice.whole(0, side - 1);
      const int x1 = std::min(side, x0 + dice.whole(1, std::max(1, side / 2))),
                y1 = std::min(side, y0 + dice.whole(1, std::max(1, side / 2)));
      for (int y = y0; y < y1; ++y)
        for (int x = x0; x < x1; ++x) mask[static_cast<std::size_t>(y * side + x)] = true;
    }
  } else {
    for (int strokes = dice.whole(1, 6); strokes > 0; --strokes) {
      double x = dice.between(0, side), y = dice.between(0, side), angle = dice.between(0, 6.283185307179586);
      const double radius = dice.between(0.6, 0.05 * side + 0.8), bend = dice.between(-0.25, 0.25);
      for (int k = dice.whole(2, std::max(2, side)); k > 0; --k) {
        dab(mask, side, x, y, radius);
        x += 0.7 * std::cos(angle);
        y += 0.7 * std::sin(angle);
        angle += bend + dice.between(-0.15, 0.15);
      }
    }
  }

  const auto pixels = static_cast<float>(cell_side * cell_side);
  for (int row = 0; row < side; ++row)
    for (int column = 0; column < side; ++column) {
      const auto cell = static_cast<std::size_t>(row * side + column);
      if (!mask[cell]) continue;
      float* to = &hint[cell * 4];
      for (int y = 0; y < cell_side; ++y)
        for (int x = 0; x < cell_side; ++x)
          for (int c = 0; c < 3; ++c)
            to[c] +=
                picture[static_cast<std::size_t>(((row * cell_side + y) * size + column * cell_side + x) * 3 + c)] /
                pixels;
      for (int c = 0; c < 3; ++c) to[c] = std::clamp(to[c] + 0.04f * static_cast<float>(dice.bell()), -1.0f, 1.0f);
      to[3] = 1.0f;
    }
}

}  // namespace florilegium
