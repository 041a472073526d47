// Blades: leaves and petals, flat pieces along a bent midrib, in watercolour with veins, hatching
// and an ink outline.
#pragma once

#include "trainer/data/dice.h"
#include "trainer/data/garden/brush.h"

namespace florilegium::garden {

/// A blade's outline; lengths in units of the blade's own length.
struct BladeForm {
  double width = 0.4;              ///< at its widest
  double widest = 0.45;            ///< where along the midrib, 0 base to 1 tip
  double pointed = 1.0;            ///< 0.6 blunt, 1 elliptic, 2 drawn out to both ends
  double bend = 0.0;               ///< how far the midrib turns on its way, radians, clockwise
  double left = 1.0, right = 1.0;  ///< how much of each half is seen
  int teeth = 0;                   ///< on each side
  double tooth_depth = 0.0;
  double lobes = 0;  ///< on each side
  double lobe_depth = 0.0;
  double heart = 0.0;   ///< how far the base reaches back beside the stalk
  double notch = 0.0;   ///< how deep the tip is notched
  double ruffle = 0.0;  ///< irregular edge
};

enum class Veins { none, feathered, parallel, streaks };

struct BladePaint {
  Colour base, tip;       ///< run into one another along the blade
  Colour shade;           ///< of the half that turns from the light
  double shading = 0.35;  ///< 0 to 1
  Colour vein;
  Veins veins = Veins::none;
  bool hatched = false;  ///< an engraver's lines in the shade
};

/// dice: for this blade alone, by value, so that how finely it is drawn changes nothing elsewhere.
void draw_blade(Brush& brush, const Frame& frame, const BladeForm& form, const BladePaint& paint, Dice dice);

/// A round leaf with its stalk in the middle or at a notch: water lily, geranium, ivy, maple.
struct RoundForm {
  int points = 5;      ///< lobes around
  double depth = 0.2;  ///< of the cuts between them, 0 to 0.8
  double sharp = 0.5;  ///< 0 round lobes, 1 pointed ones
  double slit = 0.3;   ///< of the notch at the stalk
};

/// The stalk joins at the frame's origin; the leaf reaches from there along the frame.
void draw_round_leaf(Brush& brush, const Frame& frame, const RoundForm& form, const BladePaint& paint, Dice dice);

}  // namespace florilegium::garden
