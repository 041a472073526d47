#include "src/image/resize.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace florilegium;

TEST_CASE("reducing takes the mean over areas") {
  Picture picture = blank_picture(4, 2, 0, 0, 0);
  for (const std::size_t i : {0U, 1U, 4U, 5U}) picture.rgba[i * 4] = 200;  // the left half is red
  const Picture small = resized(picture, 2, 1);
  CHECK(small.rgba == std::vector<std::uint8_t>{200, 0, 0, 255, 0, 0, 0, 255});
  CHECK(resized(picture, 1, 1).rgba[0] == 100);
  CHECK(resized(picture, 3, 1).rgba[4] == 100);  // the middle third is half red
}

TEST_CASE("enlarging interpolates, the same size changes nothing") {
  Picture picture = blank_picture(2, 1, 0, 0, 0);
  picture.rgba[4] = 100;
  CHECK(resized(picture, 2, 1).rgba == picture.rgba);
  const Picture large = resized(picture, 4, 2);
  CHECK(large.rgba[0] == 0);
  CHECK(large.rgba[4] == 25);
  CHECK(large.rgba[8] == 75);
  CHECK(large.rgba[12] == 100);
  CHECK(resized(blank_picture(1, 1, 9, 8, 7), 5, 3).rgba == blank_picture(5, 3, 9, 8, 7).rgba);
  CHECK_THROWS_AS(resized(picture, 0, 2), std::invalid_argument);
}

TEST_CASE("transparent pixels do not tint") {
  Picture picture = blank_picture(2, 1, 255, 0, 0);
  picture.rgba = {255, 0, 0, 255, 0, 255, 0, 0};
  CHECK(resized(picture, 1, 1).rgba == std::vector<std::uint8_t>{255, 0, 0, 128});
}

TEST_CASE("fitted keeps proportions and never enlarges") {
  const Picture wide = fitted(blank_picture(100, 40, 1, 2, 3), 50);
  CHECK(wide.width == 50);
  CHECK(wide.height == 20);
  CHECK(fitted(blank_picture(10, 4, 1, 2, 3), 50).width == 10);
}
