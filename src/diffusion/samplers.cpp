#include "src/diffusion/samplers.h"

#include <stdexcept>

namespace florilegium {
namespace {

void keep_all(std::span<Kept> prediction, std::span<const float> answer) {
  for (std::size_t i = 0; i < answer.size(); ++i) prediction[i] = keep(answer[i]);
}

// The prediction is the answer.
bool take_plain(const SamplerStep& step, std::span<const float> answer) {
  keep_all(step.prediction, answer);
  return true;
}

// previous + strength * (answer - previous), in one pass over the memory; the first answer is its
// own previous one.
bool take_extrapolated(const SamplerStep& step, std::span<const float> answer) {
  if (step.memory.empty()) step.memory.assign(answer.begin(), answer.end());
  float* const memory = step.memory.data();
  Kept* const prediction = step.prediction.data();
  const float strength = step.strength;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const float previous = memory[i];
    memory[i] = answer[i];
    prediction[i] = keep(previous + strength * (answer[i] - previous));
  }
  return true;
}

// The average of the slopes at both ends of the step: Heun's method (Karras et al. 2022,
// algorithm 1). The last step ends where there is no slope, so it is a plain one.
bool take_heun(const SamplerStep& step, std::span<const float> answer) {
  const std::span<const float> x = step.x;
  if (step.answers == 0) {
    if (step.next <= 0) return take_plain(step, answer);
    const float a = step.next / step.level;
    step.memory.assign(answer.begin(), answer.end());
    step.probe.assign(x.begin(), x.end());
    float* const probe = step.probe.data();
    for (std::size_t i = 0; i < x.size(); ++i) probe[i] = a * x[i] + (1.0f - a) * answer[i];
    return false;
  }
  // The slope at noise level l is (x - denoised) / l. Going (next - level) along the mean of both
  // slopes equals blending in:
  const float *const near = step.memory.data(), *const probe = step.probe.data();
  Kept* const prediction = step.prediction.data();
  const float level = step.level, next = step.next;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float near_slope = (x[i] - near[i]) / level, far_slope = (probe[i] - answer[i]) / next;
    prediction[i] = keep(x[i] - level * 0.5f * (near_slope + far_slope));
  }
  return true;
}

constexpr SamplerEntry table[] = {
    {"plain", "Blends in each prediction as it is.", 1, take_plain},
    {"extrapolated", "Runs ahead of where the predictions are moving.", 1, take_extrapolated},
    {"heun", "Looks from both ends of each step: two looks, twice the time.", 2, take_heun},
};

}  // namespace

std::span<const SamplerEntry> samplers() { return table; }

Sampler sampler(std::string_view name) {
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (table[i].name == name) return Sampler(static_cast<int>(i));
  throw std::invalid_argument("There is no sampler called '" + std::string(name) + "'; use " + sampler_list("'") + ".");
}

std::string sampler_list(std::string_view quote) {
  std::string list;
  for (std::size_t i = 0; i < std::size(table); ++i) {
    if (i > 0) list += i + 1 < std::size(table) ? ", " : " or ";
    list.append(quote).append(table[i].name).append(quote);
  }
  return list;
}

}  // namespace florilegium
