#include "trainer/data/garden/species.h"

#include <array>
#include <initializer_list>

namespace florilegium::garden {
namespace {

template <class Choice>
struct Weighted {
  double weight;
  Choice choice;
};

template <class Choice>
Choice choose(Dice& dice, std::initializer_list<Weighted<Choice>> options) {
  double sum = 0;
  for (const auto& option : options) sum += option.weight;
  double thrown = dice.flat() * sum;
  for (const auto& option : options) {
    if ((thrown -= option.weight) < 0) return option.choice;
  }
  return options.begin()->choice;
}

void choose_greens(Species& species, Dice& dice) {
  const double kind = dice.flat();
  double lightness = dice.between(0.46, 0.60), chroma = dice.between(0.075, 0.125), hue = dice.between(122, 146);
  if (kind < 0.15) {  // glaucous
    hue = dice.between(155, 185);
    chroma = dice.between(0.035, 0.06);
    lightness = dice.between(0.5, 0.64);
  } else if (kind < 0.27) {  // olive
    hue = dice.between(104, 118);
    lightness = dice.between(0.48, 0.6);
  } else if (kind < 0.32) {  // autumn
    hue = dice.between(45, 85);
    chroma = dice.between(0.09, 0.13);
    lightness = dice.between(0.5, 0.64);
  }
  BladePaint& paint = species.leaf_paint;
  paint.base = oklch(lightness, chroma, hue);
  paint.tip =
      oklch(lightness + dice.between(-0.03, 0.09), chroma * dice.between(0.85, 1.15), hue - dice.between(-6, 18));
  paint.shade = oklch(lightness - dice.between(0.12, 0.2), chroma * 0.85, hue + dice.between(4, 22));
  paint.shading = dice.between(0.5, 0.8);
  paint.vein =
      dice.chance(0.75) ? oklch(lightness + 0.19, chroma * 0.75, hue - 10) : oklch(lightness - 0.16, chroma * 0.7, hue);
  paint.hatched = dice.chance(0.6);
  if (dice.chance(0.12)) paint.base = mixed(paint.base, oklch(0.45, 0.12, 15), 0.35);  // reddish leaf bases

  species.stem = mixed(oklch(lightness + 0.04, chroma * 0.9, hue - 8), oklch(0.48, 0.08, dice.between(15, 60)),
                       dice.chance(0.3) ? dice.between(0.3, 0.8) : 0.08);
  species.stem_shade = darker(species.stem, 0.35);
  species.bark = oklch(dice.between(0.42, 0.56), dice.between(0.025, 0.055), dice.between(45, 80));
  species.root = oklch(dice.between(0.56, 0.72), dice.between(0.035, 0.065), dice.between(60, 85));
}

void choose_petal_colours(Species& species, Dice& dice) {
  struct Shade {
    double lightness, chroma, hue;
  };
  Shade shade = choose<Shade>(dice, {{0.10, {0.95, 0.020, 95}},     // white
                                     {0.13, {0.87, 0.150, 98}},     // yellow
                                     {0.08, {0.74, 0.160, 62}},     // orange
                                     {0.12, {0.56, 0.195, 27}},     // scarlet
                                     {0.10, {0.49, 0.170, 14}},     // crimson
                                     {0.16, {0.76, 0.115, 5}},      // pink
                                     {0.09, {0.60, 0.185, 345}},    // magenta
                                     {0.09, {0.50, 0.155, 308}},    // purple
                                     {0.10, {0.70, 0.095, 295}},    // lilac
                                     {0.11, {0.53, 0.145, 266}},    // blue
                                     {0.05, {0.74, 0.085, 245}}});  // sky
  shade.lightness += dice.between(-0.05, 0.04);
  shade.chroma *= dice.between(0.8, 1.08);
  shade.hue += dice.between(-9, 9);
  BladePaint& paint = species.petal_paint;
  paint.base = oklch(shade.lightness, shade.chroma, shade.hue);
  const double relation = dice.flat();
  if (relation < 0.45) {  // paler or deeper towards the tip
    paint.tip = oklch(shade.lightness + dice.between(-0.1, 0.14), shade.chroma * dice.between(0.6, 1.1),
                      shade.hue + dice.between(-15, 15));
  } else if (relation < 0.65) {  // pale throat
    paint.tip = paint.base;
    paint.base = oklch(0.94, 0.05, dice.between(85, 115));
  } else if (relation < 0.78) {  // coloured tips on pale petals
    paint.tip = paint.base;
    paint.base = oklch(0.9, shade.chroma * 0.3, shade.hue);
  } else if (relation < 0.9) {  // dark throat
    paint.tip = paint.base;
    paint.base = oklch(shade.lightness * 0.6, shade.chroma * 0.9, shade.hue - 12);
  } else {
    paint.tip = paint.base;
  }
  paint.shade = shade.lightness > 0.88 ? oklch(0.78, 0.03, dice.between(90, 260))
                                       : oklch(shade.lightness - 0.16, shade.chroma * 0.95, shade.hue - 8);
  paint.shading = dice.between(0.3, 0.6);
  paint.vein = shade.lightness > 0.88 ? oklch(0.68, 0.06, dice.between(0, 360))
                                      : oklch(shade.lightness - 0.2, shade.chroma, shade.hue);
  paint.veins = dice.chance(0.7) ? Veins::streaks : Veins::none;
  paint.hatched = dice.chance(0.3);
  const bool yellow = shade.hue > 75 && shade.hue < 125 && shade.chroma > 0.08;
  species.heart =
      yellow && dice.chance(0.6) ? oklch(0.42, 0.08, 50) : oklch(dice.between(0.74, 0.86), 0.15, dice.between(72, 105));
  if (dice.chance(0.18)) species.heart = oklch(0.34, 0.06, dice.between(300, 400));
  species.heart_dark = mixed(species.heart, oklch(0.4, 0.1, 45), 0.6);
  species.spot = oklch(dice.between(0.36, 0.5), 0.13, dice.between(-20, 40));
  species.spotted = dice.chance(0.3);
  species.berry = choose<Colour>(dice, {{4, oklch(0.53, 0.19, 27)},
                                        {1, oklch(0.32, 0.07, 285)},
                                        {1, oklch(0.68, 0.16, 58)},
                                        {1, oklch(0.42, 0.1, 350)},
                                        {0.6, oklch(0.9, 0.02, 100)}});
}

void choose_leaf(Species& species, Dice& dice) {
  species.leaf_kind = choose<LeafKind>(
      dice,
      {{0.62, LeafKind::simple}, {0.13, LeafKind::round}, {0.15, LeafKind::feathered}, {0.10, LeafKind::fingered}});
  BladeForm& leaf = species.leaf;
  leaf.width = dice.between(0.16, 0.62);
  leaf.widest = dice.between(0.3, 0.58);
  leaf.pointed = dice.between(1.1, 2.0);
  species.leaf_paint.veins =
      leaf.width < 0.24 ? (dice.chance(0.6) ? Veins::parallel : Veins::feathered) : Veins::feathered;
  if (dice.chance(0.35) && leaf.width > 0.25) {
    leaf.teeth = dice.whole(6, 13);
    leaf.tooth_depth = dice.between(0.12, 0.3);
  } else if (dice.chance(0.16) && leaf.width > 0.3) {
    leaf.lobes = dice.whole(2, 4);
    leaf.lobe_depth = dice.between(0.4, 0.65);
  }
  if (dice.chance(0.25)) leaf.heart = dice.between(0.04, 0.16);
  species.round_leaf = {dice.whole(3, 7), dice.between(0.05, 0.3), dice.flat(), dice.between(0.1, 0.8)};
  if (species.round_leaf.sharp > 0.5)
    species.round_leaf = {dice.chance(0.6) ? 5 : 3, dice.between(0.35, 0.6), 1.0, dice.between(0.3, 0.9)};
  species.leaflets = dice.whole(2, 6);
  species.leaf_size = dice.between(0.22, 0.4) * (leaf.width > 0.45 ? 0.85 : 1.0);
  species.stalk = dice.chance(0.3) ? 0.03 : dice.between(0.1, 0.35);
  species.leaves_at_node = choose<int>(dice, {{0.6, 1}, {0.28, 2}, {0.12, 3}});
}

void choose_flower(Species& species, Dice& dice) {
  using enum FlowerKind;
  species.flower = choose<FlowerKind>(dice, {{0.13, daisy},
                                             {0.18, open},
                                             {0.10, star},
                                             {0.12, cup},
                                             {0.13, bell},
                                             {0.09, trumpet},
                                             {0.05, iris},
                                             {0.07, pea},
                                             {0.05, orchid},
                                             {0.04, thistle},
                                             {0.07, doubled},
                                             {0.07, berry}});
  BladeForm& petal = species.petal;
  petal.widest = dice.between(0.5, 0.72);
  petal.pointed = dice.between(0.6, 1.1);
  species.facing = dice.between(0.5, 1.0);
  switch (species.flower) {
    case daisy:
      species.petals = dice.whole(10, 24);
      petal.width = dice.between(1.5, 2.6) * 3.0 / species.petals;
      petal.pointed = dice.between(0.6, 1.3);
      species.petal_paint.veins = Veins::parallel;
      break;
    case open:
      species.petals = choose<int>(dice, {{0.6, 5}, {0.2, 4}, {0.2, 6}});
      petal.width = dice.between(3.4, 4.9) / species.petals;
      if (dice.chance(0.45)) petal.notch = dice.between(0.05, 0.16);
      petal.ruffle = dice.chance(0.3) ? 0.08 : 0.02;
      break;
    case star:
      species.petals = dice.whole(5, 8);
      petal.width = dice.between(1.5, 2.4) / species.petals;
      petal.pointed = dice.between(1.1, 1.7);
      petal.widest = dice.between(0.35, 0.5);
      break;
    case cup:
      petal.width = dice.between(0.5, 0.75);
      petal.pointed = dice.between(0.8, 1.3);
      petal.widest = dice.between(0.4, 0.6);
      break;
    case trumpet:
      species.petals = 6;
      petal.width = dice.between(0.26, 0.4);
      petal.pointed = dice.between(1.0, 1.4);
      petal.widest = dice.between(0.5, 0.65);
      break;
    case iris:
      petal.width = dice.between(0.5, 0.7);
      petal.widest = 0.62;
      petal.pointed = 0.85;
      petal.ruffle = 0.07;
      break;
    case orchid:
      petal.width = dice.between(0.32, 0.5);
      petal.pointed = dice.between(0.9, 1.4);
      petal.widest = 0.5;
      species.facing = dice.between(0.8, 1.0);
      break;
    case doubled:
      species.petals = dice.whole(6, 9);
      petal.width = dice.between(0.62, 0.9);
      petal.pointed = 0.7;
      petal.ruffle = 0.05;
      break;
    default: petal.width = 0.5; break;
  }
  species.bell_length = dice.between(0.9, 2.2);
  species.bell_flare = dice.between(0.15, 0.8);
  species.bell_waist = dice.between(0.3, 0.75);

  const bool small_ones_look_good =
      species.flower == bell || species.flower == open || species.flower == star || species.flower == pea;
  using enum Arrangement;
  if (small_ones_look_good) {
    species.arrangement = choose<Arrangement>(
        dice, {{0.34, single}, {0.28, raceme}, {0.12, umbel}, {0.08, spike}, {0.08, globe}, {0.10, panicle}});
  } else if (species.flower == berry) {
    species.arrangement = choose<Arrangement>(dice, {{0.4, panicle}, {0.3, umbel}, {0.3, raceme}});
  } else if (species.flower == orchid || species.flower == trumpet) {
    species.arrangement = dice.chance(0.45) ? raceme : single;
  } else {
    species.arrangement = single;
  }
  species.flower_size = species.arrangement == single ? dice.between(0.14, 0.25) : dice.between(0.05, 0.085);
  if (species.arrangement == raceme && (species.flower == orchid || species.flower == trumpet))
    species.flower_size = dice.between(0.085, 0.12);
  if (species.flower == berry) species.flower_size = dice.between(0.016, 0.03);
}

}  // namespace

Species choose_species(Dice& dice) {
  Species species;
  using enum Habit;
  species.habit = choose<Habit>(dice, {{0.32, leafy_stem},
                                       {0.22, rosette},
                                       {0.16, twig},
                                       {0.09, climber},
                                       {0.07, arching},
                                       {0.045, fern},
                                       {0.03, grass},
                                       {0.06, heath}});
  choose_greens(species, dice);
  choose_petal_colours(species, dice);
  choose_leaf(species, dice);
  choose_flower(species, dice);
  species.stem_width = dice.between(0.010, 0.018);

  if (species.habit == arching || species.habit == heath) {
    species.flower = FlowerKind::bell;
    species.flower_size = dice.between(0.05, 0.08);
    species.arrangement = Arrangement::raceme;
  }
  if (species.habit == arching) {
    species.leaf_kind = LeafKind::simple;
    species.leaves_at_node = 1;
    species.stalk = 0.02;
    species.leaf.lobes = 0;
    species.leaf_paint.veins = Veins::parallel;
  }
  if (species.habit == twig || species.habit == climber) {
    species.leaf_size *= species.leaf_kind == LeafKind::simple ? 0.75 : 0.9;
    if (species.arrangement == Arrangement::single) species.flower_size *= species.habit == twig ? 0.8 : 0.7;
  }
  if (species.habit == climber && species.leaf_kind == LeafKind::simple && dice.chance(0.6))
    species.leaf_kind = LeafKind::round;
  if (species.habit == rosette && species.leaf_kind == LeafKind::simple) {
    species.leaf_size = dice.between(0.38, 0.62);
    species.leaf.width = dice.chance(0.55) ? dice.between(0.06, 0.14) : dice.between(0.16, 0.38);
    if (species.leaf.width < 0.2) {
      species.leaf.teeth = 0;
      species.leaf.lobes = 0;
      species.leaf.heart = 0;
      species.leaf_paint.veins = Veins::parallel;
    }
  }
  return species;
}

}  // namespace florilegium::garden
