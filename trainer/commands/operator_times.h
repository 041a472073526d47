// How long each operator of a graph takes, each measured alone in a program of its own, on any
// backend.
#pragma once

#include <string>
#include <vector>

#include "trainer/backend/backend.h"

namespace florilegium {

struct OperatorTime {
  std::string name;
  int count = 0;            ///< nodes of this kind in the graph
  double milliseconds = 0;  ///< for all of them together, once
  double gflop = 0;  ///< likewise, of convolutions, matrix products and attention with their gradients; 0: not counted
};

/// One entry for each operator in the graph, slowest first. Nodes of the same shapes are measured
/// once, as the median of several runs. In the whole graph they may be a little slower, since there
/// the caches hold other things.
std::vector<OperatorTime> operator_times(Backend& backend, const Graph& graph);

}  // namespace florilegium
