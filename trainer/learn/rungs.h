// The rungs of a ladder of networks: who plans the plate, who draws it, and how each of them is
// trained.
//
// At high noise a picture holds nothing finer than its averages over blocks: noise of scale s at
// some level is noise of scale s / b on averages over b x b pixels. So each range of noise levels
// has a network of its own, which looks at the picture averaged to the size that still says
// something there. This table is the one place that says which rungs there are.
#pragma once

#include <string>
#include <vector>

#include "trainer/data/view.h"
#include "trainer/learn/noising.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

struct Rung {
  std::string name;          ///< as `train --part` says it
  std::string config;        ///< of its network (denoiser.h)
  int seen_side;             ///< it sees the picture averaged to so many pixels a side; 0: the pixels themselves
  int crop_part;             ///< it is trained on crops of 1 / crop_part of the picture's side
  double from_level;         ///< it is asked at noise levels above this one, up to the rung before
  LevelDistribution levels;  ///< at which it is trained, a little beyond its range
  int batch;
  double learning_rate, ema;
  std::int64_t steps;
  std::string guides = {};        ///< not empty: a worse network for the same question as that part's (Guide)
  double guide_weight = 0;        ///< how far its predictions are kept away from
  std::string follows = {};       ///< not empty: the network of that part once more, from its weights, and in its place
  double adversarial_weight = 0;  ///< see TrainingSettings
  double adversarial_highest = 1;
  double average_weight = 0;
};

/// From the one that sees least to the one that sees all, as they are trained: each for squared
/// error, then once more against a discriminator; the one that guides after the one that it guides.
const std::vector<Rung>& rungs();

/// What a rung's network sees in training of pictures `side` pixels wide. Throws
/// std::invalid_argument with a sentence when they do not divide into its averages or crops.
Sight sight_of(const Rung& rung, int side);

/// The network of a rung as it sees that, under the configuration's name. One hint is given to all
/// rungs, with a cell for each average that the coarsest sees; where a network has no grid of such
/// cells, as for pictures of 768 pixels, it is told no hint. Throws std::invalid_argument.
NetworkConfig network_of_rung(const Rung& rung, const std::string& config, int side);

/// Throws std::invalid_argument with the known names.
const Rung& rung(const std::string& name);

}  // namespace florilegium
