// oneDNN behind one spelling: its versions 2 and 3 create primitives differently.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <utility>

#include "trainer/graph/graph.h"

namespace florilegium::cpu {

inline dnnl::engine& engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

inline dnnl::stream& stream() {
  static thread_local dnnl::stream in_order(engine());
  return in_order;
}

inline dnnl::memory::data_type onednn(Type type) {
  return type == Type::f32 ? dnnl::memory::data_type::f32 : dnnl::memory::data_type::bf16;
}

/// The primitive descriptor of `Primitive`: what follows are the arguments of its operation, and
/// for backward primitives `hint`, the descriptor of the forward one.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(Arguments&&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), std::forward<Arguments>(arguments)...);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(std::forward<Arguments>(arguments)...), engine());
#endif
}
template <class Primitive, class Hint, class... Arguments>
typename Primitive::primitive_desc describe_backward(const Hint& hint, Arguments&&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), std::forward<Arguments>(arguments)..., hint);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(std::forward<Arguments>(arguments)...), engine(),
                                            hint);
#endif
}

}  // namespace florilegium::cpu
