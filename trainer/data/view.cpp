#include "trainer/data/view.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace florilegium {
namespace {

constexpr double pi = std::numbers::pi;
constexpr int phases = 64;    // positions between two pixels for which kernel weights are prepared
constexpr int most_taps = 8;  // of the widest kernel: 4 * 2 / 1.15 rounded up, and one to spare

double catmull_rom(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

/// weights[phase][tap]: `taps` neighbours' weights for a position phase / phases after the first of
/// the two middle pixels.
struct Kernel {
  int taps = 4;
  std::array<std::array<float, most_taps>, phases> weights{};
};

Kernel make_kernel(double reduction) {
  const double stretch = std::max(1.0, reduction / 1.15);
  Kernel kernel;
  kernel.taps = std::min(most_taps, 2 * static_cast<int>(std::ceil(2 * stretch)));
  for (int phase = 0; phase < phases; ++phase) {
    auto& row = kernel.weights[static_cast<std::size_t>(phase)];
    double sum = 0;
    std::array<double, most_taps> exact{};
    for (int tap = 0; tap < kernel.taps; ++tap) {
      const double distance = tap - (kernel.taps / 2 - 1) - (phase + 0.5) / phases;
      exact[static_cast<std::size_t>(tap)] = catmull_rom(distance / stretch);
      sum += exact[static_cast<std::size_t>(tap)];
    }
    for (std::size_t tap = 0; tap < most_taps; ++tap) row[tap] = static_cast<float>(exact[tap] / sum);
  }
  return kernel;
}

/// The weighted sum of taps x taps pixels whose first is at `pixel`; all inside the picture.
template <int taps>
std::array<float, 3> weigh(const std::uint8_t* pixel, std::size_t stride, const float* across, const float* down) {
  std::array<float, static_cast<std::size_t>(taps) * 3> columns{};
  for (int row = 0; row < taps; ++row, pixel += stride) {
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] += down[row] * static_cast<float>(pixel[i]);
  }
  std::array<float, 3> sum{};
  for (std::size_t tap = 0; tap < static_cast<std::size_t>(taps); ++tap) {
    for (std::size_t c = 0; c < 3; ++c) sum[c] += across[tap] * columns[tap * 3 + c];
  }
  return sum;
}

struct Target {
  const RgbPicture& picture;
  const View& view;
  int size;
  std::span<float> out;
};

template <int taps>
void resample_with(const Kernel& kernel, const Target& target, double scale) {
  const RgbPicture& picture = target.picture;
  const View& view = target.view;
  const double step = view.side * scale / target.size;
  const double cosine = std::cos(view.angle) * step, sine = std::sin(view.angle) * step;
  const double across_x = view.mirrored ? -cosine : cosine, across_y = view.mirrored ? -sine : sine;
  const std::size_t stride = static_cast<std::size_t>(picture.width) * 3;
  const double half = target.size / 2.0 - 0.5;
  std::array<std::uint8_t, std::size_t{taps} * taps * 3>
      border{};  // the neighbourhood of a pixel near the border, with repeated edges
  float* out = target.out.data();
  for (int v = 0; v < target.size; ++v) {
    // Kernel positions: pixel centres are at whole numbers here, so half a pixel is taken off.
    double x = view.centre_x * scale - 0.5 - half * across_x - (v - half) * sine;
    double y = view.centre_y * scale - 0.5 - half * across_y + (v - half) * cosine;
    for (int u = 0; u < target.size; ++u, x += across_x, y += across_y, out += 3) {
      const auto fixed_x = static_cast<int>((x + 16) * phases), fixed_y = static_cast<int>((y + 16) * phases);
      const int left = fixed_x / phases - 16 - (taps / 2 - 1), top = fixed_y / phases - 16 - (taps / 2 - 1);
      const std::uint8_t* pixel;
      std::size_t pixel_stride = stride;
      if (left >= 0 && top >= 0 && left + taps <= picture.width && top + taps <= picture.height) {
        pixel = &picture.rgb[static_cast<std::size_t>(top) * stride + static_cast<std::size_t>(left) * 3];
      } else {
        for (int j = 0; j < taps; ++j) {
          const auto from_y = static_cast<std::size_t>(std::clamp(top + j, 0, picture.height - 1));
          for (int i = 0; i < taps; ++i) {
            const auto from_x = static_cast<std::size_t>(std::clamp(left + i, 0, picture.width - 1));
            std::copy_n(&picture.rgb[from_y * stride + from_x * 3], 3,
                        &border[static_cast<std::size_t>(j * taps + i) * 3]);
          }
        }
        pixel = border.data();
        pixel_stride = std::size_t{taps} * 3;
      }
      const auto rgb =
          weigh<taps>(pixel, pixel_stride, kernel.weights[static_cast<std::size_t>(fixed_x % phases)].data(),
                      kernel.weights[static_cast<std::size_t>(fixed_y % phases)].data());
      for (std::size_t c = 0; c < 3; ++c) {
        const float* mix = &view.colour[c * 3];
        const float value = mix[0] * rgb[0] + mix[1] * rgb[1] + mix[2] * rgb[2] + view.colour_offset[c];
        out[c] = std::clamp(value * (2.0f / 255.0f) - 1.0f, -1.0f, 1.0f);
      }
    }
  }
}

/// A little brighter, warmer or more colourful.
void vary_colours(View& view, Dice& dice) {
  const double brightness = 1.0 + 0.04 * dice.bell() / 2, contrast = 1.0 + 0.05 * dice.bell() / 2,
               colourfulness = 1.0 + 0.1 * dice.bell() / 2;
  const std::array<double, 3> warmth = {1.0 + 0.01 * dice.bell(), 1.0, 1.0 + 0.02 * dice.bell()};
  constexpr std::array<double, 3> grey = {0.299, 0.587, 0.114};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      const double mix = (row == column ? colourfulness : 0.0) + (1.0 - colourfulness) * grey[column];
      view.colour[row * 3 + column] = static_cast<float>(mix * brightness * contrast * warmth[row]);
    }
    view.colour_offset[row] =
        static_cast<float>(255.0 * 0.85 * (1.0 - contrast));  // contrast turns about the paper's shade
  }
}

}  // namespace

