// Training hints: where they are painted they tell the picture's colours, elsewhere nothing.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "trainer/learn/hints.h"

using namespace florilegium;

TEST_CASE("training hints") {
  constexpr int size = 64, side = size / 8, count = 2000;
  std::vector<float> picture(size * size * 3);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = std::sin(static_cast<float>(i) * 0.01f);
  std::vector<double> means(side * side * 3);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      for (int c = 0; c < 3; ++c)
        means[static_cast<std::size_t>((y / 8 * side + x / 8) * 3 + c)] +=
            static_cast<double>(picture[static_cast<std::size_t>((y * size + x) * 3 + c)]) / 64;

  int empty = 0, full = 0;
  double error = 0, worst = 0;
  std::int64_t painted_values = 0;
  bool masks_clean = true;
  std::vector<float> hint(side * side * 4);
  for (std::uint64_t index = 0; index < count; ++index) {
    draw_training_hint(picture, size, 8, 5, index, hint);
    int painted = 0;
    for (std::size_t cell = 0; cell < side * side; ++cell) {
      const float* h = &hint[cell * 4];
      if (h[3] == 0.0f) {
        masks_clean = masks_clean && h[0] == 0.0f && h[1] == 0.0f && h[2] == 0.0f;
        continue;
      }
      masks_clean = masks_clean && h[3] == 1.0f;
      ++painted;
      for (std::size_t c = 0; c < 3; ++c) {
        const double off = static_cast<double>(h[c]) - means[cell * 3 + c];
        error += off * off;
        worst = std::max(worst, std::abs(off));
        ++painted_values;
      }
    }
    empty += painted == 0;
    full += painted == side * side;
  }
  CHECK(masks_clean);
  CHECK(std::abs(empty - count / 2) < 120);  // half of them, and 5 standard deviations
  CHECK(full > count / 40);
  CHECK(full < count / 8);
  CHECK(std::sqrt(error / static_cast<double>(painted_values)) == doctest::Approx(0.04).epsilon(0.1));
  CHECK(worst < 0.25);

  std::vector<float> again(hint.size());
  draw_training_hint(picture, size, 8, 5, count - 1, again);
  CHECK(again == hint);
}
