// A ladder of two tiny networks, in which every parameter of both counts.
#pragma once

#include "tests/onnx/random_model.h"

namespace florilegium {

/// 32 pixels a side: 'low' sees averages over 2 x 2 above noise level 0.5, takes a hint and has a
/// guide, 'worse'; 'high' sees the pixels.
inline TrainedModel tiny_ladder(std::uint64_t seed) {
  NetworkConfig high = network_config("tiny", 32), low = network_config("tiny", 16);
  high.name = "high";
  high.hint = false;
  high.positions = false;
  high.view = true;
  low.name = "low";
  low.hint_cell = 4;
  low.view = true;
  TrainedModel ladder = random_model(high, seed);
  ladder.info.image_size = 32;
  CoarserNetwork coarser;
  coarser.network = low;
  coarser.averaged = 2;
  coarser.from_level = 0.5;
  coarser.parameters = random_model(low, seed + 1).parameters;
  coarser.train_samples = 12;
  NetworkConfig worse = low;
  worse.name = "worse";
  worse.widths = {32};
  worse.hint = false;
  coarser.guide = Guide{.network = worse,
                        .weight = 0.75,
                        .train_samples = 5,
                        .held_out_loss = 0.5,
                        .parameters = random_model(worse, seed + 2).parameters};
  ladder.coarser.push_back(coarser);
  return ladder;
}

}  // namespace florilegium
