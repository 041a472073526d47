// Denoising in a loop: the whole idea of a bare-bones diffusion model. How a step may do better
// than the ten lines is in samplers.h.
//
//   x = pure noise                         # noise level nl = 1
//   for each step:  nl -> nl_next
//       denoised = network(x, nl)          # "the average of all pictures that could have become x"
//       a = nl_next / nl
//       x = a * x + (1 - a) * denoised     # blend in a bit of the prediction
//   x is the picture                       # nl = 0
//
// Denoising holds x and does one such step each time it is given what the network says; it never
// calls the network itself, because in a browser the answer arrives later. generate() below is the
// loop around it where the answer comes at once.
//
// Predictions are kept as 16-bit fixed point, and the step blends in the kept value (kept.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/diffusion/kept.h"
#include "src/diffusion/noise.h"
#include "src/diffusion/samplers.h"

namespace florilegium {

/// x = a * x + (1 - a) * denoised, for every value of the picture. The only place where x changes.
void blend(std::span<float> x, std::span<const Kept> denoised, float a);

/// How far the extrapolating sampler runs ahead.
constexpr float usual_strength = 1.5f;

class Denoising {
 public:
  /// x: the working picture at noise level levels[first_step], any layout. levels: as
  /// Schedule::noise_levels gives them. strength: as in SamplerStep. Throws
  /// std::invalid_argument when first_step is not a step of levels.
  Denoising(std::vector<float> x, std::vector<float> levels, Sampler sampler, int first_step = 0,
            float strength = usual_strength);

  bool done() const { return step_ == steps(); }
  int step() const { return step_; }  ///< steps finished, counted from level 1
  int steps() const { return static_cast<int>(levels_.size()) - 1; }

  /// What the network is to be asked next: a picture and its noise level. Valid until the next call
  /// of accept().
  std::span<const float> input() const {
    return answers_ > 0 ? std::span<const float>(probe_) : std::span<const float>(x_);
  }
  float input_noise_level() const { return levels_[static_cast<std::size_t>(answers_ > 0 ? step_ + 1 : step_)]; }

  /// Takes the network's answer to input(). True when that finished a step (some samplers ask
  /// twice). Throws std::invalid_argument when the answer has another size or is not finite, and
  /// std::logic_error when already done; x is then as before.
  bool accept(std::span<const float> answer);

  std::span<const float> working() const { return x_; }           ///< the picture so far
  std::span<const Kept> prediction() const { return denoised_; }  ///< what the last finished step blended in
  std::span<const float> levels() const { return levels_; }

 private:
  std::vector<float> x_, levels_, probe_, memory_;  // the last two: as in SamplerStep
  std::vector<Kept> denoised_;
  Sampler sampler_;
  float strength_;
  int step_, answers_ = 0;  // answers: taken in the step that is not finished yet
};

/// Pure noise to start from: noise_scale * noise of variance 1.
std::vector<float> pure_noise(NoiseKind kind, float noise_scale, std::uint64_t seed, std::size_t size,
                              std::uint32_t stream = 0);

/// Flips the coins again: picture mixed with fresh noise, (1 - noise_level) * picture + noise_level
/// * noise_scale * noise. This is also how training pictures are made noisy.
std::vector<float> with_noise(std::span<const float> picture, float noise_level, NoiseKind kind, float noise_scale,
                              std::uint64_t seed, std::uint32_t stream);

/// Runs denoising to its end. network(input, noise_level) returns the answer as something a span of
/// floats can be made of; on_step(denoising) is called after each step.
template <class Network, class OnStep>
void generate(Denoising& denoising, Network&& network, OnStep&& on_step) {
  while (!denoising.done()) {
    if (denoising.accept(network(denoising.input(), denoising.input_noise_level()))) on_step(denoising);
  }
}

}  // namespace florilegium
