#include "src/diffusion/inpainting.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace florilegium {

std::vector<float> region_weights(std::span<const std::uint8_t> region, int size) {
  const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(region.size()))));
  if (size < 1 || side == 0 || static_cast<std::size_t>(side) * static_cast<std::size_t>(side) != region.size() ||
      size % side != 0)
    throw std::invalid_argument("A region of " + std::to_string(region.size()) + " cells does not fit a picture of " +
                                std::to_string(size) + " pixels a side.");

  const int cell = size / side;
  const auto marked = [&](int column, int row) {  // beyond the picture's edge the region goes on as it is there
    return region[static_cast<std::size_t>(std::clamp(row, 0, side - 1) * side + std::clamp(column, 0, side - 1))] != 0
               ? 1.0f
               : 0.0f;
  };
  std::vector<float> weights;
  weights.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      // Straight lines between the cells' middles: 1/2 along an edge.
      const float along = (static_cast<float>(x) + 0.5f) / static_cast<float>(cell) - 0.5f,
                  down = (static_cast<float>(y) + 0.5f) / static_cast<float>(cell) - 0.5f;
      const int column = static_cast<int>(std::floor(along)), row = static_cast<int>(std::floor(down));
      const float right = along - static_cast<float>(column), below = down - static_cast<float>(row);
      const float between = (1 - below) * ((1 - right) * marked(column, row) + right * marked(column + 1, row)) +
                            below * ((1 - right) * marked(column, row + 1) + right * marked(column + 1, row + 1));
      weights.push_back(marked(x / cell, y / cell) * std::clamp(2 * between - 1, 0.0f, 1.0f));
    }
  return weights;
}

void keep_outside(std::span<float> answer, std::span<const float> picture, std::span<const float> weights) {
  if (answer.size() != picture.size() || weights.empty() || answer.size() % weights.size() != 0)
    throw std::invalid_argument("The picture to keep has " + std::to_string(picture.size()) +
                                " values and the region " + std::to_string(weights.size()) +
                                "; they do not fit an answer of " + std::to_string(answer.size()) + ".");
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const float weight = weights[i % weights.size()];
    answer[i] = weight * answer[i] + (1 - weight) * picture[i];
  }
}

}  // namespace florilegium
