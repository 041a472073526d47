#include "src/judge/statistics.h"

#include <doctest/doctest.h>

#include <numeric>
#include <stdexcept>

#include "tests/judge/made_up_plates.h"

using namespace florilegium;

namespace {

Picture with_rectangle(int left, int top, int right, int bottom, int red, int green, int blue) {
  Picture picture = blank_picture(128, 128, 240, 230, 210);
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) {
      pixel_of(picture, x, y)[0] = static_cast<std::uint8_t>(red);
      pixel_of(picture, x, y)[1] = static_cast<std::uint8_t>(green);
      pixel_of(picture, x, y)[2] = static_cast<std::uint8_t>(blue);
    }
  return picture;
}

std::vector<PictureStatistics> some(std::uint64_t first, std::uint64_t count) {
  std::vector<PictureStatistics> all;
  for (std::uint64_t seed = first; seed < first + count; ++seed)
    all.push_back(statistics_of(made_up_plate(seed, 128, 128)));
  return all;
}

}  // namespace

TEST_CASE("statistics of a red square on paper") {
  const PictureStatistics one = statistics_of(with_rectangle(0, 0, 64, 32, 200, 20, 20));  // within the upper third
  CHECK(one.values[paper_red] == doctest::Approx(240 / 255.0));
  CHECK(one.values[paper_blue] == doctest::Approx(210 / 255.0));
  CHECK(one.values[ink] == doctest::Approx(64 * 32 / 16384.0));
  CHECK(one.values[ink_top] == doctest::Approx(64 * 32 / (43.0 * 128)));
  CHECK(one.values[ink_middle] == 0);
  CHECK(one.values[ink_bottom] == 0);
  CHECK(one.values[ink_chroma] == doctest::Approx(180 / 255.0));
  CHECK(one.values[ink_lightness] == doctest::Approx((0.299 * 200 + 0.701 * 20) / 255.0));
  CHECK(one.hue[0] == doctest::Approx(1));
  const double step = (0.299 * 40 + 0.587 * 210 + 0.114 * 190) / 255;  // 32 steps across, 64 down
  CHECK(one.values[edges] == doctest::Approx(96 * step / (2.0 * 128 * 127)));
}

TEST_CASE("hues have places of their own, grey the last") {
  const int colours[][3] = {{20, 200, 20}, {20, 20, 200}, {90, 90, 90}, {200, 200, 20}};
  const std::size_t places[] = {4, 8, 12, 2};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto one = statistics_of(with_rectangle(20, 90, 100, 128, colours[i][0], colours[i][1], colours[i][2]));
    CHECK(one.hue[places[i]] == doctest::Approx(1));
    CHECK(one.values[ink_bottom] > 0.5);
    CHECK(one.values[ink_top] == 0);
  }
  const auto empty = statistics_of(blank_picture(200, 150, 240, 230, 210));
  CHECK(empty.values[ink] == 0);
  CHECK(std::accumulate(empty.hue.begin(), empty.hue.end(), 0.0) == 0);
}

TEST_CASE("paper is found where most of the sheet is inked") {
  const auto one = statistics_of(with_rectangle(0, 0, 128, 70, 40, 90, 30));
  CHECK(one.values[paper_red] == doctest::Approx(240 / 255.0));
  CHECK(one.values[ink] == doctest::Approx(70 / 128.0));
}

TEST_CASE("sets: none from itself, little from more of its kind, much from faded or bluish ones") {
  const auto real = some(0, 80);
  const SetStatistics set = statistics_of_set(real);
  CHECK(set.count == 80);
  for (std::size_t m = 0; m < measures; ++m) CHECK(std::is_sorted(set.quantiles[m].begin(), set.quantiles[m].end()));
  CHECK(std::accumulate(set.hue.begin(), set.hue.end(), 0.0) == doctest::Approx(1));
  CHECK(set_distance(set, set).all == 0);

  const double alike = set_distance(statistics_of_set(some(200, 40)), set).all;
  std::vector<PictureStatistics> faded, bluish;
  for (std::uint64_t seed = 200; seed < 240; ++seed) {
    faded.push_back(statistics_of(recoloured(made_up_plate(seed, 128, 128), 0.6, 96, 92, 83)));
    bluish.push_back(statistics_of(recoloured(made_up_plate(seed, 128, 128), 1, -60, 0, 40)));
  }
  const SetDistance to_faded = set_distance(statistics_of_set(faded), set),
                    to_bluish = set_distance(statistics_of_set(bluish), set);
  CHECK(to_faded.all > 2 * alike);
  CHECK(to_bluish.all > 2 * alike);
  CHECK(to_bluish.hue > 0.2);
  CHECK(to_faded.values[ink_lightness] > to_faded.values[paper_red]);
  CHECK_THROWS_AS(statistics_of_set({}), std::invalid_argument);
}
