// Checkpoints: everything a training run needs to go on as if it had never stopped, in one file
// that is whole or not there.
//
// Everything random in training is a function of the seed and a counter, so the state is four flat
// arrays and a few numbers. The file: "FLORCKP1", the length of a JSON text, the text, the arrays
// as f32 (parameters, moving average, first and second moment), and a CRC-32 of all before it.
// Little-endian.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace florilegium {

struct Checkpoint {
  std::int64_t step = 0;
  std::string notes;                        ///< JSON of everything but the arrays (run_state.h)
  std::array<std::vector<float>, 4> state;  ///< indexed by State (trainer/backend/backend.h)
};

/// Writes folder/step-000000123.ckpt durably and then removes all but the newest `keep`, and
/// what a killed program has left half-written.
/// Throws std::runtime_error with a sentence when it cannot be written; older checkpoints are then
/// untouched.
void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int keep);

/// Throws std::runtime_error with a sentence when the file is missing, cut short or damaged.
Checkpoint read_checkpoint(const std::filesystem::path& file);

/// The newest checkpoint that is whole, of those before step `before`; each damaged one is passed
/// over after a call of `report` with a sentence. Empty when there is none.
std::optional<Checkpoint> newest_checkpoint(const std::filesystem::path& folder,
                                            const std::function<void(const std::string&)>& report,
                                            std::int64_t before = std::numeric_limits<std::int64_t>::max());

/// The steps of the checkpoints in a folder, whole or not, newest first.
std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& folder);

/// Removes the checkpoints of later steps: damaged ones that were passed over, or those of a
/// stretch that went wrong.
void remove_checkpoints_after(const std::filesystem::path& folder, std::int64_t step);

}  // namespace florilegium
