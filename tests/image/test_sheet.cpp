#include "src/image/sheet.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace florilegium;

namespace {

const std::uint8_t* pixel(const Picture& picture, int x, int y) {
  return &picture.rgba[(static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                        static_cast<std::size_t>(x)) *
                       4];
}

}  // namespace

TEST_CASE("a contact sheet has margins around and between its pictures") {
  const std::vector<Picture> pictures = {blank_picture(4, 6, 255, 0, 0), blank_picture(4, 6, 0, 255, 0),
                                         blank_picture(2, 2, 0, 0, 255)};
  const Picture sheet = contact_sheet(pictures, {2, 3, {9, 9, 9}});
  CHECK(sheet.width == 3 + 4 + 3 + 4 + 3);
  CHECK(sheet.height == 3 + 6 + 3 + 6 + 3);
  CHECK(pixel(sheet, 2, 2)[0] == 9);
  CHECK(pixel(sheet, 3, 3)[0] == 255);
  CHECK(pixel(sheet, 10, 8)[1] == 255);
  CHECK(pixel(sheet, 4, 14)[2] == 255);  // the small one in the middle of its cell
  CHECK(pixel(sheet, 3, 13)[2] == 9);
}

TEST_CASE("without a number of columns the sheet is about square; transparent places show the background") {
  const Picture clear = blank_picture(5, 5, 0, 0, 0, 0);
  const Picture sheet = contact_sheet(std::vector<Picture>(7, clear), {0, 1, {50, 60, 70}});
  CHECK(sheet.width == 1 + 3 * 6);
  CHECK(sheet.height == 1 + 3 * 6);
  CHECK(pixel(sheet, 3, 3)[2] == 70);
  CHECK_THROWS_AS(contact_sheet({}), std::invalid_argument);
}
