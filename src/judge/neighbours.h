// Originality: which training plates a picture is nearest to, and whether it is a copy of one.
//
// Distance is the root mean square difference of thumbs (thumb.h, slightly blurred), after each
// colour's mean is taken out, so that a copy on lighter or warmer paper is still found. A picture
// is held against every place of a plate, at full width and up to 1.15 times closer, as it is and
// mirrored: these are the views that training shows (trainer/data/view.h). The nearest of them
// counts, so two views of one plate are one neighbour.
//
// A copy is a picture much nearer to one plate than to any other: distance to the nearest / to the
// second nearest < 1/3, the test of Bonnaire et al., "Why diffusion models don't memorize" (2025).
//
// Limits: it looks at 48 x 48 pixels; a copied flower on another plant is not found, nor one turned
// by more than a few degrees or set at another size. Where the data holds the same plate twice, a
// copy of it has two near neighbours and passes.
#pragma once

#include <cstddef>
#include <vector>

#include "src/judge/thumb.h"

namespace florilegium {

/// A plate ready to be compared with.
struct ShelvedPlate {
  Thumb fine;    ///< shorter side thumb_side pixels, blurred
  Thumb coarse;  ///< a quarter of that, for the first look at all plates
};

/// plate: its shorter side is thumb_side pixels.
ShelvedPlate shelved(const Picture& plate);

/// Where on a plate a picture was found, in pixels of the plate's thumb.
struct Place {
  int left = 0, top = 0, side = 0;
  bool mirrored = false;
};

struct Neighbour {
  std::size_t plate = 0;  ///< position on the shelf
  double distance = 0;    ///< in shades of 255
  Place place{};
};

/// The nearest plates, nearest first: `count` of them, or all when there are fewer. Of a picture
/// that is no square, the middle is compared.
std::vector<Neighbour> nearest_plates(const std::vector<ShelvedPlate>& shelf, const Picture& picture,
                                      std::size_t count);

constexpr double copy_limit = 1.0 / 3;

/// Distance to the nearest over distance to the second nearest: 0 a perfect copy, 1 as far from
/// both. Needs two neighbours.
double copy_ratio(const std::vector<Neighbour>& neighbours);

}  // namespace florilegium
