#include "trainer/data/paper.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "trainer/data/dice.h"

namespace florilegium {
namespace {

constexpr double strip_part = 0.025, ink_allowed = 0.01;
constexpr int ink_contrast = 30;        // of 255
constexpr double spare_margin = 0.12;   // of what is added to a plate with two blank sides, on each of them
constexpr double smoothed_part = 0.03;  // of the height, to both sides of a row

using Rgb = std::array<int, 3>;

int strip_width(const RgbPicture& plate) {
  return std::max(2, static_cast<int>(std::lround(plate.width * strip_part)));
}

const std::uint8_t* pixel_at(const RgbPicture& plate, int x, int y) {
  return &plate
              .rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(plate.width) + static_cast<std::size_t>(x)) *
                   3];
}

int median(std::vector<int>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The outer columns of one side, counted from the edge inwards.
struct Strip {
  const RgbPicture& plate;
  bool right;
  int width = strip_width(plate);

  const std::uint8_t* at(int column, int row) const {
    return pixel_at(plate, right ? plate.width - 1 - column : column, row);
  }

  /// The median colour of rows [first, last).
  Rgb median_of(int first, int last) const {
    Rgb colour{};
    std::vector<int> values;
    for (std::size_t c = 0; c < 3; ++c) {
      values.clear();
      for (int y = first; y < last; ++y)
        for (int x = 0; x < width; ++x) values.push_back(at(x, y)[c]);
      colour[c] = median(values);
    }
    return colour;
  }

  bool blank() const {
    const Rgb paper = median_of(0, plate.height);
    int ink = 0;
    for (int y = 0; y < plate.height; ++y)
      for (int x = 0; x < width; ++x) {
        const std::uint8_t* rgb = at(x, y);
        const int least = std::min({rgb[0] - paper[0], rgb[1] - paper[1], rgb[2] - paper[2]});
        const int most = std::max({rgb[0] - paper[0], rgb[1] - paper[1], rgb[2] - paper[2]});
        if (least < -ink_contrast || most - least > ink_contrast) ++ink;
      }
    return ink < ink_allowed * width * plate.height;
  }

  /// Each row's paper: the medians of the rows, averaged over a few up and down.
  std::vector<std::array<float, 3>> paper() const {
    std::vector<Rgb> rows;
    for (int y = 0; y < plate.height; ++y) rows.push_back(median_of(y, y + 1));
    const int reach = std::max(1, static_cast<int>(plate.height * smoothed_part));
    std::vector<std::array<float, 3>> smooth(rows.size());
    for (int y = 0; y < plate.height; ++y) {
      const int first = std::max(0, y - reach), last = std::min(plate.height, y + reach + 1);
      auto& colour = smooth[static_cast<std::size_t>(y)];
      for (int other = first; other < last; ++other)
        for (std::size_t c = 0; c < 3; ++c)
          colour[c] += static_cast<float>(rows[static_cast<std::size_t>(other)][c]) / static_cast<float>(last - first);
    }
    return smooth;
  }
};

int mirrored(int at, int count) {
  const int period = 2 * count, inside = ((at % period) + period) % period;
  return inside < count ? inside : period - 1 - inside;
}

/// Fills `added` columns beyond a side. Outwards, the strip's grain comes again and again, mirrored
/// each time and moved up or down, so that no pattern shows.
void fill_beyond(const Strip& strip, int added, RgbPicture& out) {
  const auto paper = strip.paper();
  const int height = strip.plate.height;
  for (int outwards = 0; outwards < added; ++outwards) {
    const int band = outwards / strip.width;
    Dice dice(static_cast<std::uint64_t>(height), DiceStream::paper,
              static_cast<std::uint64_t>(band * 2 + strip.right));
    const int shift = band == 0 ? 0 : dice.whole(-height / 3, height / 3);
    const int column = mirrored(outwards, strip.width);
    const int x = strip.right ? out.width - added + outwards : added - 1 - outwards;
    for (int y = 0; y < height; ++y) {
      const int from = mirrored(y + shift, height);
      const std::uint8_t* grain = strip.at(column, from);
      std::uint8_t* to =
          &out.rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) + static_cast<std::size_t>(x)) *
                   3];
      for (std::size_t c = 0; c < 3; ++c) {
        const float differs = static_cast<float>(grain[c]) - paper[static_cast<std::size_t>(from)][c];
        const float kept =
            std::clamp(differs, -static_cast<float>(ink_contrast) / 3, static_cast<float>(ink_contrast) / 3);
        to[c] =
            static_cast<std::uint8_t>(std::clamp(paper[static_cast<std::size_t>(y)][c] + kept + 0.5f, 0.0f, 255.0f));
      }
    }
  }
}

}  // namespace

BlankSides blank_sides(const RgbPicture& plate) { return {Strip{plate, false}.blank(), Strip{plate, true}.blank()}; }

WholePlate whole_plate(const RgbPicture& plate) {
  const int missing = plate.height - plate.width;
  if (missing < 0) return {};
  const BlankSides blank = blank_sides(plate);
  if (!blank.any()) return {};
  const bool both = blank.left && blank.right;
  const auto spare = both ? static_cast<int>(missing * spare_margin) : 0;
  int left = blank.left ? missing : 0, right = blank.right ? missing : 0;
  if (both) {
    left = missing / 2 + spare;
    right = missing - missing / 2 + spare;
  }

  WholePlate whole;
  whole.margin = {static_cast<double>(spare), static_cast<double>(spare)};
  RgbPicture& out = whole.picture;
  out.width = left + plate.width + right;
  out.height = plate.height;
  out.rgb.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height) * 3);
  for (int y = 0; y < plate.height; ++y)
    std::copy_n(
        pixel_at(plate, 0, y), static_cast<std::size_t>(plate.width) * 3,
        &out.rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) + static_cast<std::size_t>(left)) *
                 3]);
  if (left > 0) fill_beyond({plate, false}, left, out);
  if (right > 0) fill_beyond({plate, true}, right, out);
  return whole;
}

}  // namespace florilegium
