#include "trainer/graph/graph.h"

#include <algorithm>

#include <stdexcept>

#include "trainer/graph/operators.h"

namespace florilegium {

std::int64_t elements(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t side : shape) product *= side;
  return product;
}

std::string text_of(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

Value Graph::input(std::string name, Shape shape, Type type) {
  tensors.push_back({std::move(name), std::move(shape), type, Role::input, {}});
  return {static_cast<int>(tensors.size()) - 1};
}

Value Graph::parameter(std::string name, Shape shape, Initial initial) {
  for (const Tensor& tensor : tensors)
    if (tensor.role == Role::parameter && tensor.name == name)
      throw std::logic_error("Two parameters are called '" + name + "'.");
  tensors.push_back({std::move(name), std::move(shape), Type::f32, Role::parameter, initial});
  return {static_cast<int>(tensors.size()) - 1};
}

std::vector<Value> Graph::add(const Operator& op, std::vector<Value> in, const Attributes& attributes) {
  std::vector<Tensor> results;
  try {
    std::vector<Tensor> given;
    for (const Value value : in) given.push_back(value ? (*this)[value] : Tensor{});
    results = op.infer(given, attributes);
  } catch (const std::invalid_argument& problem) {
    std::string shapes;
    for (const Value value : in)
      shapes += (shapes.empty() ? "" : ", ") + (value ? text_of(shape(value)) : std::string("none"));
    throw std::invalid_argument(std::string(op.name) + " does not take " + shapes + ": " + problem.what());
  }
  Node node{&op, std::move(in), {}, attributes};
  for (Tensor& tensor : results) {
    tensor.name = std::string(op.name) + "." + std::to_string(tensors.size());
    tensor.role = Role::computed;
    node.out.push_back({static_cast<int>(tensors.size())});
    tensors.push_back(std::move(tensor));
  }
  nodes.push_back(std::move(node));
  return nodes.back().out;
}

std::vector<Value> Graph::parameters() const {
  std::vector<Value> found;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].role == Role::parameter) found.push_back({static_cast<int>(i)});
  return found;
}

std::int64_t Graph::parameter_elements() const {
  std::int64_t total = 0;
  for (const Value value : parameters()) total += elements(shape(value));
  return total;
}

std::vector<Value> Graph::differentiate(Value loss, Value seed, std::span<const Value> with_respect_to) {
  if (elements(shape(loss)) != 1)
    throw std::logic_error("Only a single number can be differentiated, not " + text_of(shape(loss)) + ".");

  // Only nodes that lie between a wanted value and the loss take part.
  std::vector<bool> wanted(tensors.size(), false);
  for (const Value value : with_respect_to) wanted[static_cast<std::size_t>(value.index)] = true;
  const std::size_t forward_nodes = nodes.size();
  for (std::size_t n = 0; n < forward_nodes; ++n) {
    bool depends = false;
    for (const Value value : nodes[n].in) depends |= value && wanted[static_cast<std::size_t>(value.index)];
    for (const Value value : nodes[n].out) wanted[static_cast<std::size_t>(value.index)] = depends;
  }

  std::vector<Value> gradient(tensors.size());
  gradient[static_cast<std::size_t>(loss.index)] = seed;
  for (std::size_t n = forward_nodes; n-- > 0;) {
    const Node node = nodes[n];  // a copy: add() may move the list
    std::vector<Value> d_out;
    bool reached = false;
    for (const Value value : node.out) {
      d_out.push_back(gradient[static_cast<std::size_t>(value.index)]);
      reached |= static_cast<bool>(d_out.back());
    }
    if (!reached || !wanted[static_cast<std::size_t>(node.out[0].index)]) continue;
    if (!node.op->gradient) throw std::logic_error(std::string(node.op->name) + " has no gradient.");
    const std::vector<Value> d_in = node.op->gradient(*this, node, d_out);
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (!d_in[i] || !node.in[i] || !wanted[static_cast<std::size_t>(node.in[i].index)]) continue;
      Value& sum = gradient[static_cast<std::size_t>(node.in[i].index)];
      sum = sum ? florilegium::add(*this, sum, d_in[i]) : d_in[i];
    }
  }

  std::vector<Value> result;
  for (const Value value : with_respect_to) {
    const Value found = gradient[static_cast<std::size_t>(value.index)];
    if (!found) throw std::logic_error("The loss does not depend on '" + (*this)[value].name + "'.");
    result.push_back(found);
  }
  return result;
}

void Graph::keep_only_nodes_for(std::span<const Value> needed) {
  std::vector<bool> wanted(tensors.size(), false);
  for (const Value value : needed) wanted[static_cast<std::size_t>(value.index)] = true;
  std::vector<Node> kept;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (std::none_of(node->out.begin(), node->out.end(),
                     [&](Value value) { return wanted[static_cast<std::size_t>(value.index)]; }))
      continue;
    for (const Value value : node->in)
      if (value) wanted[static_cast<std::size_t>(value.index)] = true;
    kept.push_back(*node);
  }
  nodes.assign(kept.rbegin(), kept.rend());
}

}  // namespace florilegium
