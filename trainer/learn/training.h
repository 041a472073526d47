// The training loop: batches, noise, the network's answer, its loss, one step of the optimiser, and everything that is written
// down about it in the run folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "src/diffusion/schedule.h"
#include "trainer/backend/backend.h"
#include "trainer/data/source.h"
#include "trainer/learn/noising.h"
#include "trainer/network/denoiser.h"
#include "trainer/onnx/model_file.h"

namespace florilegium {

struct TrainingSettings {
  NetworkConfig network;
  std::filesystem::path out;           ///< run folder
  std::string data;                    ///< as the user named it; written into config.json
  std::string title;
  std::int64_t steps = 2500;
  int batch = 32;
  std::uint64_t seed = 1;
  Type compute = Type::f32;
  OptimiserStep optimiser;             ///< its learning rate is the highest one of the run
  std::int64_t warm_up = 300;          ///< steps over which the learning rate rises from 0
  double decay_share = 0.3;            ///< last part of the run, over which it falls to 0
  LevelDistribution levels;
  NoiseKind noise = NoiseKind::gaussian;
  double noise_scale = 1;
  Schedule schedule;                   ///< for samples, and recommended to users of the model
  int default_steps = 20;
  std::int64_t checkpoint_every = 500, log_every = 20, evaluate_every = 500, sample_every = 500;  ///< in steps
  int keep_checkpoints = 2;
  int held_out_pictures = 64;          ///< at most so many are used to measure the held-out loss
  int sample_count = 16;
  int loader_threads = 1;
  std::int64_t samples_before = 0;     ///< pictures that the weights given at the start have seen already
};

/// What one report says; one line of log.jsonl, one refresh of the progress line.
struct Progress {
  std::int64_t step = 0, steps = 0, samples = 0;
  double loss = 0, samples_per_second = 0, seconds_left = 0;
  std::optional<double> held_out_loss;
};

struct TrainingHooks {
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::function<void(const std::string&)> say = [](const std::string&) {};  ///< a sentence for people
  std::function<bool()> stop = [] { return false; };                         ///< asked after every step; true: save and return
};

enum class TrainingEnd : std::uint8_t { finished, stopped };

/// Trains from `start` (parameters in the network's order; empty = from scratch), or, with `resume`, from the newest whole
/// checkpoint in the run folder. Leaves config.json, log.jsonl, samples/*.png, checkpoint/ and model.onnx there.
/// Resumed on the same machine with the same number of threads, it goes on bit by bit as if it had never stopped.
/// Throws std::runtime_error with a sentence when something cannot be written or read; what is in the run folder stays usable.
TrainingEnd train(Backend& backend, const PictureSource& source, const TrainingSettings& settings, std::span<const float> start, bool resume, const TrainingHooks& hooks);

/// The noise levels at which the held-out loss is measured; held_out_loss is the mean over them.
inline constexpr float evaluation_levels[] = {0.3f, 0.6f, 0.85f, 0.97f};

}  // namespace florilegium
