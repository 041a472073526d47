#include "src/image/resize.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace florilegium {
namespace {

/// Which old pixels, first, first + 1, ..., make a new one, and how much of each.
struct Share {
  std::size_t first = 0;
  std::vector<float> weights;
};

std::vector<Share> shares(int from, int to) {
  std::vector<Share> all;
  const double step = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    Share share;
    if (step > 1.0) {
      const double begin = i * step, end = std::min<double>(from, (i + 1) * step);
      const int first = static_cast<int>(begin), last = std::min(from - 1, static_cast<int>(std::ceil(end)) - 1);
      share.first = static_cast<std::size_t>(first);
      for (int j = first; j <= last; ++j) {
        share.weights.push_back(
            static_cast<float>((std::min<double>(end, j + 1) - std::max<double>(begin, j)) / (end - begin)));
      }
    } else {
      const double position = std::clamp((i + 0.5) * step - 0.5, 0.0, from - 1.0);
      const int first = std::min(static_cast<int>(position), std::max(0, from - 2));
      const auto second = static_cast<float>(position - first);
      share.first = static_cast<std::size_t>(first);
      share.weights = from > 1 ? std::vector<float>{1.0f - second, second} : std::vector<float>{1.0f};
    }
    all.push_back(std::move(share));
  }
  return all;
}

}  // namespace

Picture resized(const Picture& picture, int width, int height) {
  if (width < 1 || height < 1 || picture.width < 1 || picture.height < 1) {
    throw std::invalid_argument("A picture of " + std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                                " pixels cannot be resized to " + std::to_string(width) + "x" + std::to_string(height) +
                                ".");
  }
  const auto old_width = static_cast<std::size_t>(picture.width), new_width = static_cast<std::size_t>(width);
  const auto old_height = static_cast<std::size_t>(picture.height);
  const auto across = shares(picture.width, width), down = shares(picture.height, height);

  // First across, with colours multiplied by alpha: [old height, new width, 4].
  std::vector<float> rows(old_height * new_width * 4);
  for (std::size_t y = 0; y < old_height; ++y) {
    for (std::size_t x = 0; x < new_width; ++x) {
      float* sum = &rows[(y * new_width + x) * 4];
      for (std::size_t k = 0; k < across[x].weights.size(); ++k) {
        const std::uint8_t* pixel = &picture.rgba[(y * old_width + across[x].first + k) * 4];
        const float alpha = across[x].weights[k] * static_cast<float>(pixel[3]);
        for (std::size_t c = 0; c < 3; ++c) sum[c] += alpha * static_cast<float>(pixel[c]);
        sum[3] += alpha;
      }
    }
  }

  Picture out = blank_picture(width, height, 0, 0, 0, 0);
  std::vector<float> sums(new_width * 4);
  for (std::size_t y = 0; y < down.size(); ++y) {
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (std::size_t k = 0; k < down[y].weights.size(); ++k) {
      const float* row = &rows[(down[y].first + k) * new_width * 4];
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += down[y].weights[k] * row[i];
    }
    for (std::size_t x = 0; x < new_width; ++x) {
      const float alpha = sums[x * 4 + 3];
      std::uint8_t* pixel = &out.rgba[(y * new_width + x) * 4];
      for (std::size_t c = 0; c < 3 && alpha > 0; ++c)
        pixel[c] = static_cast<std::uint8_t>(std::min(255.0f, sums[x * 4 + c] / alpha + 0.5f));
      pixel[3] = static_cast<std::uint8_t>(std::min(255.0f, alpha + 0.5f));
    }
  }
  return out;
}

Picture fitted(const Picture& picture, int longest) {
  const int side = std::max(picture.width, picture.height);
  if (side <= longest) return picture;
  const auto reduced = [&](int old) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(old) * longest / side)));
  };
  return resized(picture, reduced(picture.width), reduced(picture.height));
}

Picture shorter_side(const Picture& picture, int side) {
  const double scale = static_cast<double>(side) / std::min(picture.width, picture.height);
  return resized(picture, static_cast<int>(std::lround(picture.width * scale)),
                 static_cast<int>(std::lround(picture.height * scale)));
}

Picture middle_square(const Picture& picture) {
  const int side = std::min(picture.width, picture.height), left = (picture.width - side) / 2,
            top = (picture.height - side) / 2;
  Picture square{side, side, {}};
  square.rgba.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 4);
  for (int y = top; y < top + side; ++y) {
    const auto row = picture.rgba.begin() + (static_cast<std::ptrdiff_t>(y) * picture.width + left) * 4;
    square.rgba.insert(square.rgba.end(), row, row + static_cast<std::ptrdiff_t>(side) * 4);
  }
  return square;
}

}  // namespace florilegium
