// What a CPU kernel is: a function that, given one node and the memory of its tensors, returns the
// work to be done at every run.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "trainer/graph/graph.h"
#include "trainer/graph/operators.h"

namespace florilegium::cpu {

struct Binding {
  const Graph& graph;
  const Node& node;
  std::vector<void*> in, out;  // absent inputs are null

  const Shape& in_shape(std::size_t i) const { return graph.shape(node.in[i]); }
  const Shape& out_shape(std::size_t i) const { return graph.shape(node.out[i]); }
  Type in_type(std::size_t i) const { return graph[node.in[i]].type; }
  Type out_type(std::size_t i) const { return graph[node.out[i]].type; }
};

using Work = std::function<void()>;
struct Kernel {
  const char* op;
  Work (*make)(const Binding&);
};

std::span<const Kernel> dense_kernels();          // kernels_dense.cpp: convolution, matrix products, attention (oneDNN)
std::span<const Kernel> normalisation_kernels();  // kernels_normalisation.cpp
std::span<const Kernel> pointwise_kernels();      // kernels_pointwise.cpp: the rest

}  // namespace florilegium::cpu
