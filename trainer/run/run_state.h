// The state of a run: all that it knows beside the weights, so that a resumed run goes on, and
// reports, as if never stopped.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "trainer/learn/loss_watch.h"
#include "trainer/learn/settings.h"
#include "trainer/learn/training_step.h"
#include "trainer/onnx/model_file.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/run_log.h"

namespace florilegium {

/// Sums since the last report.
struct Tally {
  double loss = 0, gradient_norm = 0;
  std::int64_t steps = 0, skipped = 0;
  std::array<double, noise_bands> squared_error{}, count{};
  double discriminator_loss = 0;

  void add(const StepResult& result);
};

struct RunState {
  std::int64_t step = 0;
  double seconds = 0;  ///< see LogEntry
  Tally tally;
  double held_out_loss = 0;  ///< as last measured; 0: never
  LossWatch watch;
  double learning_rate_factor = 1;  ///< halved by each roll-back
  int roll_backs_in_a_row = 0;      ///< without getting past trouble_step
  std::int64_t trouble_step = 0;
  std::vector<RollBack> roll_backs;  ///< since the last report
  std::string trained_on;            ///< name of the pictures' source
};

/// The state and the settings as a checkpoint's notes, and back. state_of throws std::runtime_error
/// with a sentence.
std::string checkpoint_notes(const RunState& state, const TrainingSettings& settings, const std::string& device);
RunState state_of(const Checkpoint& checkpoint);
TrainingSettings settings_of(const Checkpoint& checkpoint);

/// The model of a run in this state; `parameters` is the moving average of its weights,
/// the network's first (a discriminator's, if there are any, are left out).
TrainedModel model_of(const RunState& state, const TrainingSettings& settings, std::vector<float> parameters);

/// Whether there is a run in the folder.
bool holds_run(const std::filesystem::path& folder);

/// The settings of the run in a folder: its config.json, or what the newest checkpoint says when
/// that is damaged or missing. report: gets a sentence for each file that was passed over. Throws
/// std::runtime_error with a sentence when there is no run.
TrainingSettings run_settings(const std::filesystem::path& folder,
                              const std::function<void(const std::string&)>& report);

/// A run folder's newest whole checkpoint, or one checkpoint file. Throws std::runtime_error with a
/// sentence when there is none.
Checkpoint checkpoint_at(const std::filesystem::path& folder_or_file,
                         const std::function<void(const std::string&)>& report);

/// The parameters of the discriminator beside which the network was trained; empty: there was none.
std::vector<float> discriminator_of(const Checkpoint& checkpoint);

/// The model in a run folder's newest whole checkpoint, or in one checkpoint file. Throws
/// std::runtime_error with a sentence when there is none.
TrainedModel model_from_checkpoint(const std::filesystem::path& folder_or_file,
                                   const std::function<void(const std::string&)>& report);

}  // namespace florilegium
