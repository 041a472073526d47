#include "trainer/judge/compare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "src/image/resize.h"
#include "tests/judge/made_up_plates.h"

using namespace florilegium;

namespace {

constexpr int side = 96;

JudgedSet plates(const std::string& title, std::uint64_t first, std::uint64_t count) {
  JudgedSet set{title, {}, {}};
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    set.names.push_back(std::to_string(seed));
    set.pictures.push_back(made_up_plate(seed, side, side));
  }
  return set;
}

RealPlates training_plates() {
  RealPlates out;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Picture whole = made_up_plate(seed, side, side);
    RealPlate plate;
    plate.name = std::to_string(seed);
    plate.thumb = shorter_side(whole, thumb_side);
    plate.view = resized(whole, 64, 64);
    plate.statistics = statistics_of(whole);
    out.training.push_back(plate);
  }
  return out;
}

const ComparedNumber& number(const std::vector<ComparedNumber>& all, const std::string& key) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const ComparedNumber& one) { return one.key == key; });
  REQUIRE(found != all.end());
  return *found;
}

/// Squares of a third of the side in another order.
Picture shuffled(const Picture& picture) {
  constexpr int cells = 3, cell = side / cells;
  Picture out = picture;
  for (int y = 0; y < cells * cell; ++y)
    for (int x = 0; x < cells * cell; ++x) {
      const int from = (y / cell * cells + x / cell) * 4 % 9;  // 4 and 9 have no divisor in common
      std::copy_n(&picture.rgba[static_cast<std::size_t>((from / cells * cell + y % cell) * picture.width +
                                                         from % cells * cell + x % cell) *
                                4],
                  4, pixel_of(out, x, y));
    }
  return out;
}

/// Each shade moved by up to 24 either way.
Picture noisy(Picture picture, std::uint64_t seed) {
  for (std::size_t i = 0; i < picture.rgba.size(); ++i)
    if (i % 4 < 3)
      picture.rgba[i] =
          static_cast<std::uint8_t>(std::clamp(picture.rgba[i] + 48 * uniform_number(seed, 2, i) - 24, 0.0, 255.0));
  return picture;
}

}  // namespace

TEST_CASE("two sets of one kind hardly differ, and each change is seen where it belongs") {
  const RealPlates real_plates = training_plates();
  const auto real = plates("real", 1, 60).pictures;
  const JudgedSet some = plates("some", 101, 40);
  const auto against = [&](const JudgedSet& other) { return compare(some, other, real_plates, real); };
  const auto differing = [](const std::vector<ComparedNumber>& all) {
    std::string keys;
    for (const ComparedNumber& one : all) {
      CHECK(one.low <= one.high);
      if (one.differ()) keys += one.key + " ";
    }
    return keys;
  };
  CHECK(differing(against(some)) == "");
  CHECK(differing(against(plates("others", 201, 40))) == "");

  JudgedSet blurred = plates("blurred", 201, 40);
  for (Picture& picture : blurred.pictures) picture = resized(resized(picture, side / 4, side / 4), side, side);
  const auto soft = against(blurred);
  CHECK(number(soft, "lines_1").high < 0);
  CHECK(number(soft, "lines_2").high < 0);
  CHECK(number(soft, "soft_outline").low > 0);
  CHECK_FALSE(number(soft, "copies").differ());

  const auto changed = [&](const auto& change) {
    JudgedSet set = plates("changed", 201, 40);
    for (Picture& picture : set.pictures) picture = change(picture);
    return against(set);
  };
  const auto red = changed([](const Picture& one) { return recoloured(one, 0.9, 25, 0, -10); });
  CHECK(number(red, "proportionality").low > 0);
  CHECK_FALSE(number(red, "pieces").differ());
  CHECK_FALSE(number(red, "copies").differ());

  const auto in_pieces = changed(shuffled);
  CHECK(number(in_pieces, "largest_piece").high < 0);
  CHECK(number(in_pieces, "pieces").low > 0);
  CHECK_FALSE(number(in_pieces, "copies").differ());
  CHECK_FALSE(number(in_pieces, "soft_outline").differ());

  const auto grainy = changed([](const Picture& one) { return noisy(one, one.rgba[0]); });
  CHECK(number(grainy, "lines_1").low > 0);
  CHECK_FALSE(number(grainy, "lines_4").differ());
  CHECK_FALSE(number(grainy, "copies").differ());

  const auto copied = against(plates("copied", 1, 40));
  CHECK(number(copied, "copies").a == 0);
  CHECK(number(copied, "copies").b == 1);
  CHECK(number(copied, "ratio").high < 0);
  CHECK(differing(copied) == "copies ratio ");
}

TEST_CASE("the interval of a difference of accuracies is Newcombe's") {
  // 48 of 80 and 56 of 70, with Wilson's intervals: his table gives 0.0524 to 0.3339.
  const ComparedNumber told = compare(TwoSample{64, 0.6, 0.49046, 0.70038}, TwoSample{64, 0.8, 0.69183, 0.87695});
  CHECK(told.low == doctest::Approx(0.0524).epsilon(0.002));
  CHECK(told.high == doctest::Approx(0.3339).epsilon(0.002));
  CHECK(told.differ());
}
