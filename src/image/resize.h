// Making a picture smaller or larger: the mean over areas one way, straight lines between pixels
// the other.
#pragma once

#include "src/image/picture.h"

namespace florilegium {

/// The picture at width x height pixels. Along each axis: reduced, every new pixel is the mean over
/// the area that it covers; enlarged, it is interpolated linearly between the nearest two.
/// Transparent pixels do not tint their neighbours. Throws std::invalid_argument with a sentence
/// when a side is less than 1.
Picture resized(const Picture& picture, int width, int height);

/// Reduced, never enlarged, so that both sides are at most `longest`; the proportions stay.
Picture fitted(const Picture& picture, int longest);

/// Resized so that its shorter side is `side` pixels, proportions kept.
Picture shorter_side(const Picture& picture, int side);

/// The largest square in the middle, whole when the picture is square.
Picture middle_square(const Picture& picture);

}  // namespace florilegium
