// Plants: one species' stems, leaves and flowers put together as its habit of growth asks for.
#pragma once

#include "trainer/data/dice.h"
#include "trainer/data/garden/brush.h"
#include "trainer/data/garden/species.h"

namespace florilegium::garden {

/// Draws the plant with the root's neck at (0, 0), about 1 high.
void draw_plant(Brush& brush, const Species& species, Dice dice);

}  // namespace florilegium::garden
