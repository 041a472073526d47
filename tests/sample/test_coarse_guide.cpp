// The coarse guide of a picture, cell by cell.
#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "trainer/sample/coarse_guide.h"

using namespace florilegium;

TEST_CASE("a coarse guide paints every cell in the mean colour of its place in the middle square") {
  Picture picture = blank_picture(48, 32, 0, 0, 0);
  for (std::size_t y = 0; y < 32; ++y)
    for (std::size_t x = 0; x < 48; ++x) {
      std::uint8_t* pixel = &picture.rgba[(y * 48 + x) * 4];
      pixel[0] = x < 24 ? 255 : 0;  // the middle square, 8 to 40, is half red
      pixel[1] = y < 16 ? 51 : 0;
    }
  const std::vector<float> hint = coarse_guide(picture, 16);  // 2 x 2 cells
  REQUIRE(hint.size() == 16);
  const float expected[] = {1, 51 / 127.5f - 1, -1, 1, -1, 51 / 127.5f - 1, -1, 1, 1, -1, -1, 1, -1, -1, -1, 1};
  for (std::size_t i = 0; i < 16; ++i) CHECK(hint[i] == doctest::Approx(expected[i]).epsilon(0.005));
}
