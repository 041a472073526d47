// The samplers: how the network's answers become the prediction that a step blends in.
//
// They stand in one table (samplers.cpp), each with its name, what it does in a sentence, how often
// it asks in a step, and the function that takes an answer. The command line and its help, the
// page, model files and their check read the table: another sampler is another entry there, and its
// test.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/diffusion/kept.h"

namespace florilegium {

/// The step from noise level `level` down to `next`, as a sampler finds it.
struct SamplerStep {
  std::span<const float> x;    ///< the working picture, at `level`
  float level, next;           ///< of the step a = next / level of x stays
  float strength;              ///< how far an extrapolating sampler runs ahead
  int answers;                 ///< how many the network has given in this step before
  std::vector<float>& probe;   ///< the picture at noise level `next` that is asked for another answer
  std::vector<float>& memory;  ///< is left as it is from answer to answer; empty before the first of all
  std::span<Kept> prediction;  ///< what the step blends in
};

struct SamplerEntry {
  std::string_view name;     ///< "plain"
  std::string_view meaning;  ///< for people, in one sentence
  int answers;               ///< the network gives at most so many in a step
  /// Takes an answer. True: step.prediction is there; false: step.probe is to be asked as well.
  bool (*take)(const SamplerStep& step, std::span<const float> answer);
};

/// All samplers; the first is the one of the ten lines.
std::span<const SamplerEntry> samplers();

/// One of them.
class Sampler {
 public:
  static const Sampler plain;  ///< the first: each prediction as it is

  constexpr explicit Sampler(int index) : index_(index) {}
  const SamplerEntry& entry() const { return samplers()[static_cast<std::size_t>(index_)]; }
  bool operator==(const Sampler&) const = default;

 private:
  int index_;  // in the table
};
inline constexpr Sampler Sampler::plain{0};

/// The one of this name. Throws std::invalid_argument with a sentence when there is none.
Sampler sampler(std::string_view name);
inline std::string_view name_of(Sampler sampler) { return sampler.entry().name; }

/// "plain, extrapolated or heun", each name between `quote`.
std::string sampler_list(std::string_view quote = "");

}  // namespace florilegium
