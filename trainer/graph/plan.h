// Memory planning: where each tensor of a graph lies, so that a step allocates nothing.
//
// Tensors that are never needed at the same time share memory. Views and operators that may work in
// place take over their first input's memory. Inputs, parameters and kept values keep a place of
// their own.
#pragma once

#include <span>
#include <vector>

#include "trainer/graph/graph.h"

namespace florilegium {

struct Plan {
  static constexpr std::int64_t alignment = 64;  // bytes
  static constexpr std::int64_t unused = -1;
  std::vector<std::int64_t>
      offset;  ///< in bytes from the start of the memory, one for each tensor; unused for those no node touches
  std::int64_t bytes = 0;  ///< size of the whole memory
};

/// Parameters lie one after the other from parameter_offset in the order of Graph::parameters(), as
/// a flat f32 array without gaps; so do the `gradients`, in their given order.
struct PlanRequest {
  std::span<const Value> keep;       ///< values that must survive to the end of the run
  std::span<const Value> gradients;  ///< computed values to be laid one after the other
};
struct PlannedGraph : Plan {
  std::int64_t parameter_offset = 0, gradient_offset = 0, parameter_elements = 0;
};
PlannedGraph plan_memory(const Graph& graph, const PlanRequest& request);

/// Some neighbours among the gradients, and the node after which nothing in them changes any more.
struct Stretch {
  std::int64_t begin = 0, size = 0;  ///< in numbers from the first gradient's first
  std::size_t node = 0;
};
/// All gradients in some sixteen stretches, for processes that exchange one while the next is
/// computed; in the order in which they are done, which is the same in all processes.
std::vector<Stretch> gradient_stretches(const Graph& graph, std::span<const Value> gradients);

}  // namespace florilegium
