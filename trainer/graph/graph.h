// The graph: tensors, the operators between them, and automatic differentiation.
//
// A Graph is a list of tensors and a list of nodes in the order in which they run. Differentiating
// it appends more nodes to the same list, so that one list is a whole training step, and a backend
// needs to know nothing about gradients. Shapes are fixed when the graph is built.
//
// Letters: N pictures, H and W pixels, C channels, T tokens, D width. Pictures are [N, H, W, C]
// (channels last), tokens [N, T, D]. What each operator computes stands in operators.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace florilegium {

enum class Type : std::uint8_t { f32, bf16 };
inline std::int64_t bytes_of(Type type) { return type == Type::f32 ? 4 : 2; }

using Shape = std::vector<std::int64_t>;
std::int64_t elements(const Shape& shape);
std::string text_of(const Shape& shape);  ///< "[8, 64, 64, 3]"

/// A tensor of a graph, by its place in the list.
struct Value {
  int index = -1;
  explicit operator bool() const { return index >= 0; }
  bool operator==(const Value&) const = default;
};

enum class Role : std::uint8_t { input, parameter, computed };

/// How a parameter starts: normal numbers of standard deviation gain / sqrt(fan_in), or all equal
/// to `constant` when gain is 0.
struct Initial {
  double gain = 0;
  std::int64_t fan_in = 1;
  double constant = 0;
};

struct Tensor {
  std::string name;
  Shape shape;
  Type type = Type::f32;
  Role role = Role::computed;
  Initial initial;  // parameters only
};

/// The numbers an operator may need beside its inputs; each uses those that operators.h names.
struct Attributes {
  int kernel = 0;         // side of a convolution kernel, odd
  int groups = 0;         // channel groups of a normalisation; number of noise features
  int heads = 0;          // attention heads
  int block = 0;          // side of the pixel blocks that move between space and depth
  bool activate = false;  // apply SiLU at the end
  Type type = Type::f32;  // target of a cast
};

struct Operator;

struct Node {
  const Operator* op = nullptr;
  std::vector<Value> in, out;
  Attributes attributes;
};

class Graph {
 public:
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;

  Value input(std::string name, Shape shape, Type type = Type::f32);
  Value parameter(std::string name, Shape shape, Initial initial);

  /// Appends a node and returns its outputs. Throws std::invalid_argument with a sentence when the
  /// shapes do not fit.
  std::vector<Value> add(const Operator& op, std::vector<Value> in, const Attributes& attributes = {});

  const Tensor& operator[](Value value) const { return tensors[static_cast<std::size_t>(value.index)]; }
  const Shape& shape(Value value) const { return (*this)[value].shape; }
  std::vector<Value> parameters() const;
  std::int64_t parameter_elements() const;

  /// Appends the nodes that compute d loss / d parameter (f32, same shape) for each parameter; loss
  /// has one element. `seed` is d loss / d loss, usually a constant input of 1. The result is in
  /// the order of `with_respect_to`; a value that the loss does not depend on gives a
  /// std::logic_error that names it.
  std::vector<Value> differentiate(Value loss, Value seed, std::span<const Value> with_respect_to);

  /// Removes the nodes that none of these values depends on, as differentiate() leaves some.
  void keep_only_nodes_for(std::span<const Value> needed);
};

}  // namespace florilegium