View centre_view(int width, int height) {
  View view;
  view.centre_x = width / 2.0;
  view.centre_y = height / 2.0;
  view.side = std::min(width, height);
  return view;
}

View random_view(int width, int height, Dice& dice) {
  View view;
  const double shorter = std::min(width, height);
  const double closer = 1.0 + 0.15 * std::pow(dice.flat(), 2.0);
  view.side = shorter / closer;
  view.angle = dice.between(-3.0, 3.0) * pi / 180.0;
  // A square of side 1 turned by a stands in one of side cos a + sin a = sqrt(2) sin(a + 45
  // degrees), which may be `closer` at most.
  const double steepest = closer < std::sqrt(2.0) ? std::asin(closer / std::sqrt(2.0)) - pi / 4 : pi / 4;
  view.angle = std::clamp(view.angle, -steepest, steepest);
  const double reach = view.side / 2 * (std::cos(view.angle) + std::abs(std::sin(view.angle)));
  view.centre_x = dice.between(reach, std::max(reach, width - reach));
  view.centre_y = dice.between(reach, std::max(reach, height - reach));
  view.mirrored = dice.chance(0.5);

  vary_colours(view, dice);
  return view;
}

View random_whole_view(int width, int height, std::array<double, 2> margin, Dice& dice) {
  View view;
  view.side = height * dice.between(0.97, 1.0);
  view.angle = dice.between(-1.0, 1.0) * pi / 180.0;
  view.centre_x = width / 2.0 + dice.between(-margin[0], margin[1]);
  view.centre_y = height / 2.0 + dice.between(-0.5, 0.5) * (height - view.side);
  view.mirrored = dice.chance(0.5);
  vary_colours(view, dice);
  return view;
}

View crop_of(const View& view, const Sight& sight, Dice& dice) {
  if (sight.of <= sight.side) return view;
  const double part = static_cast<double>(sight.side) / sight.of;
  const double reach = view.side * (1 - part) / 2;
  const double right = dice.between(-reach, reach), down = dice.between(-reach, reach);
  View crop = view;
  crop.side = view.side * part;
  crop.centre_x += std::cos(view.angle) * right - std::sin(view.angle) * down;
  crop.centre_y += std::sin(view.angle) * right + std::cos(view.angle) * down;
  return crop;
}

void average_blocks(std::span<const float> from, int side, int block, std::span<float> to) {
  const auto width = static_cast<std::size_t>(side), b = static_cast<std::size_t>(block);
  const float share = 1.0f / static_cast<float>(block * block);
  std::fill(to.begin(), to.end(), 0.0f);
  for (std::size_t y = 0; y < width * b; ++y) {
    const float* row = &from[y * width * b * 3];
    float* sums = &to[y / b * width * 3];
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t i = 0; i < b; ++i, row += 3)
        for (std::size_t c = 0; c < 3; ++c) sums[x * 3 + c] += row[c] * share;
  }
}

int halvings_for(double side, int size) {
  int halvings = 0;
  for (double reduction = side / size; reduction >= 2.0 && halvings < 7; reduction /= 2) ++halvings;
  return halvings;
}

void resample(const RgbPicture& picture, int halvings, const View& view, int size, std::span<float> out) {
  if (size < 1 || out.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3) {
    throw std::invalid_argument("A view of size " + std::to_string(size) + " does not fit into " +
                                std::to_string(out.size()) + " numbers.");
  }
  const double scale = 1.0 / (1 << halvings);
  const Kernel kernel = make_kernel(view.side * scale / size);
  const Target target{picture, view, size, out};
  if (kernel.taps == 4) resample_with<4>(kernel, target, scale);
  else if (kernel.taps == 6) resample_with<6>(kernel, target, scale);
  else resample_with<8>(kernel, target, scale);
}

}  // namespace florilegium
