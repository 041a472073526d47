// Training hints: coarse colours of parts of the picture, as a visitor's brush would paint them, so
// that the network learns to follow.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/image/picture.h"

namespace florilegium {

/// Fills the hint for one training picture: [S/cell, S/cell, 4], RGB in [-1, 1] and a plane that is
/// 1 where painted; all zero where not. Half of the pictures get none; the others strokes,
/// rectangles, or (seldom) everything, with a little error in the colours. picture: [S, S, 3]. A
/// pure function of (seed, index).
void draw_training_hint(std::span<const float> picture, int size, int cell, std::uint64_t seed, std::uint64_t index,
                        std::span<float> hint);

/// A picture as a coarse guide: its middle square, reduced to one colour for each 8x8 pixels of a
/// picture `size` wide, all painted. [S/8, S/8, 4], as the network takes it.
std::vector<float> coarse_guide(const Picture& picture, int size);

}  // namespace florilegium
