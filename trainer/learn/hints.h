// Training hints: coarse colours of parts of the picture, as a visitor's brush would paint them, so
// that the network learns to follow.
#pragma once

#include <cstdint>
#include <span>

namespace florilegium {

/// Fills the hint for one training picture: [S/cell, S/cell, 4], RGB in [-1, 1] and a plane that is
/// 1 where painted; all zero where not. Half of the pictures get none; the others strokes,
/// rectangles, or (seldom) everything, with a little error in the colours. picture: [S, S, 3]. A
/// pure function of (seed, index).
void draw_training_hint(std::span<const float> picture, int size, int cell, std::uint64_t seed, std::uint64_t index,
                        std::span<float> hint);

}  // namespace florilegium
