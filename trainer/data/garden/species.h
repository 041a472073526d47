// A species: all that the plants of one plate have in common, chosen by the dice.
#pragma once

#include "trainer/data/dice.h"
#include "trainer/data/garden/blade.h"

namespace florilegium::garden {

enum class Habit {
  leafy_stem,  ///< upright stems with leaves, flowers on top
  rosette,     ///< leaves from the ground, flowers on bare stalks
  twig,        ///< a cut woody branch
  climber,     ///< a winding stem with tendrils
  arching,     ///< one bent stem, flowers hanging from it
  fern,
  grass,
  heath,  ///< a small shrub with needles
};

enum class LeafKind { simple, round, feathered, fingered };

enum class FlowerKind { daisy, open, star, cup, bell, trumpet, iris, pea, orchid, thistle, doubled, berry };

enum class Arrangement { single, raceme, umbel, spike, globe, panicle };

struct Species {
  Habit habit = Habit::leafy_stem;
  LeafKind leaf_kind = LeafKind::simple;
  BladeForm leaf;
  RoundForm round_leaf;
  int leaflets = 3;                     ///< pairs of a feathered leaf, pieces of a fingered one
  double leaf_size = 0.3, stalk = 0.2;  ///< stalk: in leaf lengths
  int leaves_at_node = 1;               ///< 1 alternate, 2 opposite, more: whorled
  BladePaint leaf_paint;

  FlowerKind flower = FlowerKind::open;
  Arrangement arrangement = Arrangement::single;
  double flower_size = 0.15;
  int petals = 5;
  BladeForm petal;
  BladePaint petal_paint;
  Colour heart, heart_dark;  ///< the flower's middle
  Colour spot;               ///< marks on petals and lips
  bool spotted = false;
  double facing = 0.8;  ///< 1 looks at you, 0.35 is seen from the side
  double bell_length = 1.0, bell_flare = 0.5, bell_waist = 0.5;

  Colour stem, stem_shade, bark, root, berry;
  double stem_width = 0.014;
};

Species choose_species(Dice& dice);

}  // namespace florilegium::garden
