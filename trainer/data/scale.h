// Scaling a picture for a pack: cut to its middle and resampled with a Lanczos filter, which keeps
// engraved lines sharp.
#pragma once

#include "trainer/data/read_picture.h"

namespace florilegium {

/// The middle part of a picture: width x height pixels of it, or all where it is smaller.
RgbPicture middle_of(const RgbPicture& picture, int width, int height);

/// Resampled to width x height with the Lanczos filter of three lobes, widened by the reduction (so
/// it averages areas as well). Throws std::invalid_argument when a side is less than 1.
RgbPicture lanczos(const RgbPicture& picture, int width, int height);

}  // namespace florilegium
