#include "src/diffusion/denoising.h"

#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace florilegium {

namespace {

/// Without a way out of the loop, so that it works on several values at a time.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t bad = 0;
  for (const float value : values) bad |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
  return bad == 0;
}

}  // namespace

void blend(std::span<float> x, std::span<const Kept> denoised, float a) {
  const float b = 1.0f - a;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = a * x[i] + b * unkept(denoised[i]);
}

Denoising::Denoising(std::vector<float> x, std::vector<float> levels, Sampler sampler, int first_step, float strength)
    : x_(std::move(x)),
      levels_(std::move(levels)),
      denoised_(x_.size()),
      sampler_(sampler),
      strength_(strength),
      step_(first_step) {
  if (levels_.size() < 2 || first_step < 0 || first_step > steps())
    throw std::invalid_argument("Denoising cannot start at step " + std::to_string(first_step) + " of " +
                                std::to_string(steps()) + ".");
}

bool Denoising::accept(std::span<const float> answer) {
  if (done()) throw std::logic_error("The picture is finished; there is no step left for this prediction.");
  if (answer.size() != x_.size())
    throw std::invalid_argument("The network answered with " + std::to_string(answer.size()) + " values instead of " +
                                std::to_string(x_.size()) + ".");
  if (!all_finite(answer))
    throw std::invalid_argument("The network's prediction at step " + std::to_string(step_) + " is not a number.");

  const float level = levels_[static_cast<std::size_t>(step_)], next = levels_[static_cast<std::size_t>(step_) + 1];
  if (!sampler_.entry().take({x_, level, next, strength_, answers_, probe_, memory_, denoised_}, answer)) {
    ++answers_;
    return false;
  }
  answers_ = 0;
  blend(x_, denoised_, next / level);
  ++step_;
  return true;
}

std::vector<float> pure_noise(NoiseKind kind, float noise_scale, std::uint64_t seed, std::size_t size,
                              std::uint32_t stream) {
  std::vector<float> noise(size);
  fill_noise(kind, seed, stream, 0, noise);
  for (float& value : noise) value *= noise_scale;
  return noise;
}

std::vector<float> with_noise(std::span<const float> picture, float noise_level, NoiseKind kind, float noise_scale,
                              std::uint64_t seed, std::uint32_t stream) {
  std::vector<float> mixed = pure_noise(kind, noise_scale, seed, picture.size(), stream);
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = (1.0f - noise_level) * picture[i] + noise_level * mixed[i];
  return mixed;
}

}  // namespace florilegium
