#include "trainer/judge/wholeness.h"

#include <doctest/doctest.h>

#include "src/image/resize.h"
#include "tests/judge/made_up_plates.h"

using namespace florilegium;

namespace {

/// Dark discs on paper, all of one size.
Picture with_discs(const std::vector<std::pair<int, int>>& centres, int radius = 60) {
  Picture picture = blank_picture(512, 512, 240, 231, 208);
  for (const auto& [centre_x, centre_y] : centres)
    for (int y = centre_y - radius; y <= centre_y + radius; ++y)
      for (int x = centre_x - radius; x <= centre_x + radius; ++x)
        if (std::hypot(x - centre_x, y - centre_y) <= radius)
          for (int c = 0; c < 3; ++c) pixel_of(picture, x, y)[c] = static_cast<std::uint8_t>(40 + 20 * c);
  return picture;
}

Picture blurred(const Picture& picture) { return resized(resized(picture, 32, 32), picture.width, picture.height); }

}  // namespace

TEST_CASE("one disc is one piece with a firm outline") {
  const Wholeness one = wholeness_of(with_discs({{200, 240}}));
  CHECK(one.largest == 1);
  CHECK(one.pieces == 1);
  CHECK(one.soft_outline == 0);
}

TEST_CASE("discs apart are pieces, discs that touch are one") {
  const Wholeness apart = wholeness_of(with_discs({{100, 100}, {400, 100}, {250, 400}}));
  CHECK(apart.pieces == 3);
  CHECK(apart.largest == doctest::Approx(1.0 / 3).epsilon(0.01));
  const Wholeness joined = wholeness_of(with_discs({{100, 100}, {210, 100}, {320, 100}}));
  CHECK(joined.pieces == 1);
  CHECK(joined.largest == 1);
}

TEST_CASE("crumbs count in the shares, but are no pieces") {
  const Wholeness crumbs = wholeness_of(with_discs({{100, 100}, {300, 300}, {400, 100}}, 5));
  CHECK(crumbs.pieces == 0);
  CHECK(crumbs.largest < 0.4);
}

TEST_CASE("blurring softens the outline, and nothing else") {
  const Wholeness soft = wholeness_of(blurred(with_discs({{100, 100}, {400, 100}})));
  CHECK(soft.soft_outline > 0.95);
  CHECK(soft.pieces == 2);
  CHECK(soft.largest == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("a picture of paper alone is whole") {
  const Wholeness none = wholeness_of(with_discs({}));
  CHECK(none.largest == 1);
  CHECK(none.pieces == 0);
  CHECK(none.soft_outline == 0);
}
