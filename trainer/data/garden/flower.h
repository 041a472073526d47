// Flowers, buds and fruit, one at a time and in their arrangements on a stalk.
#pragma once

#include "trainer/data/dice.h"
#include "trainer/data/garden/brush.h"
#include "trainer/data/garden/species.h"

namespace florilegium::garden {

/// One flower of this size (radius, or length for cups and bells) at the end of a stalk that comes
/// along `heading`.
void draw_flower(Brush& brush, const Species& species, Point where, double heading, double size, Dice dice);

/// A closed bud.
void draw_bud(Brush& brush, const Species& species, Point where, double heading, double size, Dice dice);

/// What stands at the end of a flowering stem: a single flower, or many along or around the
/// continuation of the stem.
void draw_flowering(Brush& brush, const Species& species, Point where, double heading, double size, Dice dice);

}  // namespace florilegium::garden
