#include "src/image/picture.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

using namespace florilegium;

TEST_CASE("a value becomes the nearest of 256 shades") {
  CHECK(shade(-1.0f) == 0);
  CHECK(shade(1.0f) == 255);
  CHECK(shade(0.0f) == 128);
  CHECK(shade(7.0f) == 255);
  CHECK(shade(-7.0f) == 0);
  CHECK(shade(std::numeric_limits<float>::quiet_NaN()) == 0);
  for (int value = 0; value < 256; ++value) CHECK(shade(static_cast<float>(value) / 127.5f - 1.0f) == value);
}

TEST_CASE("planes and interleaved values make the same picture, and the way back is exact") {
  const std::vector<float> rgb = {-1, 0, 1, 0.5f, -0.5f, 0.25f};
  const std::vector<float> planes = {-1, 0.5f, 0, -0.5f, 1, 0.25f};
  const Picture picture = picture_from_rgb(rgb, 2, 1);
  CHECK(picture.rgba == picture_from_planes(planes, 2, 1).rgba);
  CHECK(planes_from_rgb(rgb, 2, 1) == planes);
  CHECK(picture.rgba[3] == 255);
  CHECK(picture_from_planes(planes_from_picture(picture), 2, 1).rgba == picture.rgba);
  CHECK_THROWS_AS(picture_from_planes(planes, 3, 1), std::invalid_argument);
}
