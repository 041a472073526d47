#include "trainer/data/paper.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "trainer/data/dice.h"
#include "trainer/data/view.h"

using namespace florilegium;

namespace {

/// A portrait of paper that darkens downwards, with grain, and a green bar `from` to `to` of its
/// columns.
RgbPicture plate(int from, int to) {
  RgbPicture picture{80, 120, {}};
  Dice dice(1, DiceStream::view, 0);
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const int shade = 230 - y / 4 + dice.whole(-3, 3);
      const bool ink = x >= from && x < to && y > 20;
      for (int c = 0; c < 3; ++c)
        picture.rgb.push_back(static_cast<std::uint8_t>(ink ? (c == 1 ? 120 : 40) : shade - 8 * c));
    }
  return picture;
}

}  // namespace

TEST_CASE("a side is blank when no ink touches it") {
  const BlankSides free = blank_sides(plate(30, 50)), left = blank_sides(plate(60, 80)),
                   none = blank_sides(plate(0, 80));
  CHECK(free.left);
  CHECK(free.right);
  CHECK(left.left);
  CHECK_FALSE(left.right);
  CHECK_FALSE(none.any());
}

TEST_CASE("a whole plate is a square of the plate and more of its own paper") {
  const RgbPicture picture = plate(30, 50);
  const WholePlate whole = whole_plate(picture);
  REQUIRE(whole);
  CHECK(whole.picture.height == 120);
  CHECK(whole.picture.width >= 120);
  CHECK(whole.margin[0] > 0);
  const int left = (whole.picture.width - picture.width) / 2;
  const auto at = [](const RgbPicture& p, int x, int y, int c) {
    return static_cast<int>(p.rgb[static_cast<std::size_t>((y * p.width + x) * 3 + c)]);
  };
  for (int y = 0; y < 120; y += 7) {
    for (int x = 0; x < 80; x += 9) CHECK(at(whole.picture, left + x, y, 1) == at(picture, x, y, 1));
    for (const int x : {0, left / 2, left - 1, left + 80, whole.picture.width - 1})
      for (int c = 0; c < 3; ++c) CHECK(std::abs(at(whole.picture, x, y, c) - (230 - y / 4 - 8 * c)) <= 8);
  }
  int differ = 0;  // grain, not a flat colour
  for (int x = 1; x < left; ++x) differ += at(whole.picture, x, 60, 0) != at(whole.picture, x - 1, 60, 0);
  CHECK(differ > left / 3);
}

TEST_CASE("a plate with one blank side touches the other edge, one without stays as it is") {
  const WholePlate right = whole_plate(plate(60, 80));
  REQUIRE(right);
  CHECK(right.picture.width == 120);
  CHECK(right.margin[0] == 0);
  CHECK(right.picture.rgb[(60 * 120 + 119) * 3 + 1] == 120);  // the ink stands at the right edge still
  CHECK_FALSE(whole_plate(plate(0, 80)));
  RgbPicture landscape = plate(30, 50);
  std::swap(landscape.width, landscape.height);
  CHECK_FALSE(whole_plate(landscape));
}
