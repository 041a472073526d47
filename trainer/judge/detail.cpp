#include "trainer/judge/detail.h"

#include <algorithm>
#include <cmath>

#include "src/image/resize.h"

namespace florilegium {
namespace {

double luminance(const Picture& picture, int x, int y) {
  const std::uint8_t* pixel =
      &picture
           .rgba[(static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x)) *
                 4];
  return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

double difference(const Picture& a, const Picture& b) {
  double squares = 0;
  for (int y = 0; y < a.height; ++y)
    for (int x = 0; x < a.width; ++x) squares += std::pow(luminance(a, x, y) - luminance(b, x, y), 2);
  return std::sqrt(squares / (static_cast<double>(a.width) * a.height));
}

double seams_every(const Picture& picture, int period) {
  double at_border = 0, elsewhere = 0, borders = 0, others = 0;
  const auto step = [&](double size, int position) {
    const bool border = position % period == 0;
    (border ? at_border : elsewhere) += size;
    (border ? borders : others) += 1;
  };
  for (int y = 1; y < picture.height; ++y)
    for (int x = 1; x < picture.width; ++x) {
      step(std::abs(luminance(picture, x, y) - luminance(picture, x - 1, y)), x);
      step(std::abs(luminance(picture, x, y) - luminance(picture, x, y - 1)), y);
    }
  return elsewhere > 0 ? at_border / borders / (elsewhere / others) : 1.0;
}

}  // namespace

Detail detail_of(const Picture& picture) {
  Detail detail;
  Picture now = picture;
  for (double& octave : detail.octaves) {
    const Picture half = resized(now, (now.width + 1) / 2, (now.height + 1) / 2);
    octave = difference(now, resized(half, now.width, now.height));
    now = half;
  }
  detail.seams = std::max(seams_every(picture, 8), seams_every(picture, 16));
  return detail;
}

}  // namespace florilegium
