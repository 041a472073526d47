// What happens to all parameters at once: copies in the types that the step computes in, and the
// update by the optimiser.
#pragma once

#include <span>
#include <vector>

#include "trainer/backend/backend.h"
#include "trainer/backend/cuda/device.h"

namespace florilegium::cuda {

/// One parameter's copy in another type or at another place.
struct ParameterCopy {
  const float* from;
  void* to;
  std::int64_t count;
  Type type;
};

/// Makes all copies with one kernel.
class ParameterCopies {
 public:
  ParameterCopies() = default;
  ParameterCopies(std::span<const ParameterCopy> copies, Stream stream);
  void run(Stream stream) const;

 private:
  Memory pieces_;
  std::uint32_t count_ = 0;
};

/// A parameter's numbers in the flat arrays, and whether its weights decay.
struct ParameterRange {
  std::int64_t count;
  bool decays;
};

/// AdamW with clipping by the global norm and the moving average of the weights, all on the device.
class Optimiser {
 public:
  Optimiser() = default;
  /// ranges: of the parameters in turn, from the first number of the arrays to the last.
  Optimiser(std::span<const ParameterRange> ranges, Stream stream);
  /// Returns the gradients' norm before clipping. Where that is not finite the kernel leaves all
  /// four arrays as they are.
  double step(const OptimiserStep& step, const float* gradient, float* parameters, float* ema, float* first_moment,
              float* second_moment, Stream stream) const;

 private:
  Memory pieces_, partial_, norm_;
  std::uint32_t count_ = 0;
};

}  // namespace florilegium::cuda
