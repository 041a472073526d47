// An animation as one PNG file (APNG): every browser plays it, and whoever knows only still
// pictures shows its first one.
//
// Each frame is compressed by itself, losslessly: noise hardly shrinks, so a frame of noise takes
// about 3 bytes a pixel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/image/png.h"

namespace florilegium {

struct Timing {
  int frame_milliseconds = 80, last_milliseconds = 2500;  ///< 1 to 65535
};

/// The bytes of an animated PNG file that is repeated for ever. All frames must be of one size, and
/// all opaque or none: else, and when there is no frame, std::invalid_argument with a sentence.
std::vector<std::uint8_t> encode_animation(std::span<const Picture> frames, const Timing& timing,
                                           const std::vector<PngNote>& notes = {});

}  // namespace florilegium
