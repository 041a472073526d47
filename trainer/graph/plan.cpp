#include "trainer/graph/plan.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "trainer/graph/operators.h"

namespace florilegium {
namespace {

struct Block {
  std::int64_t bytes = 0;
  int first = 0, last = -1;  // nodes between which it is alive
  bool fixed = false;        // laid out by hand
  std::int64_t offset = Plan::unused;
};

std::int64_t aligned(std::int64_t bytes) { return (bytes + Plan::alignment - 1) / Plan::alignment * Plan::alignment; }

}  // namespace

PlannedGraph plan_memory(const Graph& graph, const PlanRequest& request) {
  const int nodes = static_cast<int>(graph.nodes.size());
  const auto at = [](auto& list, Value value) -> decltype(auto) { return list[static_cast<std::size_t>(value.index)]; };

  std::vector<int> last_use(graph.tensors.size(), -1);
  for (int n = 0; n < nodes; ++n) {
    const Node& node = graph.nodes[static_cast<std::size_t>(n)];
    for (const Value value : node.in)
      if (value) at(last_use, value) = n;
    for (const Value value : node.out) at(last_use, value) = std::max(at(last_use, value), n);
  }
  for (const Value value : request.keep) at(last_use, value) = nodes;

  // Tensors that share memory by construction form one block.
  std::vector<int> block_of(graph.tensors.size(), -1);
  std::vector<Block> blocks;
  const auto new_block = [&](Value value, int first, bool fixed) {
    const Tensor& tensor = graph[value];
    at(block_of, value) = static_cast<int>(blocks.size());
    blocks.push_back({aligned(elements(tensor.shape) * bytes_of(tensor.type)), first,
                      std::max(first, at(last_use, value)), fixed, Plan::unused});
  };
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role == Role::computed) continue;
    at(last_use, Value{static_cast<int>(i)}) = nodes;
    new_block({static_cast<int>(i)}, 0, tensor.role == Role::parameter);
  }
  std::vector<bool> is_gradient(graph.tensors.size(), false);
  for (const Value value : request.gradients) {
    if (graph[value].role != Role::computed || graph[value].type != Type::f32)
      throw std::logic_error("A gradient is a computed value in f32.");
    at(is_gradient, value) = true;
    at(last_use, value) = nodes;
    new_block(value, 0, true);
  }
  for (int n = 0; n < nodes; ++n) {
    const Node& node = graph.nodes[static_cast<std::size_t>(n)];
    for (std::size_t o = 0; o < node.out.size(); ++o) {
      const Value value = node.out[o];
      if (at(is_gradient, value)) continue;
      if (o == 0 && (node.op->view || node.op->in_place)) {
        const Value source = node.in[0];
        Block& block = blocks[static_cast<std::size_t>(at(block_of, source))];
        const std::int64_t bytes = aligned(elements(graph.shape(value)) * bytes_of(graph[value].type));
        const bool dies_here = graph[source].role == Role::computed && block.last <= n && !block.fixed &&
                               block.bytes == bytes && std::count(node.in.begin(), node.in.end(), source) == 1;
        if (node.op->view || dies_here) {
          at(block_of, value) = at(block_of, source);
          block.last = std::max(block.last, at(last_use, value));
          continue;
        }
      }
      new_block(value, n, false);
    }
  }

  PlannedGraph plan;
  const auto lay_flat = [&](std::span<const Value> values) {
    const std::int64_t begin = plan.bytes;
    for (const Value value : values) {
      blocks[static_cast<std::size_t>(at(block_of, value))].offset = plan.bytes;
      plan.bytes += elements(graph.shape(value)) * 4;
    }
    plan.bytes = aligned(plan.bytes);
    return begin;
  };
  plan.parameter_elements = graph.parameter_elements();
  plan.parameter_offset = lay_flat(graph.parameters());
  plan.gradient_offset = lay_flat(request.gradients);

  // The rest: largest first, each at the lowest place that is free for as long as it lives.
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });
  const std::int64_t base = plan.bytes;
  std::vector<std::size_t> placed;  // sorted by offset
  for (const std::size_t index : order) {
    Block& block = blocks[index];
    if (block.fixed) continue;
    std::int64_t offset = base;
    for (const std::size_t other_index : placed) {
      const Block& other = blocks[other_index];
      if (other.last < block.first || block.last < other.first) continue;
      if (offset + block.bytes <= other.offset) break;
      offset = std::max(offset, other.offset + other.bytes);
    }
    block.offset = offset;
    plan.bytes = std::max(plan.bytes, offset + block.bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), index,
                                   [&](std::size_t a, std::size_t b) { return blocks[a].offset < blocks[b].offset; }),
                  index);
  }

  plan.offset.assign(graph.tensors.size(), Plan::unused);
  for (std::size_t i = 0; i < graph.tensors.size(); ++i)
    if (block_of[i] >= 0) plan.offset[i] = blocks[static_cast<std::size_t>(block_of[i])].offset;
  return plan;
}

/// Gradients are computed from the network's end to its start, so the stretches are cut from the
/// end.
std::vector<Stretch> gradient_stretches(const Graph& graph, std::span<const Value> gradients) {
  std::vector<std::size_t> made_by(graph.tensors.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n)
    for (const Value value : graph.nodes[n].out) made_by[static_cast<std::size_t>(value.index)] = n;
  std::int64_t total = 0;
  for (const Value value : gradients) total += elements(graph.shape(value));
  const std::int64_t least = std::max<std::int64_t>(1 << 12, total / 16);
  std::vector<Stretch> stretches;
  Stretch stretch{total, 0, 0};
  for (std::size_t i = gradients.size(); i-- > 0;) {
    const std::int64_t size = elements(graph.shape(gradients[i]));
    stretch.begin -= size;
    stretch.size += size;
    stretch.node = std::max(stretch.node, made_by[static_cast<std::size_t>(gradients[i].index)]);
    if (stretch.size < least && i > 0) continue;
    stretches.push_back(stretch);
    stretch = {stretch.begin, 0, stretch.node};  // later ones wait for earlier ones
  }
  return stretches;
}

}  // namespace florilegium
