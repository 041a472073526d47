// Noise schedules: which noise levels the denoising visits on its way from pure noise (1) to the
// picture (0).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace florilegium {

/// linear: evenly spaced levels. shifted: the same levels moved toward high noise, nl' = shift nl /
/// (1 + (shift - 1) nl), because large pictures keep their composition visible under much more
/// noise than small ones (Esser et al. 2024, "Scaling rectified flow transformers", section 5.3.2).
/// Linear is shifted with shift 1.
struct Schedule {
  double shift = 1.0;

  /// "linear" or "shifted:S" with S > 0. Throws std::invalid_argument with a sentence for anything
  /// else.
  static Schedule parse(std::string_view text);
  std::string text() const;

  /// steps + 1 levels, strictly falling from 1 to 0; steps >= 1 (else std::invalid_argument).
  std::vector<float> noise_levels(int steps) const;

  /// The first step of these whose noise level is at most this one; at least one step is left.
  int first_step(int steps, float noise_level) const;
};

}  // namespace florilegium
