#include "src/judge/neighbours.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "src/image/resize.h"
#include "tests/judge/made_up_plates.h"

using namespace florilegium;

namespace {

std::vector<ShelvedPlate> some_shelf() {
  std::vector<ShelvedPlate> shelf;
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    shelf.push_back(shelved(shorter_side(made_up_plate(seed), thumb_side)));
  return shelf;
}

}  // namespace

TEST_CASE("a copy is found: where it was cut, mirrored, closer, and on other paper") {
  const auto shelf = some_shelf();
  const Picture plate = made_up_plate(7);
  const Picture square = cut(plate, 0, 30, 144, 144);
  const auto check = [&](const Picture& picture, bool mirrored, int top) {
    const auto found = nearest_plates(shelf, picture, 3);
    REQUIRE(found.size() == 3);
    CHECK(found[0].plate == 7);
    CHECK(found[0].place.mirrored == mirrored);
    CHECK(std::abs(found[0].place.top - top) <= 1);
    CHECK(copy_ratio(found) < copy_limit);
    CHECK(found[1].distance <= found[2].distance);
  };
  check(square, false, 10);
  check(turned_over(square), true, 10);
  check(cut(plate, 0, 56, 144, 144), false, 19);
  check(recoloured(square, 0.94, 12, 6, -8), false, 10);
  check(turned_over(recoloured(square, 1.05, -20, -14, -4)), true, 10);
  check(cut(plate, 9, 40, 126, 126), false, 13);  // 1.14 times closer
  CHECK(nearest_plates(shelf, square, 1)[0].place.side == thumb_side);
  CHECK(nearest_plates(shelf, cut(plate, 9, 40, 126, 126), 1)[0].place.side == 42);
}

TEST_CASE("the exact square of a plate is at no distance") {
  const Picture plate = made_up_plate(3, 96, 96);
  const std::vector<ShelvedPlate> shelf = {shelved(shorter_side(plate, thumb_side)),
                                           shelved(shorter_side(made_up_plate(4, 96, 130), thumb_side))};
  const auto found = nearest_plates(shelf, plate, 5);
  REQUIRE(found.size() == 2);
  CHECK(found[0].plate == 0);
  CHECK(found[0].distance == 0);
  CHECK(copy_ratio(found) == 0);
}

TEST_CASE("an unrelated picture is no copy, and two views of one plate are one neighbour") {
  const auto shelf = some_shelf();
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    const auto found = nearest_plates(shelf, cut(made_up_plate(seed), 0, 20, 144, 144), 4);
    CHECK(copy_ratio(found) > 0.6);
    for (std::size_t i = 0; i < found.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) CHECK(found[i].plate != found[j].plate);
  }
}

TEST_CASE("a plate that the shelf holds twice hides its copies, as the header says") {
  auto shelf = some_shelf();
  shelf.push_back(shelf[7]);
  CHECK(copy_ratio(nearest_plates(shelf, recoloured(cut(made_up_plate(7), 0, 30, 144, 144), 0.9, 0, 0, 0), 2)) ==
        doctest::Approx(1));
}

TEST_CASE("a ratio needs two neighbours") { CHECK_THROWS_AS(copy_ratio({Neighbour{}}), std::out_of_range); }

TEST_CASE("a thumb is mirrored, blurred and cut to its middle") {
  Picture picture = blank_picture(5, 3, 0, 0, 0);
  pixel_of(picture, 1, 1)[0] = 160;
  const Thumb thumb = thumb_of(picture);
  CHECK(thumb.values[5 + 1] == 160);
  CHECK(mirrored(thumb).values[5 + 3] == 160);
  const Thumb soft = blurred(thumb);
  CHECK(soft.values[5 + 1] == 40);
  CHECK(soft.values[5 + 2] == 20);
  CHECK(soft.values[2 * 5 + 2] == 10);
  CHECK(soft.values[5 + 3] == 0);
  const Picture middle = middle_square(picture);
  CHECK(middle.width == 3);
  CHECK(middle.height == 3);
  CHECK(middle.rgba[(1 * 3 + 0) * 4] == 160);
  CHECK(shorter_side(picture, 6).width == 10);
}
