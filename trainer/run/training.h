// A training run: the loop around the training step, and everything that is written down about it
// in the run folder.
//
// The run folder:
//   config.json        the settings (settings.h)
//   log.jsonl          one line for each report (run_log.h)
//   samples/*.png      contact sheets, always of the same seeds
//   checkpoint/*.ckpt  the newest states, to go on from (checkpoint.h)
//   model.onnx         the moving average of the weights
//   pictures.tsv       which pictures it was begun with (inventory.h); lock (run_lock.h)
//   loss.svg, report.html   for people (report.h)
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "trainer/backend/backend.h"
#include "trainer/data/source.h"
#include "trainer/learn/ranks.h"
#include "trainer/learn/settings.h"

namespace florilegium {

struct Progress {
  std::int64_t step = 0, steps = 0, samples = 0;
  double loss = 0;  ///< mean since the last report
  double samples_per_second = 0, seconds_left = 0;
  std::optional<double> held_out_loss;       ///< the last one measured
  std::optional<double> discriminator_loss;  ///< as loss, where there is one
  std::int64_t unsaved = 0;                  ///< steps since the newest checkpoint
  bool report = false;                       ///< a line of the log was written
};

struct TrainingHooks {
  std::function<void(const Progress&)> progress = [](const Progress&) {};   ///< after every step
  std::function<void(const std::string&)> say = [](const std::string&) {};  ///< a sentence for people
  std::function<bool()> stop = [] {
    return false;
  };  ///< asked after every step, and while samples grow; true: save and return
};

enum class TrainingEnd : std::uint8_t { finished, stopped };

/// Trains from `start` (parameters in the network's order; empty: from scratch), or, with `resume`,
/// from the newest whole checkpoint in the run folder. Resumed on the same machine with the same
/// number of threads, it goes on bit by bit as if it had never stopped. When the loss explodes or
/// is no number any more, it goes back to the last checkpoint and on with half the learning rate;
/// after `roll_backs_allowed` of them in one place it gives up. Every rank calls it with the same
/// settings; rank 0 alone reads and writes the run folder, and decides. A run begun by some number
/// of ranks may go on with another one: a step stays the same pictures. Without `resume`,
/// checkpoints and log that are in the run folder already are removed. Throws std::runtime_error
/// with a sentence when something cannot be written or read; what is in the run folder stays
/// usable.
TrainingEnd train(Backend& backend, const PictureSource& source, const TrainingSettings& settings,
                  std::span<const float> start, bool resume, const TrainingHooks& hooks,
                  Ranks& ranks = no_other_ranks());

inline constexpr int roll_backs_allowed = 6;

}  // namespace florilegium
