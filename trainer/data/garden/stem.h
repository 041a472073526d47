// Stems, branches, stalks, roots and bulbs: tapered lines that grow in steps, turning a little at
// each.
#pragma once

#include <vector>

#include "trainer/data/dice.h"
#include "trainer/data/garden/brush.h"

namespace florilegium::garden {

struct Stem {
  std::vector<Point> points;
  double base_width = 0, tip_width = 0;

  Point at(double t) const;  ///< t: 0 base to 1 tip
  double heading(double t) const;
  double width(double t) const { return base_width + (tip_width - base_width) * t; }
};

struct StemGrowth {
  double heading = 0;  ///< at the base, radians, 0 up
  double length = 1;
  double bend = 0;        ///< turn from base to tip
  double towards_up = 0;  ///< how strongly it turns upward (negative: hangs), 0 to about 3
  double unrest = 0.25;   ///< random turning
  double base_width = 0.012, tip_width = 0.006;
};

Stem grow(Point base, const StemGrowth& growth, Dice dice);

void draw_stem(Brush& brush, const Stem& stem, Colour colour, Colour shade);

/// A thin stalk from one point to another, leaving along `heading`.
void draw_stalk(Brush& brush, Point from, double heading, Point to, double width, Colour colour, Colour shade);

/// A stalk's end that winds up: a climber's tendril.
void draw_tendril(Brush& brush, Point from, double heading, double size, Colour colour, Dice dice);

/// A tuft of roots below (0, 0).
void draw_roots(Brush& brush, double size, Colour colour, Dice dice);

/// A bulb below (0, 0) with roots under it.
void draw_bulb(Brush& brush, double size, Colour colour, Dice dice);

}  // namespace florilegium::garden
