// A ladder's run folder: a run folder for each part (training.h) within it, and what they make
// together.
//
//   ladder.json        how it was begun, for the parts that are still to come
//   coarse/, plan/, guide/, fine/, sharp/   a run of each part (rungs.h), trained one after the
//   other
//   model.onnx         all parts that there are, in one file
//   report.html        their reports
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "trainer/onnx/model_file.h"

namespace florilegium {

/// The usual number of steps and schedule of a ladder: most steps plan, the last few draw.
inline constexpr int ladder_steps = 23;
inline constexpr const char* ladder_schedule = "shifted:5";

/// One model of two single networks. hand_over: noise level above which the coarse one is asked; 0:
/// as it was trained for. Throws std::invalid_argument with a sentence when the two do not fit.
TrainedModel join_ladder(TrainedModel coarse, TrainedModel fine, double hand_over = 0);

/// Gives the coarsest network of a ladder a guide. Throws std::invalid_argument with a sentence
/// when it does not fit, or the model is no ladder.
void add_guide(TrainedModel& ladder, TrainedModel guide, double weight);

bool holds_ladder(const std::filesystem::path& folder);

/// The parts that a ladder's run folder holds so far, joined; the coarse one alone while there is
/// no other. Empty before the first checkpoint. Throws std::runtime_error or std::invalid_argument
/// with a sentence.
std::optional<TrainedModel> ladder_from_checkpoints(const std::filesystem::path& folder,
                                                    const std::function<void(const std::string&)>& report);

/// Writes model.onnx and report.html from the parts that are there.
void write_ladder(const std::filesystem::path& folder, const std::string& title,
                  const std::function<void(const std::string&)>& report);

}  // namespace florilegium
