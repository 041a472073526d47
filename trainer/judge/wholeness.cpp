#include "trainer/judge/wholeness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/image/resize.h"
#include "src/judge/statistics.h"

namespace florilegium {
namespace {

constexpr int measured_side = 256;
constexpr double least_piece = 0.0005;  // of the sheet
constexpr double soft_below = 0.2;

double difference(const Picture& picture, std::size_t a, std::size_t b) {
  double squares = 0;
  for (std::size_t c = 0; c < 3; ++c)
    squares += std::pow((picture.rgba[a * 4 + c] - picture.rgba[b * 4 + c]) / 255.0, 2);
  return std::sqrt(squares);
}

std::vector<char> ink_mask(const Picture& picture, const std::array<double, 3>& paper) {
  std::vector<char> mask(picture.rgba.size() / 4);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    double squares = 0;
    for (std::size_t c = 0; c < 3; ++c) squares += std::pow(picture.rgba[i * 4 + c] / 255.0 - paper[c], 2);
    mask[i] = std::sqrt(squares) > ink_difference;
  }
  return mask;
}

/// Calls visit(place) for the pixels that touch (x, y).
template <class Visit>
void neighbours(int x, int y, int width, int height, Visit visit) {
  for (int v = std::max(0, y - 1); v <= std::min(height - 1, y + 1); ++v)
    for (int u = std::max(0, x - 1); u <= std::min(width - 1, x + 1); ++u)
      if (u != x || v != y)
        visit(static_cast<std::size_t>(v) * static_cast<std::size_t>(width) + static_cast<std::size_t>(u));
}

/// Sizes of the connected pieces, in pixels.
std::vector<std::size_t> pieces_of(std::vector<char> mask, int width, int height) {
  std::vector<std::size_t> sizes, open;
  for (std::size_t start = 0; start < mask.size(); ++start) {
    if (!mask[start]) continue;
    mask[start] = 0;
    open.assign(1, start);
    std::size_t size = 0;
    while (!open.empty()) {
      const auto at = static_cast<int>(open.back());
      open.pop_back();
      ++size;
      neighbours(at % width, at / width, width, height, [&](std::size_t beside) {
        if (!mask[beside]) return;
        mask[beside] = 0;
        open.push_back(beside);
      });
    }
    sizes.push_back(size);
  }
  return sizes;
}

double soft_outline_of(const Picture& picture, const std::vector<char>& mask) {
  std::size_t outline = 0, soft = 0;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const std::size_t at =
          static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x);
      if (!mask[at]) continue;
      bool at_paper = false;
      double greatest = 0;
      neighbours(x, y, picture.width, picture.height, [&](std::size_t beside) {
        at_paper |= !mask[beside];
        greatest = std::max(greatest, difference(picture, at, beside));
      });
      outline += at_paper;
      soft += at_paper && greatest < soft_below;
    }
  return outline > 0 ? static_cast<double>(soft) / static_cast<double>(outline) : 0;
}

}  // namespace

Wholeness wholeness_of(const Picture& picture) {
  const auto paper = paper_of(picture);
  const Picture square = middle_square(picture), small = resized(square, measured_side, measured_side);
  const auto pieces = pieces_of(ink_mask(small, paper), measured_side, measured_side);
  Wholeness found;
  std::size_t all = 0, largest = 0;
  for (const std::size_t size : pieces) {
    all += size;
    largest = std::max(largest, size);
    found.pieces += static_cast<double>(size) > least_piece * measured_side * measured_side;
  }
  if (all > 0) found.largest = static_cast<double>(largest) / static_cast<double>(all);
  found.soft_outline = soft_outline_of(square, ink_mask(square, paper));
  return found;
}

}  // namespace florilegium
