// What a CUDA kernel is: a function that, given one node and the memory of its tensors, returns the
// work to be put on the stream at every run. Work only puts things on the stream; it never waits,
// so that a whole step can be recorded.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "trainer/backend/cuda/device.h"
#include "trainer/graph/graph.h"
#include "trainer/graph/operators.h"

namespace florilegium::cuda {

using Work = std::function<void()>;
class Libraries;

struct Binding {
  const Graph& graph;
  const Node& node;
  std::vector<void*> in, out;  // absent inputs are null
  std::vector<const void*>
      weight;  // of dense operators: in[i] in the type the operator computes in, aligned to 256 bytes; else null
  Stream stream = nullptr;
  std::byte* scratch = nullptr;  // shared by all nodes: holds nothing from one to the next
  Libraries* libraries = nullptr;

  const Shape& in_shape(std::size_t i) const { return graph.shape(node.in[i]); }
  const Shape& out_shape(std::size_t i) const { return graph.shape(node.out[i]); }
  Type in_type(std::size_t i) const { return graph[node.in[i]].type; }
  Type out_type(std::size_t i) const { return graph[node.out[i]].type; }
};

/// Cuts pieces aligned to 256 bytes out of a stretch of memory; starting from null it only counts.
class Cut {
 public:
  explicit Cut(std::byte* memory) : memory_(memory) {}
  template <class T = std::byte>
  T* take(std::int64_t count) {
    std::byte* piece = memory_ ? memory_ + used_ : nullptr;
    used_ += (count * static_cast<std::int64_t>(sizeof(T)) + 255) / 256 * 256;
    return reinterpret_cast<T*>(piece);
  }
  std::int64_t used() const { return used_; }

 private:
  std::byte* memory_;
  std::int64_t used_ = 0;
};

struct Kernel {
  const char* op;
  Work (*make)(const Binding&);
  std::int64_t (*scratch)(const Binding&) =
      nullptr;  ///< bytes of scratch it needs (asked before there are pointers); null: none
};

std::span<const Kernel> dense_kernels();          // kernels_dense.cu: convolution, matrix products, attention
std::span<const Kernel> normalisation_kernels();  // kernels_normalisation.cu
std::span<const Kernel> pointwise_kernels();      // kernels_pointwise.cu: the rest

}  // namespace florilegium::cuda
