// The settings of a training run: everything that decides what it computes, and how often it writes
// things down.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "src/diffusion/denoising.h"
#include "src/diffusion/schedule.h"
#include "trainer/backend/backend.h"
#include "trainer/data/view.h"
#include "trainer/learn/noising.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

struct TrainingSettings {
  NetworkConfig network;
  std::filesystem::path out;  ///< run folder; the only setting that is not written into it
  std::string data;           ///< as the user named it
  std::string init;           ///< the model file that the weights were taken from; empty: from scratch
  std::string title;
  std::int64_t steps = 2500;
  int batch = 32;
  std::uint64_t seed = 1;
  std::string
      part;  ///< which rung of a ladder it is (ladder.h): "coarse", "fine", or empty for a network that does all
  int averaged = 1;  ///< the network sees means over so many by so many pixels of each view
  int crop_of = 0;   ///< side of the view in pixels, of which the network sees a crop; 0: it sees all of it
  Type compute = Type::f32;
  OptimiserStep optimiser;     ///< its learning rate is the highest one of the run
  std::int64_t warm_up = 300;  ///< steps over which the learning rate rises from 0
  double decay_share = 0.3;    ///< last part of the run, over which it falls to 0
  /// Weight in the loss of the squared error in the differences of neighbouring pixels, beside that
  /// of the pixels.
  double fine_weight = 0;
  /// Weight in the loss of the squared error in averages over blocks of 16x16 of what the network
  /// sees, beside that of the pixels: how much ink lies where stays what squared error alone would
  /// answer, whatever a discriminator asks for.
  double average_weight = 0;
  /// Weight in the loss of being told from real pictures by a discriminator
  /// (trainer/network/discriminator.h) that is trained beside the network; 0: without.
  double adversarial_weight = 0;
  /// Noise level above which the discriminator is not asked: there most of the picture is still
  /// open, and the answer stays the average of all that it might be.
  double adversarial_highest = 1;
  LevelDistribution levels;
  NoiseKind noise = NoiseKind::gaussian;
  double noise_scale = 1;
  Schedule schedule;       ///< for samples, and recommended to users of the model
  int default_steps = 20;  ///< and these
  Sampler default_sampler = Sampler::plain;
  std::int64_t checkpoint_every = 500, log_every = 20, evaluate_every = 500, sample_every = 500;  ///< in steps
  int keep_checkpoints = 2;
  int held_out_pictures = 64;  ///< at most so many are used to measure the held-out loss
  int sample_count = 16;
  int loader_threads = 1;
  std::int64_t samples_before = 0;  ///< pictures that the weights given at the start have seen already
};

/// What the network sees of the pictures.
inline Sight sight_of(const TrainingSettings& s) {
  Sight sight(s.network.image_size);
  sight.averaged = s.averaged;
  sight.of = s.crop_of;
  sight.whole_plates = s.network.view;
  return sight;
}

/// For config.json, which people read too; `device` is only for them.
std::string to_json(const TrainingSettings& settings, const std::string& device);

/// The reverse; `out` stays empty. Throws std::runtime_error with what is missing or wrong.
TrainingSettings training_settings_from_json(const std::string& text);

/// The learning rate of step `step` (counted from 1): it rises over the warm-up and falls to 0 over
/// the last part of the run.
double learning_rate(const TrainingSettings& settings, std::int64_t step);

}  // namespace florilegium
