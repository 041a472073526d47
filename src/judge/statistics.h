// Proportionality: colours and ink of pictures as numbers, and how far two sets of pictures are
// apart in them.
//
// They say whether a set of grown plates is as pale, as full, as green or as fine-lined as the
// printed ones, on the whole and in its spread. They say nothing about what is drawn.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "src/image/picture.h"

namespace florilegium {

/// What is measured of each picture, in this order.
enum Measure {
  paper_red,
  paper_green,
  paper_blue,
  ink,
  ink_top,
  ink_middle,
  ink_bottom,
  ink_lightness,
  ink_chroma,
  edges,
  measures
};

struct MeasureText {
  const char* key;   ///< in files
  const char* name;  ///< for people
};
constexpr std::array<MeasureText, measures> measure_texts = {{{"paper_red", "Paper, red"},
                                                              {"paper_green", "Paper, green"},
                                                              {"paper_blue", "Paper, blue"},
                                                              {"ink", "Share of ink"},
                                                              {"ink_top", "Ink, top third"},
                                                              {"ink_middle", "Ink, middle third"},
                                                              {"ink_bottom", "Ink, bottom third"},
                                                              {"ink_lightness", "Lightness of ink"},
                                                              {"ink_chroma", "Colourfulness of ink"},
                                                              {"edges", "Density of edges"}}};

constexpr int hues =
    12;  ///< red, orange, yellow, ...: 30 degrees each, the first one around red; one more place for grey

constexpr double ink_difference = 0.1;  ///< from the paper, of the colour cube's side

/// Red, green and blue of the paper in [0, 1], as for statistics_of().
std::array<double, 3> paper_of(const Picture& picture);

/// Of one picture, all in [0, 1]. Paper is the most frequent shade among the lighter half of the
/// pixels; ink is what differs from it by more than 0.1 of the colour cube's side. Edges: mean
/// difference of luminance between neighbouring pixels.
struct PictureStatistics {
  std::array<double, measures> values{};
  std::array<double, hues + 1>
      hue{};  ///< shares of the ink, sum 1 (all 0 without ink); the last is grey, chroma under 0.1
};

/// Measured at 128 x 128 pixels; of a picture that is no square, the middle.
PictureStatistics statistics_of(const Picture& picture);

/// Of a set: for each measure its quantiles (least, ..., greatest, evenly spaced shares of the
/// set), for hues the mean.
struct SetStatistics {
  static constexpr std::size_t points = 33;
  std::size_t count = 0;
  std::array<std::array<double, points>, measures> quantiles{};
  std::array<double, hues + 1> hue{};
};

/// Throws std::invalid_argument when there is none.
SetStatistics statistics_of_set(std::span<const PictureStatistics> pictures);

/// How far apart two sets are. Each measure: the mean difference of equal quantiles (the
/// Wasserstein distance) over the standard deviation of `real`. Hue: half the sum of differences,
/// the share of ink that would have to change its hue.
struct SetDistance {
  std::array<double, measures> values{};
  double hue = 0;
  double all = 0;  ///< the mean of all of these
};
SetDistance set_distance(const SetStatistics& set, const SetStatistics& real);

}  // namespace florilegium
