// Evaluation: how well the network denoises pictures that it was never shown, and pictures that it
// was, at a few noise levels.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "trainer/data/source.h"
#include "trainer/learn/settings.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {

/// The noise levels at which the held-out loss is measured; held_out_loss is the mean over them.
/// Of a rung of a ladder: levels where it is asked.
using EvaluationLevels = std::array<float, 4>;
inline EvaluationLevels evaluation_levels(const std::string& part) {
  if (part == "coarse") return {0.6f, 0.75f, 0.85f, 0.97f};
  if (part == "fine" || part == "sharp") return {0.1f, 0.3f, 0.45f, 0.6f};
  return {0.3f, 0.6f, 0.85f, 0.97f};
}
using LossByLevel = std::array<double, std::tuple_size_v<EvaluationLevels>>;

struct Evaluation {
  LossByLevel held_out{};  ///< mean squared errors
  LossByLevel
      trained{};  ///< the same on as many training pictures, unaugmented; a gap between the two comes before copying

  double held_out_loss() const;
  double trained_loss() const;
};

/// Over settings.held_out_pictures pictures of both kinds, evenly spread over each (books lie in a
/// row), and the same noise every time, without hints. source must have held-out pictures.
Evaluation evaluate(ForwardModel& model, const PictureSource& source, const TrainingSettings& settings);

}  // namespace florilegium
