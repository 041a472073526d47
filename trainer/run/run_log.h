// The log of a run, log.jsonl: one JSON object for each report, appended while training, read again
// for plots and when resuming.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trainer/learn/evaluation.h"

namespace florilegium {

inline constexpr std::size_t noise_bands = 4;  ///< of noise levels, a quarter each

/// Training was put back to an earlier checkpoint because it had gone wrong.
struct RollBack {
  std::int64_t from_step = 0, to_step = 0;
  std::string reason;
  double learning_rate_factor = 1;  ///< from then on
};

struct LogEntry {
  std::int64_t step = 0, samples = 0;  ///< samples: pictures seen, those of the weights given at the start included
  double loss = 0, gradient_norm = 0;  ///< means since the last report
  std::optional<double> discriminator_loss;  ///< likewise, where there is one; see StepResult
  double learning_rate = 0;
  std::array<std::optional<double>, noise_bands>
      loss_by_band;                  ///< unweighted mean squared errors since the last report
  std::int64_t skipped_steps = 0;    ///< since the last report: those whose gradients were not finite
  std::vector<RollBack> roll_backs;  ///< since the last report
  std::optional<Evaluation> evaluation;
  double samples_per_second = 0;  ///< while training, without the time for evaluation, samples and checkpoints
  double seconds = 0;             ///< since the run began, all included, pauses between resumptions not
};

class RunLog {
 public:
  /// Opens the log and keeps its lines up to `last_step`: a resumed run writes the later ones
  /// again. Throws std::runtime_error with a sentence when it cannot be read or written.
  RunLog(std::filesystem::path file, std::int64_t last_step);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  /// Appends a line, or throws std::runtime_error with a sentence; then the log is as it was
  /// before.
  void append(const LogEntry& entry);

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

/// All entries of a log in order; lines that are damaged are left out. Empty when there is no such
/// file.
std::vector<LogEntry> read_log(const std::filesystem::path& file);

/// JSON of roll-backs, for checkpoints.
std::string to_json(const std::vector<RollBack>& roll_backs);
std::vector<RollBack> roll_backs_from_json(const std::string& text);

}  // namespace florilegium
