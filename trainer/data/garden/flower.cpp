#include "trainer/data/garden/flower.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "trainer/data/garden/stem.h"

namespace florilegium::garden {
namespace {

constexpr double pi = std::numbers::pi;

/// The plane of a flower that looks along `heading`, foreshortened along it: 1 looks at you, 0.35
/// is seen from the side.
struct Disc {
  Point centre, side, up;
  Disc(Point where, double heading, double size, double facing)
      : centre(where), side(towards(heading + pi / 2) * size), up(towards(heading) * (size * facing)) {}

  /// A petal's frame, its base `out` of the radius from the centre, lying at `turn` (0: away from
  /// the stalk).
  Frame petal(double turn, double out, double length, double breadth = 1.0) const {
    const Point along = side * std::sin(turn) + up * std::cos(turn),
                across = side * std::cos(turn) - up * std::sin(turn);
    return {centre + along * out, across * (length * breadth), along * length};
  }
  Frame plane() const { return {centre, side, up}; }
};

BladeForm varied(BladeForm form, double by, Dice& dice) {
  form.width *= 1 + by * dice.between(-1, 1);
  form.bend += by * dice.between(-1.5, 1.5);
  (dice.chance(0.5) ? form.left : form.right) *= 1 - by * dice.flat();
  return form;
}

BladePaint shaded(BladePaint paint, double by) {
  paint.base = mixed(paint.base, paint.shade, by);
  paint.tip = mixed(paint.tip, paint.shade, by);
  return paint;
}

BladePaint green(const Species& species) {
  BladePaint paint = species.leaf_paint;
  paint.veins = Veins::none;
  paint.hatched = false;
  return paint;
}

/// Petals around, those that lie behind first.
void draw_ring_of_petals(Brush& brush, const Disc& disc, int count, double first_turn, double out, double length,
                         const BladeForm& form, const BladePaint& paint, double variation, Dice& dice) {
  std::vector<double> turns;
  for (int i = 0; i < count; ++i)
    turns.push_back(first_turn + 2 * pi * i / count + variation * 0.5 * dice.between(-1, 1));
  std::sort(turns.begin(), turns.end(), [](double a, double b) { return std::cos(a) > std::cos(b); });
  for (const double turn : turns) {
    const BladeForm petal = varied(form, variation, dice);
    draw_blade(brush, disc.petal(turn, out, length * dice.between(1 - variation * 0.5, 1)), petal,
               shaded(paint, 0.3 * std::max(0.0, std::cos(turn)) * dice.flat()), dice.fork());
  }
}

/// Threads with anthers, spread around a heading.
void draw_stamens(Brush& brush, Point from, double heading, double length, double spread, int count, Colour thread,
                  Colour anther, Dice& dice) {
  std::vector<Point> anthers;
  for (int i = 0; i < count; ++i) {
    const double turn = heading + spread * (count > 1 ? 2.0 * i / (count - 1) - 1 : 0) + 0.08 * dice.bell();
    const Point end = from + towards(turn) * (length * dice.between(0.8, 1.1));
    const std::vector<Point> line = {from, between(from, end, 0.6) + towards(heading) * (length * 0.06), end};
    brush.line(line, 0.0028, thread, 0.9);
    anthers.push_back(end);
  }
  brush.dots(anthers, length * 0.075, anther);
}

void draw_daisy(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const Disc disc(where, heading, size, species.facing);
  const double middle = 0.30;
  draw_ring_of_petals(brush, disc, species.petals, dice.flat(), middle * 0.7, 1 - middle * 0.7, species.petal,
                      species.petal_paint, 0.12, dice);
  const Frame plane = disc.plane();
  const Frame dome{plane.origin + disc.up * 0.06, plane.across, plane.along};
  const std::vector<Point> edge = ring(dome, middle, 20);
  brush.wash(edge, dome.at(-0.2, 0.2), species.heart, dome.at(0.2, -0.25), species.heart_dark);
  std::vector<Point> light, dark;
  for (int i = 0; i < 46; ++i) {  // florets in the spiral of a sunflower
    const double radius = middle * 0.93 * std::sqrt((i + 0.5) / 46), turn = i * 2.39996;
    (i % 3 == 0 ? light : dark).push_back(dome.at(radius * std::cos(turn), radius * std::sin(turn)));
  }
  if (brush.pixels(size) > 14) {
    brush.dots(dark, size * 0.022, darker(species.heart_dark, 0.3), 0.7);
    brush.dots(light, size * 0.022, lighter(species.heart, 0.4), 0.9);
  }
  brush.outline(edge, species.heart_dark);
}

void draw_open(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const Disc disc(where, heading, size, species.facing);
  const double first = dice.between(-0.3, 0.3);
  draw_ring_of_petals(brush, disc, species.petals, first, 0.04, 0.96, species.petal, species.petal_paint, 0.1, dice);
  if (species.spotted) {
    for (int i = 0; i < species.petals; ++i) {
      const Frame petal = disc.petal(first + 2 * pi * i / species.petals, 0.1, 0.35, 0.45);
      const std::vector<Point> mark = {petal.at(-0.25, 0), petal.at(-0.3, 0.5), petal.at(0, 1), petal.at(0.3, 0.5),
                                       petal.at(0.25, 0)};
      brush.wash(mark, species.spot, 0.75);
    }
  }
  const Frame plane = disc.plane();
  const std::vector<Point> eye = ring(plane, 0.13, 14);
  brush.wash(eye, species.heart);
  if (brush.pixels(size) > 7) {
    std::vector<Point> anthers;
    const int count = dice.whole(8, 16);
    for (int i = 0; i < count; ++i) {
      const double turn = 2 * pi * (i + 0.4 * dice.flat()) / count, radius = dice.between(0.16, 0.3);
      anthers.push_back(plane.at(radius * std::cos(turn), radius * std::sin(turn)));
      const std::vector<Point> thread = {where, anthers.back()};
      brush.line(thread, 0.002, lighter(species.heart, 0.3), 0.8);
    }
    brush.dots(anthers, size * 0.026, species.heart_dark);
    brush.outline(eye, species.heart_dark);
  }
}

void draw_star(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const Disc disc(where, heading, size, species.facing);
  draw_ring_of_petals(brush, disc, species.petals, dice.between(-0.4, 0.4), 0.02, 0.98, species.petal,
                      species.petal_paint, 0.08, dice);
  if (brush.pixels(size) > 7)
    draw_stamens(brush, where, heading, size * 0.42, 1.1, 5, lighter(species.petal_paint.base, 0.5), species.heart_dark,
                 dice);
  brush.ball(where, size * 0.09, species.heart);
}

void draw_sepals(Brush& brush, const Species& species, Point where, double heading, double size, double spread,
                 Dice& dice) {
  BladeForm sepal;
  sepal.width = 0.38;
  sepal.widest = 0.35;
  sepal.pointed = 1.4;
  for (const double side : {-1.0, 1.0, 0.0}) {
    sepal.bend = -0.4 * side;
    draw_blade(brush, frame(where, heading + side * spread, size * (side == 0 ? 0.85 : 1.0)), sepal, green(species),
               dice.fork());
  }
}

void draw_cup(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const double open = dice.between(0.12, 0.42);
  BladeForm petal = species.petal;
  const auto one = [&](double turn, double bend, double length, double dark) {
    petal.bend = bend;
    draw_blade(brush, frame(where, heading + turn, size * 1.35 * length), varied(petal, 0.06, dice),
               shaded(species.petal_paint, dark), dice.fork());
  };
  one(-open * 1.1, 0.25, 0.97, 0.75);
  one(open * 1.1, -0.25, 0.97, 0.75);
  one(0, 0, 1.0, 0.6);
  if (open > 0.28)
    draw_stamens(brush, where + towards(heading) * (size * 0.3), heading, size * 0.75, 0.3, 6,
                 lighter(species.heart, 0.4), species.heart_dark, dice);
  one(-open * 1.5, 0.55, 0.95, 0.1);
  one(open * 1.5, -0.55, 0.95, 0.2);
  petal.width *= 1.1;
  one(dice.between(-0.1, 0.1), dice.between(-0.12, 0.12), 0.88, 0.0);
}

void draw_bell(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const double length = size * (0.8 + 0.4 * species.bell_length), mouth = size * 0.52;
  const Frame bell = frame(where, heading, length, mouth / length);
  const auto half_width = [&](double t) {
    const double body = species.bell_waist * std::pow(std::min(1.0, t * 3.2), 0.6);
    return body + (1 - species.bell_waist) * std::pow(t, 1 + 4 * species.bell_flare) * 1.0;
  };
  const BladePaint& paint = species.petal_paint;
  const std::vector<Point> inside = ring({bell.at(0, 1), bell.across, towards(heading) * (mouth * 0.32)}, 0.96, 18);
  brush.wash(inside, darker(paint.shade, 0.25));
  const std::vector<Point> style = {bell.at(0, 0.9), bell.at(0.03, 1.0) + towards(heading) * (mouth * 0.5)};
  brush.line(style, 0.004, lighter(species.heart, 0.2));
  brush.dots(std::span(style).last(1), size * 0.05, species.heart);

  std::vector<Point> left, right;
  for (int i = 0; i <= 10; ++i) {
    const double t = i / 10.0;
    left.push_back(bell.at(-half_width(t), t));
    right.push_back(bell.at(half_width(t), t));
  }
  std::vector<Point> whole = left;
  constexpr int lobes = 3;
  for (int i = 0; i < lobes; ++i) {
    const double from = -1 + 2.0 * i / lobes, to = from + 2.0 / lobes;
    for (int k = i > 0 ? 0 : 1; k < 8; ++k) {
      const double u = from + (to - from) * k / 8,
                   out = std::pow(std::sin(pi * k / 8), species.bell_flare > 0.5 ? 1.6 : 0.8);
      whole.push_back(bell.at(u, 1 + 0.04 * (1 - u * u)) + towards(heading) * (mouth * (0.02 + 0.36 * out)));
    }
  }
  whole.insert(whole.end(), right.rbegin(), right.rend());
  brush.wash(whole, bell.at(0, 0), paint.base, bell.at(0, 1.1), paint.tip);
  std::vector<Point> shade = right;
  for (int i = 10; i >= 0; --i) shade.push_back(bell.at(half_width(i / 10.0) * 0.25, i / 10.0));
  brush.wash(shade, paint.shade, 0.5);
  if (brush.pixels(size) > 14) {
    for (const double share : {-0.5, 0.0, 0.5}) {
      std::vector<Point> rib;
      for (int i = 1; i <= 10; ++i) rib.push_back(bell.at(half_width(i / 10.0) * share, i / 10.0));
      brush.line(rib, 0.0016, paint.vein, 0.5);
    }
    std::vector<Point> light;
    for (int i = 1; i <= 8; ++i) light.push_back(bell.at(half_width(i / 10.0) * -0.62, i / 10.0));
    brush.line(light, size * 0.06, lighter(paint.base, 0.6), 0.5);
  }
  if (brush.pixels(size) > 4) brush.outline(whole, paint.shade);
  draw_sepals(brush, species, where - towards(heading) * (size * 0.05), heading, size * 0.36, 0.7, dice);
}

void draw_trumpet(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  BladeForm petal = species.petal;
  const Point throat = where + towards(heading) * (size * 0.25);
  const auto one = [&](double turn, double bend, double length, double dark) {
    petal.bend = bend;
    draw_blade(brush, frame(where, heading + turn, size * 1.3 * length), varied(petal, 0.08, dice),
               shaded(species.petal_paint, dark), dice.fork());
  };
  one(-0.32, -0.5, 0.95, 0.6);
  one(0.32, 0.5, 0.95, 0.6);
  one(0.0, 0.1, 1.0, 0.45);
  draw_stamens(brush, throat, heading, size * 0.95, 0.26, 6, lighter(species.leaf_paint.base, 0.5), species.heart_dark,
               dice);
  one(-0.5, -1.5, 1.05, 0.1);
  one(0.5, 1.5, 1.05, 0.15);
  petal.width *= 1.15;
  one(dice.between(-0.12, 0.12), dice.between(-0.5, 0.5), 0.82, 0.0);
  if (!species.spotted) return;
  std::vector<Point> spots;
  for (int i = 0; i < 16; ++i)
    spots.push_back(where + towards(heading + dice.between(-0.35, 0.35)) * (size * dice.between(0.45, 0.85)));
  brush.dots(spots, size * 0.022, species.spot, 0.8);
}

void draw_iris(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  BladeForm petal = species.petal;
  const auto one = [&](double turn, double bend, double length, double dark) {
    petal.bend = bend;
    draw_blade(brush, frame(where, heading + turn, size * length), varied(petal, 0.06, dice),
               shaded(species.petal_paint, dark), dice.fork());
  };
  one(-0.45, 0.9, 1.2, 0.35);
  one(0.45, -0.9, 1.2, 0.45);
  one(0.0, 0.1, 1.25, 0.2);
  for (const double side : {-1.0, 1.0, 0.12}) {
    one(side * 1.55, side * 1.25, 1.2, std::abs(side) < 1 ? 0.0 : 0.12);
    const Point middle = where + towards(heading + side * 1.6) * (size * 0.33);
    std::vector<Point> beard;
    for (int i = 0; i < 9; ++i)
      beard.push_back(between(where, middle, 0.25 + i * 0.11) + towards(6.28 * dice.flat()) * (size * 0.02));
    brush.dots(beard, size * 0.035, species.heart);
  }
}

void draw_pea(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  BladeForm banner = species.petal;
  banner.width = 1.15;
  banner.pointed = 0.6;
  banner.notch = 0.12;
  const double side = std::sin(heading) >= 0 ? 1 : -1;
  draw_blade(brush, frame(where, heading - side * 0.75, size * 1.15), banner, species.petal_paint, dice.fork());
  BladeForm wing = species.petal;
  wing.width = 0.6;
  wing.pointed = 0.8;
  wing.bend = -side * 0.5;
  draw_blade(brush, frame(where, heading + side * 0.35, size * 0.95), wing, shaded(species.petal_paint, 0.4),
             dice.fork());
  wing.width = 0.35;
  draw_blade(brush, frame(where, heading + side * 0.55, size * 0.75), wing,
             {lighter(species.petal_paint.tip, 0.5), lighter(species.petal_paint.base, 0.5), species.petal_paint.shade,
              0.3, species.petal_paint.vein, Veins::none, false},
             dice.fork());
  draw_sepals(brush, species, where - towards(heading) * (size * 0.08), heading, size * 0.35, 0.6, dice);
}

void draw_orchid(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  // Orchids hold themselves upright whatever way their stalk comes; `turn` leans a little with it.
  const Disc disc(where, 0.25 * std::sin(heading), size, species.facing);
  BladeForm sepal = species.petal;
  sepal.width *= 0.8;
  const BladePaint& paint = species.petal_paint;
  const auto one = [&](double turn, double length, const BladeForm& form, const BladePaint& with) {
    const Frame petal = disc.petal(turn, 0.04, length);
    draw_blade(brush, petal, varied(form, 0.06, dice), with, dice.fork());
    if (!species.spotted) return;
    std::vector<Point> spots;
    for (int i = 0; i < 7; ++i) spots.push_back(petal.at(dice.between(-0.3, 0.3) * form.width, dice.between(0.2, 0.8)));
    brush.dots(spots, size * 0.035, species.spot, 0.8);
  };
  one(2.35, 0.95, sepal, shaded(paint, 0.25));
  one(-2.35, 0.95, sepal, shaded(paint, 0.25));
  one(0, 1.0, sepal, shaded(paint, 0.2));
  one(1.25, 0.98, species.petal, paint);
  one(-1.25, 0.98, species.petal, paint);
  BladeForm lip;
  lip.width = 0.9;
  lip.widest = 0.68;
  lip.pointed = 0.75;
  lip.ruffle = 0.1;
  lip.notch = 0.1;
  BladePaint lip_paint = paint;
  lip_paint.base = species.heart;
  lip_paint.tip = mixed(species.spot, paint.tip, species.spotted ? 0.2 : 0.6);
  lip_paint.shade = darker(lip_paint.tip, 0.3);
  draw_blade(brush, disc.petal(pi, 0.02, 0.85), lip, lip_paint, dice.fork());
  brush.ball(where + disc.up * 0.03, size * 0.1, lighter(species.heart, 0.3));
}

void draw_thistle(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const Point middle = where + towards(heading) * (size * 0.42);
  BladeForm floret;
  floret.width = 0.13;
  floret.widest = 0.7;
  floret.pointed = 1.1;
  for (int layer = 0; layer < 3; ++layer) {
    for (int i = 0; i < 15; ++i) {
      const double turn = (i / 14.0 * 2 - 1) * (1.25 - 0.28 * layer) + 0.05 * dice.bell();
      draw_blade(brush, frame(middle, heading + turn, size * (1.0 - 0.14 * layer) * dice.between(0.85, 1.0)), floret,
                 shaded(species.petal_paint, 0.5 - 0.25 * layer), dice.fork());
    }
  }
  const std::vector<Point> head = ring(frame(middle, heading, size * 0.46, 0.95), 1.0, 22);
  brush.wash(head, middle + Point{-size, -size} * 0.4, species.leaf_paint.tip, middle + Point{size, size} * 0.4,
             species.leaf_paint.shade);
  if (brush.pixels(size) > 10) {
    BladeForm scale;
    scale.width = 0.7;
    scale.widest = 0.3;
    scale.pointed = 1.3;
    for (int row = 3; row >= 0; --row) {
      for (int i = -2; i <= 2; ++i) {
        const double u = (i + (row % 2) * 0.5) * 0.3, v = 0.45 - row * 0.3;
        if (u * u + v * v > 0.8) continue;
        draw_blade(brush, frame(frame(middle, heading, size * 0.46).at(u, v - 0.2), heading + u * 0.6, size * 0.22),
                   scale, green(species), dice.fork());
      }
    }
  }
  brush.outline(head, species.leaf_paint.shade);
}

void draw_doubled(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const Disc disc(where, heading, size, std::max(0.65, species.facing));
  BladeForm petal = species.petal;
  double length = 1.0, turn = dice.flat();
  for (int layer = 0; layer < 5; ++layer) {
    const int count = std::max(3, species.petals - layer);
    draw_ring_of_petals(brush, disc, count, turn, 0.0, length, petal, shaded(species.petal_paint, 0.12 * layer), 0.12,
                        dice);
    turn += pi / count + 0.3 * dice.flat();
    length *= 0.76;
    petal.width *= 1.04;
  }
  const std::vector<Point> eye = ring(disc.plane(), 0.1, 10);
  brush.wash(eye, species.heart_dark, 0.9);
}

void draw_berry(Brush& brush, const Species& species, Point where, double heading, double size, Dice& dice) {
  const Point middle = where + towards(heading) * (size * 0.8);
  brush.ball(middle, size, mixed(species.berry, species.leaf_paint.tip, dice.chance(0.12) ? 0.6 : 0.05 * dice.flat()));
  const std::vector<Point> crown = {middle + towards(heading) * (size * 0.85)};
  brush.dots(crown, size * 0.16, darker(species.berry, 0.6));
}

bool hangs(const Species& species) { return species.flower == FlowerKind::bell || species.flower == FlowerKind::berry; }

}  // namespace

void draw_flower(Brush& brush, const Species& species, Point where, double heading, double size, Dice dice) {
  switch (species.flower) {
    case FlowerKind::daisy: return draw_daisy(brush, species, where, heading, size, dice);
    case FlowerKind::open: return draw_open(brush, species, where, heading, size, dice);
    case FlowerKind::star: return draw_star(brush, species, where, heading, size, dice);
    case FlowerKind::cup: return draw_cup(brush, species, where, heading, size, dice);
    case FlowerKind::bell: return draw_bell(brush, species, where, heading, size, dice);
    case FlowerKind::trumpet: return draw_trumpet(brush, species, where, heading, size, dice);
    case FlowerKind::iris: return draw_iris(brush, species, where, heading, size, dice);
    case FlowerKind::pea: return draw_pea(brush, species, where, heading, size, dice);
    case FlowerKind::orchid: return draw_orchid(brush, species, where, heading, size, dice);
    case FlowerKind::thistle: return draw_thistle(brush, species, where, heading, size, dice);
    case FlowerKind::doubled: return draw_doubled(brush, species, where, heading, size, dice);
    case FlowerKind::berry: return draw_berry(brush, species, where, heading, size, dice);
  }
}

void draw_bud(Brush& brush, const Species& species, Point where, double heading, double size, Dice dice) {
  if (species.flower == FlowerKind::berry) return draw_berry(brush, species, where, heading, size * 0.7, dice);
  BladeForm bud;
  bud.width = 0.55;
  bud.widest = 0.42;
  bud.pointed = 1.1;
  BladePaint paint = species.petal_paint;
  paint.veins = Veins::none;
  draw_blade(brush, frame(where, heading, size * 0.9), bud, shaded(paint, 0.2), dice.fork());
  draw_sepals(brush, species, where - towards(heading) * (size * 0.04), heading, size * 0.5, 0.4, dice);
}

void draw_flowering(Brush& brush, const Species& species, Point where, double heading, double size, Dice dice) {
  const double stalk_width = 0.0055;
  const auto on_stalk = [&](Point from, double leaving, Point to, double turn, double flower_size, bool bud) {
    draw_stalk(brush, from, leaving, to, stalk_width, species.stem, species.stem_shade);
    bud ? draw_bud(brush, species, to, turn, flower_size * 0.8, dice.fork())
        : draw_flower(brush, species, to, turn, flower_size, dice.fork());
  };
  switch (species.arrangement) {
    case Arrangement::single: {
      if (species.flower == FlowerKind::bell) {
        const double side = dice.chance(0.5) ? 1 : -1, nod = heading + side * dice.between(1.8, 2.6);
        const Point end = where + towards(heading + side * 0.5) * (size * 0.9);
        return on_stalk(where, heading, end, nod, size, false);
      }
      return draw_flower(brush, species, where, heading, size, dice.fork());
    }
    case Arrangement::raceme: {
      const int count = size > 0.08 ? dice.whole(4, 7) : dice.whole(7, 13);
      const double length = size * count * (size > 0.08 ? 0.62 : 0.52);
      const Stem axis = grow(where, {heading, length, dice.between(-0.4, 0.4), 0.6, 0.2, 0.009, 0.003}, dice.fork());
      draw_stem(brush, axis, species.stem, species.stem_shade);
      const double droop = hangs(species) ? dice.between(0.9, 1.5) : dice.between(-0.1, 0.35);
      for (int i = count - 1; i >= 0; --i) {
        const double t = (i + 0.3) / count, side = i % 2 == 0 ? 1 : -1, shrink = 1 - 0.5 * t;
        const double leaving = axis.heading(t) + side * (1.0 - 0.35 * t);
        const Point end = axis.at(t) + towards(leaving) * (size * (0.75 - 0.35 * t));
        on_stalk(axis.at(t), leaving, end, leaving + side * droop, size * shrink, t > 0.72);
      }
      if (species.flower != FlowerKind::berry)
        draw_bud(brush, species, axis.at(1), axis.heading(1), size * 0.4, dice.fork());
      return;
    }
    case Arrangement::umbel: {
      const int rays = dice.whole(9, 17);
      const double reach = size * dice.between(2.4, 3.6), dome = dice.between(1.0, 1.35);
      for (int pass = 0; pass < 2; ++pass) {
        for (int i = 0; i < rays; ++i) {
          const double share = rays > 1 ? 2.0 * i / (rays - 1) - 1 : 0;
          const double turn = heading + share * dome,
                       length = reach * (pass == 0 ? 1.0 : 0.72) * (1 - 0.12 * share * share);
          if (pass == 1 && i % 2 == 0) continue;
          on_stalk(where, turn, where + towards(turn) * length, heading + share * 1.1, size * 0.85, false);
        }
      }
      return;
    }
    case Arrangement::spike: {
      const int rows = dice.whole(9, 15);
      const Stem axis =
          grow(where, {heading, size * rows * 0.42, dice.between(-0.3, 0.3), 0.8, 0.15, 0.01, 0.003}, dice.fork());
      draw_stem(brush, axis, species.stem, species.stem_shade);
      for (int i = rows - 1; i >= 0; --i) {
        const double t = i / (rows - 0.5), width = 1 - 0.65 * t;
        for (const double side : {-1.0, 1.0, dice.between(-0.3, 0.3)}) {
          const Point place = axis.at(t) + towards(axis.heading(t) + pi / 2) * (side * size * 0.45 * width);
          const double turn = axis.heading(t) + side * 0.9;
          t > 0.8 ? draw_bud(brush, species, place, turn, size * 0.5, dice.fork())
                  : draw_flower(brush, species, place, turn, size * 0.72 * width, dice.fork());
        }
      }
      return;
    }
    case Arrangement::globe: {
      const int count = 26;
      const double radius = size * dice.between(1.9, 2.5);
      const Point middle = where + towards(heading) * (radius * 0.95);
      for (int i = 0; i < count; ++i) {  // from the rim to the middle, so that the nearest lie on top
        const double share = std::sqrt(1 - (i + 0.5) / count), turn = i * 2.39996;
        const Point place = middle + towards(turn) * (radius * share);
        const std::vector<Point> ray = {middle, place};
        brush.line(ray, 0.003, species.stem, 0.8);
        draw_flower(brush, species, place, turn, size * (0.62 + 0.2 * (1 - share)), dice.fork());
      }
      return;
    }
    case Arrangement::panicle: {
      const int branches = dice.whole(5, 8);
      const double length = size * branches * 0.75;
      const Stem axis = grow(where, {heading, length, dice.between(-0.3, 0.3), 0.6, 0.2, 0.009, 0.004}, dice.fork());
      draw_stem(brush, axis, species.stem, species.stem_shade);
      for (int i = 0; i < branches; ++i) {
        const double t = (i + 0.5) / branches, side = i % 2 == 0 ? 1 : -1;
        const double turn = axis.heading(t) + side * dice.between(0.5, 0.95), reach = length * 0.5 * (1 - 0.65 * t);
        const Stem branch =
            grow(axis.at(t), {turn, reach, 0, hangs(species) ? -0.6 : 0.8, 0.3, 0.006, 0.003}, dice.fork());
        draw_stem(brush, branch, species.stem, species.stem_shade);
        for (int k = 0; k < 4; ++k) {
          const double place = (k + 1) / 4.0, leaving = branch.heading(place) + (k % 2 == 0 ? 0.8 : -0.8);
          const Point end = branch.at(place) + towards(leaving) * (size * 0.55);
          on_stalk(branch.at(place), leaving, end, leaving, size * dice.between(0.75, 1.0), k == 3 && dice.chance(0.4));
        }
      }
      draw_flower(brush, species, axis.at(1), axis.heading(1), size * 0.8, dice.fork());
      return;
    }
  }
}

}  // namespace florilegium::garden
