// Noising: how clean pictures become training examples. How much noise each one gets, the noise
// itself, and the loss weight.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/diffusion/noise.h"

namespace florilegium {

/// Noise levels for training: 1 - level is logit-normal (Esser et al. 2024; mean and deviation of
/// Li & He 2025), and a share of the examples lies evenly in [extreme_from, 1], so that pure noise,
/// where every picture begins, is seen too.
struct LevelDistribution {
  double mean = -0.8, deviation = 0.8;
  double extreme_share = 0.08, extreme_from = 0.85;
  double lowest = 0, highest = 1;  ///< the logit-normal part is cut off outside of these
};

/// One level in (0, 1] for each of `count` examples of step `step`, stratified: the distribution is
/// cut into `count` equal parts and each example gets its level from one of them, which evens out
/// the loss from step to step.
std::vector<float> training_levels(const LevelDistribution& distribution, std::uint64_t seed, std::uint64_t step,
                                   int count);

/// Weight of an example's mean squared error: 1 / max(level, 0.05)^2, the velocity loss on a
/// clean-picture prediction (Li & He 2025, "Back to basics: let denoising generative models
/// denoise", section 4).
float loss_weight(float level);

/// out = (1 - level) * picture + level * noise_scale * noise, with the noise of example `index`.
/// The same (seed, index) gives the same noise; it is made for speed and is not the noise that
/// fill_noise (src/diffusion) makes.
void add_training_noise(std::span<const float> picture, float level, NoiseKind kind, float noise_scale,
                        std::uint64_t seed, std::uint64_t index, std::span<float> out);

/// The value below which a share `probability` in (0, 1) of a standard normal lies, within 2e-9
/// (Acklam's rational approximation).
double normal_quantile(double probability);

}  // namespace florilegium
