#include "src/judge/statistics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/image/resize.h"

namespace florilegium {
namespace {

constexpr std::size_t side = 128, pixels = side * side;
constexpr double least_chroma = 0.1;
using Colour = std::array<double, 3>;

double luminance(const Colour& colour) { return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]; }
double chroma(const Colour& colour) {
  return std::max({colour[0], colour[1], colour[2]}) - std::min({colour[0], colour[1], colour[2]});
}

std::vector<Colour> colours_of(const Picture& picture) {
  std::vector<Colour> colours(pixels);
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < 3; ++c) colours[i][c] = picture.rgba[i * 4 + c] / 255.0;
  return colours;
}

/// The mean colour about the most frequent luminance among the lighter half.
Colour paper_of(const std::vector<Colour>& colours) {
  constexpr std::size_t bins = 64;
  std::array<std::size_t, bins> counts{};
  std::vector<std::size_t> bin(pixels);
  for (std::size_t i = 0; i < pixels; ++i)
    ++counts[bin[i] = std::min(bins - 1, static_cast<std::size_t>(luminance(colours[i]) * bins))];
  for (std::size_t darker = pixels / 2, k = 0; darker > 0; ++k) {  // the darker half is left out
    const std::size_t here = std::min(counts[k], darker);
    counts[k] -= here;
    darker -= here;
  }
  const auto most = static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  Colour sum{};
  double count = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    if (bin[i] + 1 < most || bin[i] > most + 1) continue;
    for (std::size_t c = 0; c < 3; ++c) sum[c] += colours[i][c];
    ++count;
  }
  return {sum[0] / count, sum[1] / count, sum[2] / count};
}

std::size_t hue_of(const Colour& colour) {
  const double range = chroma(colour);
  if (range < least_chroma) return hues;
  const auto [red, green, blue] = colour;
  double sixth = (red - green) / range + 4;
  if (red >= green && red >= blue) sixth = std::fmod((green - blue) / range + 6, 6);
  else if (green >= blue) sixth = (blue - red) / range + 2;
  return static_cast<std::size_t>(std::lround(sixth * hues / 6)) % hues;
}

/// The value at a share of the sorted numbers, 0 the least, 1 the greatest.
double at_share(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double deviation(const std::array<double, SetStatistics::points>& quantiles) {
  double mean = 0, squares = 0;
  for (const double value : quantiles) mean += value / SetStatistics::points;
  for (const double value : quantiles) squares += (value - mean) * (value - mean) / SetStatistics::points;
  return std::sqrt(squares);
}

}  // namespace

std::array<double, 3> paper_of(const Picture& picture) {
  return paper_of(colours_of(resized(middle_square(picture), side, side)));
}

PictureStatistics statistics_of(const Picture& picture) {
  const auto colours = colours_of(resized(middle_square(picture), side, side));
  const Colour paper = paper_of(colours);
  PictureStatistics out;
  std::copy(paper.begin(), paper.end(), out.values.begin());
  std::array<double, 3> thirds{};
  double inked = 0, lightness = 0, colourful = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    const Colour& colour = colours[i];
    if (std::hypot(colour[0] - paper[0], colour[1] - paper[1], colour[2] - paper[2]) <= ink_difference) continue;
    ++inked;
    ++thirds[i / side * 3 / side];
    lightness += luminance(colour);
    colourful += chroma(colour);
    ++out.hue[hue_of(colour)];
  }
  out.values[ink] = inked / pixels;
  for (std::size_t third = 0; third < 3; ++third) {
    const std::size_t rows = (side * (third + 1) + 2) / 3 - (side * third + 2) / 3;
    out.values[ink_top + third] = thirds[third] / static_cast<double>(rows * side);
  }
  out.values[ink_lightness] = inked > 0 ? lightness / inked : luminance(paper);
  out.values[ink_chroma] = inked > 0 ? colourful / inked : 0;
  for (double& share : out.hue) share = inked > 0 ? share / inked : 0;
  double differences = 0;
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x + 1 < side; ++x) {
      differences += std::abs(luminance(colours[y * side + x]) - luminance(colours[y * side + x + 1]));
      differences += std::abs(luminance(colours[x * side + y]) - luminance(colours[(x + 1) * side + y]));
    }
  out.values[edges] = differences / (2.0 * side * (side - 1));
  return out;
}

SetStatistics statistics_of_set(std::span<const PictureStatistics> pictures) {
  if (pictures.empty()) throw std::invalid_argument("A set needs at least one picture.");
  SetStatistics set;
  set.count = pictures.size();
  for (std::size_t m = 0; m < measures; ++m) {
    std::vector<double> sorted;
    for (const auto& picture : pictures) sorted.push_back(picture.values[m]);
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t k = 0; k < SetStatistics::points; ++k)
      set.quantiles[m][k] = at_share(sorted, static_cast<double>(k) / (SetStatistics::points - 1));
  }
  for (const auto& picture : pictures)
    for (std::size_t h = 0; h < set.hue.size(); ++h)
      set.hue[h] += picture.hue[h] / static_cast<double>(pictures.size());
  return set;
}

SetDistance set_distance(const SetStatistics& set, const SetStatistics& real) {
  SetDistance out;
  for (std::size_t m = 0; m < measures; ++m) {
    double sum = 0;
    for (std::size_t k = 0; k < SetStatistics::points; ++k)
      sum += std::abs(set.quantiles[m][k] - real.quantiles[m][k]) / SetStatistics::points;
    out.values[m] = sum / std::max(deviation(real.quantiles[m]), 1e-3);
  }
  for (std::size_t h = 0; h < set.hue.size(); ++h) out.hue += std::abs(set.hue[h] - real.hue[h]) / 2;
  for (const double value : out.values) out.all += value / (measures + 1);
  out.all += out.hue / (measures + 1);
  return out;
}

}  // namespace florilegium
