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
