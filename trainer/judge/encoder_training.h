// How the encoder (encoder.h) is trained: by itself, on real plates alone.
//
// It is asked two things about a view of a plate, with squared error. **What lies where?** The
// means over 8 x 8 squares, to be said out of the 64 features alone (an autoencoder; Hinton &
// Salakhutdinov 2006): that asks for colours, paper and how the ink is spread. **What was done to
// it?** Half of the views have been blurred, cut into pieces and put together wrongly, made grainy,
// had their colours exchanged, or were turned by a quarter or more, as plants never are (Noroozi &
// Favaro 2016 ask for the order of pieces, Gidaris et al. 2018 for the turn). Means over squares
// know nothing of firm lines, and little of how a plant is put together: what a viewer misses first
// in a badly grown plate. Here whoever is to say that nothing was done has to know both.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "trainer/judge/encoder.h"

namespace florilegium {

struct EncoderSettings {
  std::string data;  ///< "garden" or a folder of plates, as read_real_plates takes it
  std::int64_t steps = 1200;
  int batch = 32;
  int garden_plates = 500;  ///< with data "garden"
  std::uint64_t seed = 1;
};

struct TrainedEncoder {
  Encoder encoder;
  /// On held-out plates. found: how often the nearest of another view of each, by their features,
  /// is of the same plate; by chance 1 / plates. told: how often what was done to a view, or that
  /// nothing was, is said rightly; by chance 1 / 6.
  std::size_t plates = 0;
  double found = 0, told = 0;
};

/// The same settings give the same encoder on the same machine. report gets a sentence now and
/// then. Throws std::runtime_error with a sentence when there are fewer than two plates to learn
/// from or to be asked about.
TrainedEncoder train_encoder(Backend& backend, const EncoderSettings& settings,
                             const std::function<void(const std::string&)>& report);

}  // namespace florilegium
