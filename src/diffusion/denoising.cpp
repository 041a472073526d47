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

Sampler sampler(std::string_view name) {
  for (const Sampler candidate : {Sampler::plain, Sampler::extrapolated, Sampler::heun})
    if (name == name_of(candidate)) return candidate;
  throw std::invalid_argument("There is no sampler called '" + std::string(name) +
                              "'; use 'plain', 'extrapolated' or 'heun'.");
}

std::string_view name_of(Sampler sampler) {
  switch (sampler) {
    case Sampler::plain: return "plain";
    case Sampler::extrapolated: return "extrapolated";
    default: return "heun";
  }
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
  const float a = next / level;

  if (sampler_ == Sampler::heun && !half_way_ && next > 0) {  // go to the far end of the step and ask again from there
    answer_.assign(answer.begin(), answer.end());
    probe_ = x_;
    for (std::size_t i = 0; i < x_.size(); ++i) probe_[i] = a * x_[i] + (1.0f - a) * answer[i];
    half_way_ = true;
    return false;
  }
  if (half_way_) {
    // The slope at noise level l is (x - denoised) / l. Going (next - level) along the mean of both
    // slopes equals blending in:
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const float near_slope = (x_[i] - answer_[i]) / level, far_slope = (probe_[i] - answer[i]) / next;
      denoised_[i] = keep(x_[i] - level * 0.5f * (near_slope + far_slope));
    }
    half_way_ = false;
  } else if (sampler_ ==
             Sampler::extrapolated) {  // in one pass over the memory; the first answer is its own previous one
    if (!has_previous_) answer_.assign(answer.begin(), answer.end());
    has_previous_ = true;
    const float strength = strength_;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const float previous = answer_[i];
      answer_[i] = answer[i];
      denoised_[i] = keep(previous + strength * (answer[i] - previous));
    }
  } else {
    for (std::size_t i = 0; i < x_.size(); ++i) denoised_[i] = keep(answer[i]);
  }
  blend(x_, denoised_, a);
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
