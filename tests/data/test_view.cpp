#include "trainer/data/view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/data/some_pictures.h"

using namespace florilegium;

TEST_CASE("random views stay inside the picture, whatever its shape") {
  for (const auto& [width, height] : {std::pair{576, 864}, {576, 576}, {900, 600}, {100, 1000}}) {
    for (std::uint64_t i = 0; i < 300; ++i) {
      Dice dice(1, DiceStream::view, i);
      const View view = random_view(width, height, dice);
      const double reach = view.side / 2 * (std::cos(view.angle) + std::abs(std::sin(view.angle)));
      CHECK(view.centre_x - reach >= -1e-6);
      CHECK(view.centre_y - reach >= -1e-6);
      CHECK(view.centre_x + reach <= width + 1e-6);
      CHECK(view.centre_y + reach <= height + 1e-6);
      CHECK(view.side <= std::min(width, height));
      CHECK(view.side >= std::min(width, height) / 1.16);
      CHECK(std::abs(view.angle) <= 0.0524);
    }
  }
}

TEST_CASE("a view of the whole picture at its own size is that picture") {
  const RgbPicture picture = without_alpha(garden_picture(2, 48));
  std::vector<float> out(48 * 48 * 3);
  resample(picture, 0, centre_view(48, 48), 48, out);
  int furthest = 0;
  for (std::size_t i = 0; i < out.size(); ++i) furthest = std::max(furthest, std::abs(shade(out[i]) - picture.rgb[i]));
  CHECK(furthest <= 2);

  View mirrored = centre_view(48, 48);
  mirrored.mirrored = true;
  std::vector<float> other(out.size());
  resample(picture, 0, mirrored, 48, other);
  float difference = 0;
  for (std::size_t c = 0; c < 3; ++c)
    difference = std::max(difference, std::abs(out[(10 * 48 + 5) * 3 + c] - other[(10 * 48 + 42) * 3 + c]));
  CHECK(difference < 0.05f);
}

TEST_CASE("reduction averages: a fine chequerboard becomes grey, at every reduction") {
  RgbPicture board{256, 256, std::vector<std::uint8_t>(256 * 256 * 3)};
  for (std::size_t i = 0; i < board.rgb.size(); ++i) board.rgb[i] = (i / 3 % 256 + i / 3 / 256) % 2 == 0 ? 255 : 0;
  for (const int size : {140, 100, 64, 20}) {
    const int halvings = halvings_for(256, size);
    RgbPicture reduced = board;
    for (int i = 0; i < halvings; ++i) reduced = halved(reduced);
    std::vector<float> out(static_cast<std::size_t>(size * size * 3));
    resample(reduced, halvings, centre_view(256, 256), size, out);
    CAPTURE(size);
    const std::size_t middle = static_cast<std::size_t>(size * size / 2 + size / 2) * 3;
    CHECK(std::abs(out[middle]) < 0.15f);
  }
  std::vector<float> wrong(5);
  CHECK_THROWS_AS(resample(board, 0, centre_view(256, 256), 64, wrong), std::invalid_argument);
}

TEST_CASE("a crop lies inside its view and shows what the view shows there") {
  const RgbPicture picture = without_alpha(garden_picture(3, 64));
  const View view = centre_view(64, 64);
  Sight sight(32);
  sight.of = 64;
  std::vector<float> whole(64 * 64 * 3), part(32 * 32 * 3);
  resample(picture, 0, view, 64, whole);
  for (std::uint64_t i = 0; i < 20; ++i) {
    Dice dice(1, DiceStream::crop, i);
    View crop = crop_of(view, sight, dice);
    CHECK(crop.side == 32);
    CHECK(crop.centre_x - 16 >= -1e-9);
    CHECK(crop.centre_x + 16 <= 64 + 1e-9);
    CHECK(crop.centre_y - 16 >= -1e-9);
    CHECK(crop.centre_y + 16 <= 64 + 1e-9);
    crop.centre_x = std::floor(crop.centre_x);  // to whole pixels, so that both see the same ones
    crop.centre_y = std::floor(crop.centre_y);
    resample(picture, 0, crop, 32, part);
    const auto left = static_cast<std::size_t>(crop.centre_x) - 16, top = static_cast<std::size_t>(crop.centre_y) - 16;
    for (std::size_t y = 0; y < 32; y += 5)
      for (std::size_t x = 0; x < 32; x += 5)
        CHECK(part[(y * 32 + x) * 3] == doctest::Approx(whole[((top + y) * 64 + left + x) * 3]).epsilon(0.02));
  }
}

TEST_CASE("averages of blocks are their means") {
  std::vector<float> from(4 * 4 * 3), to(2 * 2 * 3);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
  average_blocks(from, 2, 2, to);
  CHECK(to[0] == doctest::Approx((0 + 3 + 12 + 15) / 4.0));
  CHECK(to[11] == doctest::Approx((32 + 35 + 44 + 47) / 4.0));
}
