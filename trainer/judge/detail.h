// Plausibility, as far as numbers reach: fine lines and seams. Whether a plate looks real only the
// eye can say (the page's quiz); these two can show that one does not. A picture may pass both and
// still be nonsense.
#pragma once

#include <array>

#include "src/image/picture.h"

namespace florilegium {

struct Detail {
  /// How much there is of lines 1-2, 2-4 and 4-8 pixels wide: the root mean square difference of
  /// the luminance (in shades of 255) to itself reduced by half and enlarged again, after 0, 1 and
  /// 2 halvings. A blurred picture lacks the first.
  std::array<double, 3> octaves{};
  /// The mean step of luminance over the borders of 8-pixel squares divided by that elsewhere, mean
  /// of both directions; likewise of 16-pixel squares; the greater of the two. 1: no seams.
  double seams = 1;
};

/// picture: at least 32 x 32 pixels.
Detail detail_of(const Picture& picture);

}  // namespace florilegium
