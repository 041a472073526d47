#include "trainer/data/garden/plant.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "trainer/data/garden/flower.h"
#include "trainer/data/garden/stem.h"

namespace florilegium::garden {
namespace {

constexpr double pi = std::numbers::pi;

/// A leaf's frame; one that points left is mirrored, so that the half away from the light (upper
/// left) is always the shaded one.
Frame leaf_frame(Point origin, double heading, double size, double& bend) {
  Frame placed = frame(origin, heading, size);
  if (std::sin(heading) < 0) {
    placed.across = placed.across * -1.0;
    bend = -bend;
  }
  return placed;
}

void draw_simple_leaf(Brush& brush, const Species& species, Point origin, double heading, double size, double droop,
                      Dice dice) {
  BladeForm form = species.leaf;
  (dice.chance(0.5) ? form.left : form.right) = dice.between(0.5, 1.0);
  form.bend = (std::sin(heading) >= 0 ? 1 : -1) * droop + 0.2 * dice.bell();
  const Frame placed = leaf_frame(origin, heading, size, form.bend);
  draw_blade(brush, placed, form, species.leaf_paint, dice.fork());
}

/// One leaf of the species' kind with its stalk, leaving the stem along `heading`.
void draw_leaf(Brush& brush, const Species& species, Point from, double heading, double size, Dice dice) {
  const double side = std::sin(heading) >= 0 ? 1 : -1, droop = dice.between(0.1, 0.9);
  const double stalk = size * species.stalk *
                       (species.leaf_kind == LeafKind::round || species.leaf_kind == LeafKind::fingered ? 1.6 : 1.0);
  const Point end = from + towards(heading + side * 0.1) * stalk;
  if (stalk > 0.01)
    draw_stalk(brush, from, heading, end, std::min(0.007, size * 0.04), species.stem, species.stem_shade);
  switch (species.leaf_kind) {
    case LeafKind::simple: return draw_simple_leaf(brush, species, end, heading + side * 0.1, size, droop, dice.fork());
    case LeafKind::round: {
      double bend = 0;
      Frame placed = leaf_frame(end, heading + side * droop * 0.5, size * 0.8, bend);
      placed.across = placed.across * dice.between(0.65, 1.0);
      return draw_round_leaf(brush, placed, species.round_leaf, species.leaf_paint, dice.fork());
    }
    case LeafKind::feathered: {
      const Stem rib =
          grow(end, {heading, size * 1.25, side * droop * 0.8, 0, 0.2, size * 0.03, size * 0.012}, dice.fork());
      draw_stem(brush, rib, species.stem, species.stem_shade);
      const double leaflet = size * std::min(0.48, 1.5 / species.leaflets);
      for (int i = 0; i < species.leaflets; ++i) {
        const double t = (i + 0.7) / (species.leaflets + 0.3);
        for (const double hand : {-1.0, 1.0}) {
          draw_simple_leaf(brush, species, rib.at(t), rib.heading(t) + hand * 1.05, leaflet * (1 - 0.25 * t), 0.2,
                           dice.fork());
        }
      }
      return draw_simple_leaf(brush, species, rib.at(1), rib.heading(1), leaflet * 0.95, 0.1, dice.fork());
    }
    case LeafKind::fingered: {
      const int count = species.leaflets | 1;
      for (int i = 0; i < count; ++i) {
        const double share = count > 1 ? 2.0 * ((i % 2 == 0 ? i / 2 : count - 1 - i / 2)) / (count - 1) - 1
                                       : 0;  // from outside to the middle
        draw_simple_leaf(brush, species, end, heading + share * 1.25, size * 0.72 * (1 - 0.3 * std::abs(share)), 0.25,
                         dice.fork());
      }
      return;
    }
  }
}

/// Leaves along a stem from `low` to `high` of its length, larger below; those of the far side
/// first.
void draw_leaves(Brush& brush, const Species& species, const Stem& stem, double low, double high, int nodes,
                 double size, Dice& dice) {
  double hand = dice.chance(0.5) ? 1 : -1;
  for (int node = 0; node < nodes; ++node) {
    const double t = low + (high - low) * (nodes > 1 ? static_cast<double>(node) / (nodes - 1) : 0.5);
    const double leaf_size = size * (1 - 0.5 * static_cast<double>(node) / nodes) * dice.between(0.85, 1.1);
    for (int leaf = 0; leaf < species.leaves_at_node; ++leaf) {
      const double spread = dice.between(0.75, 1.2) - 0.25 * t;
      const double middle = species.leaves_at_node == 3 && leaf == 2 ? 0.25 : 1.0;
      draw_leaf(brush, species, stem.at(t), stem.heading(t) + hand * spread * middle, leaf_size, dice.fork());
      hand = -hand;
    }
    if (species.leaves_at_node == 2) continue;
    if (species.leaves_at_node == 3) hand = -hand;
  }
}

void draw_below_ground(Brush& brush, const Species& species, bool bulb_likely, Dice& dice) {
  const double kind = dice.flat();
  Dice own = dice.fork();
  if (bulb_likely && kind < 0.35) draw_bulb(brush, own.between(0.11, 0.17), species.root, own);
  else if (kind > 0.72) draw_roots(brush, own.between(0.16, 0.26), species.root, own);
}

void draw_leafy_stem(Brush& brush, const Species& species, Dice& dice) {
  draw_below_ground(brush, species, false, dice);
  const bool side_branches = species.arrangement != Arrangement::umbel && dice.chance(0.5);
  const Stem stem = grow(
      {0, 0},
      {dice.between(-0.2, 0.2), dice.between(0.62, 0.8), dice.between(-0.5, 0.5), 0.5, 0.3, species.stem_width, 0.006},
      dice.fork());
  const int nodes = dice.whole(4, 7);
  std::vector<Stem> branches;
  if (side_branches) {
    const int count = dice.whole(1, 3);
    for (int i = 0; i < count; ++i) {
      const double t = dice.between(0.4, 0.75), hand = i % 2 == 0 ? 1 : -1;
      branches.push_back(grow(stem.at(t),
                              {stem.heading(t) + hand * dice.between(0.45, 0.8), (1.1 - t) * dice.between(0.5, 0.75),
                               -hand * 0.3, 0.8, 0.3, species.stem_width * 0.65, 0.005},
                              dice.fork()));
    }
  }
  for (const Stem& branch : branches) draw_stem(brush, branch, species.stem, species.stem_shade);
  draw_stem(brush, stem, species.stem, species.stem_shade);
  draw_leaves(brush, species, stem, 0.12, 0.88, nodes, species.leaf_size, dice);
  for (const Stem& branch : branches) {
    draw_leaves(brush, species, branch, 0.35, 0.8, 2, species.leaf_size * 0.55, dice);
    const bool bud = dice.chance(0.35);
    Dice own = dice.fork();
    bud ? draw_bud(brush, species, branch.at(1), branch.heading(1), species.flower_size * 0.8, own)
        : draw_flowering(brush, species, branch.at(1), branch.heading(1), species.flower_size * 0.8, own);
  }
  draw_flowering(brush, species, stem.at(1), stem.heading(1), species.flower_size, dice.fork());
}

void draw_rosette(Brush& brush, const Species& species, Dice& dice) {
  draw_below_ground(brush, species, true, dice);
  const int leaves =
      species.leaf.width < 0.16 && species.leaf_kind == LeafKind::simple ? dice.whole(5, 9) : dice.whole(4, 7);
  const double fan = dice.between(0.55, 1.25);
  const bool leaf_stalks = species.leaf_kind != LeafKind::simple;
  const auto leaf = [&](int i) {
    const double share = leaves > 1 ? 2.0 * i / (leaves - 1) - 1 : 0, heading = share * fan + 0.1 * dice.bell();
    const double size = species.leaf_size * dice.between(0.8, 1.1);
    Dice own = dice.fork();
    if (leaf_stalks) {
      const Stem stalk =
          grow({share * 0.012, 0}, {heading, own.between(0.2, 0.45), share * 0.5, 0, 0.2, 0.008, 0.005}, own.fork());
      draw_stem(brush, stalk, species.stem, species.stem_shade);
      draw_leaf(brush, species, stalk.at(1), stalk.heading(1) + 0.2 * share, size * 1.05, own.fork());
    } else {
      draw_simple_leaf(brush, species, {share * 0.015, 0}, heading, size,
                       own.between(0.1, 0.9) * (0.3 + std::abs(share)), own.fork());
    }
  };
  const int scapes = species.arrangement == Arrangement::single ? dice.whole(1, 3) : dice.whole(1, 2);
  for (int i = 0; i < leaves; i += 2) leaf(i);
  for (int i = 0; i < scapes; ++i) {
    const double share = scapes > 1 ? 2.0 * i / (scapes - 1) - 1 : dice.between(-0.2, 0.2);
    const Stem scape = grow({share * 0.01, 0},
                            {share * dice.between(0.15, 0.4), dice.between(0.55, 0.85), dice.between(-0.25, 0.25), 0.4,
                             0.25, species.stem_width * 0.85, 0.006},
                            dice.fork());
    draw_stem(brush, scape, species.stem, species.stem_shade);
    const bool bud = i > 0 && dice.chance(0.3);
    Dice own = dice.fork();
    bud ? draw_bud(brush, species, scape.at(1), scape.heading(1), species.flower_size, own)
        : draw_flowering(brush, species, scape.at(1), scape.heading(1), species.flower_size, own);
  }
  for (int i = 1; i < leaves; i += 2) leaf(i);
}

void draw_twig(Brush& brush, const Species& species, Dice& dice) {
  const double lean = dice.between(-0.7, 0.7);
  const Stem main = grow(
      {0, 0}, {lean, dice.between(0.8, 1.0), -lean * dice.between(0.2, 1.2), 0.2, 0.7, species.stem_width * 1.5, 0.007},
      dice.fork());
  std::vector<Stem> branches = {main};
  const int count = dice.whole(2, 4);
  for (int i = 0; i < count; ++i) {
    const double t = 0.2 + 0.55 * (i + 0.5 * dice.flat()) / count, hand = i % 2 == 0 ? 1 : -1;
    branches.push_back(grow(main.at(t),
                            {main.heading(t) + hand * dice.between(0.55, 0.95), (1 - t) * dice.between(0.5, 0.75),
                             -hand * 0.3, 0.3, 0.6, species.stem_width * 0.85, 0.005},
                            dice.fork()));
  }
  for (std::size_t i = branches.size(); i-- > 0;)
    draw_stem(brush, branches[i], species.bark, darker(species.bark, 0.4));
  for (std::size_t i = branches.size(); i-- > 0;) {
    const double low = i == 0 ? 0.3 : 0.25;
    draw_leaves(brush, species, branches[i], low, 0.98, i == 0 ? dice.whole(4, 6) : dice.whole(2, 4),
                species.leaf_size * (i == 0 ? 1.0 : 0.85), dice);
  }
  const bool large = species.flower_size > 0.1;
  for (std::size_t i = branches.size(); i-- > 0;) {
    const int flowers = large ? 1 : dice.whole(1, 2);
    for (int k = 0; k < flowers; ++k) {
      const double t = k == 0 ? 1.0 : dice.between(0.4, 0.7), hand = dice.chance(0.5) ? 1 : -1;
      const double heading = branches[i].heading(t) + (k == 0 ? 0.0 : hand * 0.8);
      Dice own = dice.fork();
      i > 0 && dice.chance(0.25) ? draw_bud(brush, species, branches[i].at(t), heading, species.flower_size * 0.7, own)
                                 : draw_flowering(brush, species, branches[i].at(t), heading,
                                                  species.flower_size * (i == 0 ? 1.0 : 0.85), own);
    }
  }
}

void draw_climber(Brush& brush, const Species& species, Dice& dice) {
  // An S with two or three bows.
  Stem stem{{{0, 0}}, species.stem_width * 0.8, 0.004};
  const double bows = dice.between(1.2, 2.2), swing = dice.between(0.7, 1.15), hand = dice.chance(0.5) ? 1 : -1;
  for (int i = 0; i < 40; ++i) {
    const double t = i / 40.0;
    stem.points.push_back(stem.points.back() + towards(hand * swing * std::cos(t * bows * 2 * pi)) * 0.034);
  }
  draw_stem(brush, stem, species.stem, species.stem_shade);
  const int nodes = dice.whole(5, 8);
  for (int node = 0; node < nodes; ++node) {
    const double t = 0.08 + 0.9 * node / nodes, side = node % 2 == 0 ? 1 : -1,
                 heading = stem.heading(t) + side * dice.between(0.9, 1.3);
    if (dice.chance(0.45))
      draw_tendril(brush, stem.at(t), heading + side * 0.5, dice.between(0.2, 0.32), species.stem, dice.fork());
    draw_leaf(brush, species, stem.at(t), heading, species.leaf_size * (1.05 - 0.5 * t) * 1.1, dice.fork());
    Dice own = dice.fork();
    if (node % 2 == 1 || own.chance(0.3)) {
      const double leaving = stem.heading(t) - side * own.between(0.7, 1.0);
      const Point end = stem.at(t) + towards(leaving) * own.between(0.1, 0.16);
      draw_stalk(brush, stem.at(t), leaving, end, 0.006, species.stem, species.stem_shade);
      draw_flowering(brush, species, end, leaving, species.flower_size * (1.1 - 0.4 * t), own.fork());
    }
  }
  draw_bud(brush, species, stem.at(1), stem.heading(1), species.flower_size * 0.5, dice.fork());
}

void draw_arching(Brush& brush, const Species& species, Dice& dice) {
  draw_below_ground(brush, species, false, dice);
  const double hand = dice.chance(0.5) ? 1 : -1;
  const Stem stem = grow(
      {0, 0}, {-hand * 0.25, 1.15, hand * dice.between(1.5, 2.0), 0, 0.15, species.stem_width, 0.005}, dice.fork());
  const int nodes = dice.whole(8, 12);
  for (int node = 0; node < nodes; ++node) {  // leaves stand up, flowers hang down
    const double t = 0.28 + 0.7 * node / nodes;
    draw_simple_leaf(brush, species, stem.at(t), stem.heading(t) - hand * dice.between(0.45, 0.8),
                     species.leaf_size * (1 - 0.45 * t), 0.3, dice.fork());
  }
  draw_stem(brush, stem, species.stem, species.stem_shade);
  for (int node = 0; node < nodes; ++node) {
    const double t = 0.28 + 0.68 * (node + 0.4) / nodes, size = species.flower_size * (1.05 - 0.5 * t);
    const int together = dice.whole(1, 2);
    for (int k = 0; k < together; ++k) {
      const Point end =
          stem.at(t) + Point{hand * 0.012 + (k - 0.5 * (together - 1)) * 0.05, size * dice.between(0.7, 1.1)};
      draw_stalk(brush, stem.at(t), stem.heading(t) + hand * 1.2, end, 0.004, species.stem, species.stem_shade);
      const double heading = pi + 0.25 * dice.bell();
      Dice own = dice.fork();
      t > 0.85 ? draw_bud(brush, species, end, heading, size * 0.8, own)
               : draw_flower(brush, species, end, heading, size, own);
    }
    if (species.leaf_size > 0.25) continue;
    draw_simple_leaf(brush, species, stem.at(t), stem.heading(t) + hand * 0.9, species.leaf_size * 0.5 * (1 - 0.45 * t),
                     0.3, dice.fork());
  }
}

void draw_fern(Brush& brush, const Species& species, Dice& dice) {
  const int fronds = dice.whole(2, 5);
  const double fan = dice.between(0.3, 0.65);
  BladeForm pinna = species.leaf;
  pinna.width = dice.between(0.2, 0.34);
  pinna.pointed = 1.3;
  pinna.widest = 0.3;
  pinna.heart = 0;
  pinna.teeth = 0;
  pinna.lobes = dice.chance(0.65) ? dice.whole(5, 8) : 0;
  pinna.lobe_depth = 0.45;
  draw_roots(brush, 0.16, species.root, dice.fork());
  for (int i = 0; i < fronds; ++i) {
    const double share = fronds > 1 ? 2.0 * i / (fronds - 1) - 1 : 0.2, side = share >= 0 ? 1 : -1;
    const double length = dice.between(0.8, 1.1) * (1 - 0.25 * std::abs(share));
    const Stem rib =
        grow({share * 0.02, 0},
             {share * fan, length, side * dice.between(0.3, 0.9) * (0.4 + std::abs(share)), 0, 0.15, 0.011, 0.003},
             dice.fork());
    draw_stem(brush, rib, mixed(species.stem, species.bark, 0.4), species.stem_shade);
    const int pairs = dice.whole(13, 19);
    for (int k = 0; k < pairs; ++k) {
      const double t = 0.2 + 0.78 * k / pairs, up = (t - 0.2) / 0.8;
      const double size = length * 0.3 * std::pow(1.02 - up, 0.8) * std::min(1.0, 0.55 + 1.8 * up);
      for (const double hand : {-1.0, 1.0}) {
        pinna.bend = -hand * 0.35;
        Frame placed = leaf_frame(rib.at(t), rib.heading(t) + hand * 1.2, size * dice.between(0.92, 1.05), pinna.bend);
        draw_blade(brush, placed, pinna, species.leaf_paint, dice.fork());
      }
    }
  }
  if (dice.chance(0.6)) {  // a young frond, still rolled up
    const double heading = dice.between(-0.4, 0.4);
    Stem young = grow({0.02, 0}, {heading, 0.3, 0, 0, 0.1, 0.011, 0.008}, dice.fork());
    double turn = heading;
    for (int i = 0; i < 30; ++i) {
      turn += 0.12 + 0.012 * i;
      young.points.push_back(young.points.back() + towards(turn) * (0.012 * (1 - i / 42.0)));
    }
    draw_stem(brush, young, species.leaf_paint.tip, species.leaf_paint.shade);
  }
}

void draw_grass(Brush& brush, const Species& species, Dice& dice) {
  draw_roots(brush, 0.2, species.root, dice.fork());
  BladeForm blade;
  blade.width = dice.between(0.03, 0.06);
  blade.widest = 0.3;
  blade.pointed = 1.3;
  BladePaint paint = species.leaf_paint;
  paint.veins = Veins::parallel;
  const int blades = dice.whole(7, 13), culms = dice.whole(2, 4);
  for (int i = 0; i < blades; ++i) {
    const double share = 2.0 * i / (blades - 1) - 1;
    blade.bend = share * dice.between(0.8, 2.2);
    draw_blade(brush, frame({share * 0.02, 0}, share * 0.5, dice.between(0.5, 0.9)), blade, paint, dice.fork());
  }
  const bool nodding = dice.chance(0.5);
  for (int i = 0; i < culms; ++i) {
    const double share = culms > 1 ? 2.0 * i / (culms - 1) - 1 : 0, side = share >= 0 ? 1 : -1;
    const Stem culm =
        grow({share * 0.01, 0},
             {share * 0.2, dice.between(0.75, 0.95), side * (nodding ? 0.8 : 0.2), 0, 0.1, 0.007, 0.003}, dice.fork());
    draw_stem(brush, culm, species.stem, species.stem_shade);
    const int spikelets = dice.whole(14, 24);
    BladeForm grain;
    grain.width = 0.32;
    grain.pointed = 1.2;
    const BladePaint grain_paint{mixed(species.heart, species.bark, 0.5),
                                 mixed(species.petal_paint.base, species.bark, 0.55),
                                 species.bark,
                                 0.5,
                                 darker(species.bark, 0.2),
                                 Veins::parallel,
                                 false};
    for (int k = 0; k < spikelets; ++k) {
      const double t = 0.62 + 0.38 * k / (spikelets - 1), hand = k % 2 == 0 ? 1 : -1,
                   reach = nodding ? 0.11 * (1.05 - t) * 2.2 : 0.008;
      const double leaving = culm.heading(t) + hand * (nodding ? 0.7 : 0.35);
      const Point end = culm.at(t) + towards(leaving) * reach;
      if (nodding) draw_stalk(brush, culm.at(t), leaving, end, 0.0025, species.stem, species.stem_shade);
      const double heading = nodding ? leaving + hand * 0.9 : leaving;
      draw_blade(brush, frame(end, heading, 0.055), grain, grain_paint, dice.fork());
      const std::vector<Point> awn = {end + towards(heading) * 0.05, end + towards(heading) * dice.between(0.08, 0.12)};
      brush.line(awn, 0.0015, darker(species.bark, 0.1), 0.8);
    }
  }
}

void draw_heath(Brush& brush, const Species& species, Dice& dice) {
  std::vector<Stem> shoots;
  const Stem trunk =
      grow({0, 0}, {dice.between(-0.15, 0.15), 0.42, 0, 0, 0.4, species.stem_width * 1.2, 0.009}, dice.fork());
  draw_stem(brush, trunk, species.bark, darker(species.bark, 0.4));
  const int count = dice.whole(5, 9);
  const double needle = dice.between(0.025, 0.05), spread = dice.between(0.5, 1.0);
  for (int i = 0; i < count; ++i) {
    const double share = 2.0 * i / (count - 1) - 1, from = 0.35 + 0.65 * (1 - std::abs(share));
    shoots.push_back(grow(trunk.at(from),
                          {trunk.heading(from) + share * spread, dice.between(0.38, 0.6), 0, 1.0, 0.4, 0.008, 0.004},
                          dice.fork()));
  }
  for (const Stem& shoot : shoots) draw_stem(brush, shoot, species.bark, darker(species.bark, 0.4));
  for (const Stem& shoot : shoots) {
    for (int k = 0; k < 26; ++k) {
      const double t = 0.05 + 0.93 * k / 26;
      for (const double side : {-1.0, 1.0}) {
        const double heading = shoot.heading(t) + side * dice.between(0.55, 0.95);
        const Point from = shoot.at(t), end = from + towards(heading) * (needle * dice.between(0.8, 1.1));
        const std::vector<Point> line = {from, between(from, end, 0.6) + towards(shoot.heading(t)) * (needle * 0.05),
                                         end};
        brush.wash(line, species.leaf_paint.base, 0.0);  // for the measuring brush; too thin to be an area
        brush.line(
            line, 0.0065,
            side < 0 ? mixed(species.leaf_paint.base, species.leaf_paint.tip, dice.flat()) : species.leaf_paint.shade,
            0.95);
      }
    }
  }
  const double droop = dice.between(0.3, 1.6);
  for (const Stem& shoot : shoots) {
    const int flowers = dice.whole(3, 6);
    for (int k = 0; k < flowers; ++k) {
      const double t = 1 - 0.06 * k, side = k % 2 == 0 ? 1 : -1, heading = shoot.heading(t) + side * droop;
      const Point end = shoot.at(t) + towards(shoot.heading(t) + side * 0.8) * (species.flower_size * 0.35);
      draw_flower(brush, species, end, heading, species.flower_size * dice.between(0.8, 1.0), dice.fork());
    }
  }
}

}  // namespace

void draw_plant(Brush& brush, const Species& species, Dice dice) {
  switch (species.habit) {
    case Habit::leafy_stem: return draw_leafy_stem(brush, species, dice);
    case Habit::rosette: return draw_rosette(brush, species, dice);
    case Habit::twig: return draw_twig(brush, species, dice);
    case Habit::climber: return draw_climber(brush, species, dice);
    case Habit::arching: return draw_arching(brush, species, dice);
    case Habit::fern: return draw_fern(brush, species, dice);
    case Habit::grass: return draw_grass(brush, species, dice);
    case Habit::heath: return draw_heath(brush, species, dice);
  }
}

}  // namespace florilegium::garden
