// Plates: a plant on paper, as a scan of an old hand-coloured engraving would show it.
#pragma once

#include <span>

#include "trainer/data/dice.h"

namespace florilegium::garden {

/// out: size * size * 3 floats in [-1, 1], RGB interleaved. The same dice give the same plant at
/// every size. Throws std::invalid_argument when out has another size, std::runtime_error when the
/// canvas cannot be made.
void draw_plate(Dice dice, int size, std::span<float> out);

}  // namespace florilegium::garden
