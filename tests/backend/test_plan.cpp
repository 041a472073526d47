// Memory planning: on random graphs and on the real networks, no step overwrites what a later one
// still reads.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "src/diffusion/noise.h"
#include "trainer/graph/operators.h"
#include "trainer/graph/plan.h"
#include "trainer/network/denoiser.h"

namespace florilegium {
namespace {

/// Who wrote each byte last: stretches of memory with an owner.
class Owners {
 public:
  void write(std::int64_t begin, std::int64_t end, int owner) {
    split(begin);
    split(end);
    owner_from_.erase(owner_from_.lower_bound(begin), owner_from_.lower_bound(end));
    owner_from_[begin] = owner;
  }
  bool all_of(std::int64_t begin, std::int64_t end, int owner) {
    split(begin);
    split(end);
    for (auto it = owner_from_.lower_bound(begin); it != owner_from_.end() && it->first < end; ++it)
      if (it->second != owner) return false;
    return true;
  }

 private:
  void split(std::int64_t at) { owner_from_.emplace(at, std::prev(owner_from_.upper_bound(at))->second); }
  std::map<std::int64_t, int> owner_from_{{-1, -1}};  // from here to the next entry
};

/// Plays the graph on a map of its memory and counts what goes wrong.
struct Played {
  int overwritten = 0;  // inputs, or values to be kept, that were not there any more
  int clashes = 0;      // outputs of a node on its own inputs or on each other
};

Played play(const Graph& graph, const PlannedGraph& plan, std::span<const Value> keep) {
  Played result;
  Owners owners;
  std::vector<int> name(graph.tensors.size());  // a view has its source's name: both may be read
  const auto index = [](Value value) { return static_cast<std::size_t>(value.index); };
  const auto begin = [&](Value value) { return plan.offset[index(value)]; };
  const auto end = [&](Value value) {
    return begin(value) + elements(graph.shape(value)) * bytes_of(graph[value].type);
  };
  const auto present = [&](Value value) { return owners.all_of(begin(value), end(value), name[index(value)]); };
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const Value value{static_cast<int>(i)};
    name[i] = value.index;
    if (graph.tensors[i].role != Role::computed) owners.write(begin(value), end(value), value.index);
  }
  for (const Node& node : graph.nodes) {
    for (const Value value : node.in) result.overwritten += value && !present(value);
    for (std::size_t o = 0; o < node.out.size(); ++o) {
      const Value out = node.out[o];
      const bool same_place = o == 0 && begin(out) == begin(node.in[0]);
      for (std::size_t i = 0; i < node.in.size(); ++i) {
        if (!node.in[i] || (same_place && i == 0 && (node.op->view || node.op->in_place))) continue;
        result.clashes += begin(out) < end(node.in[i]) && begin(node.in[i]) < end(out);
      }
      for (std::size_t other = 0; other < o; ++other)
        result.clashes += begin(out) < end(node.out[other]) && begin(node.out[other]) < end(out);
      if (same_place && node.op->view) name[index(out)] = name[index(node.in[0])];
      else owners.write(begin(out), end(out), out.index);
    }
  }
  for (const Value value : keep) result.overwritten += !present(value);
  for (std::size_t i = 0; i < graph.tensors.size(); ++i)
    if (graph.tensors[i].role != Role::computed) result.overwritten += !present({static_cast<int>(i)});
  return result;
}

void check_plan(Graph graph, Value output, std::vector<Value> keep) {
  const Value target = graph.input("target", graph.shape(output)),
              weight = graph.input("weight", {graph.shape(output)[0]}), seed = graph.input("seed", {1});
  const Loss loss = weighted_squared_error(graph, output, target, weight);
  const std::vector<Value> parameters = graph.parameters();
  const std::vector<Value> gradients = graph.differentiate(loss.loss, seed, parameters);
  keep.push_back(loss.loss);
  const PlannedGraph plan = plan_memory(graph, {keep, gradients});

  std::int64_t parameter = plan.parameter_offset, gradient = plan.gradient_offset, largest = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    CHECK(plan.offset[static_cast<std::size_t>(parameters[i].index)] == parameter);
    CHECK(plan.offset[static_cast<std::size_t>(gradients[i].index)] == gradient);
    parameter += elements(graph.shape(parameters[i])) * 4;
    gradient += elements(graph.shape(gradients[i])) * 4;
  }
  CHECK((parameter - plan.parameter_offset) / 4 == plan.parameter_elements);
  const std::set<int> flat = [&] {
    std::set<int> found;
    for (const Value value : parameters) found.insert(value.index);
    for (const Value value : gradients) found.insert(value.index);
    return found;
  }();
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (plan.offset[i] == Plan::unused) continue;
    if (!flat.contains(static_cast<int>(i))) CHECK(plan.offset[i] % Plan::alignment == 0);
    largest = std::max(largest, plan.offset[i] + elements(graph.tensors[i].shape) * bytes_of(graph.tensors[i].type));
  }
  CHECK(largest <= plan.bytes);

  keep.insert(keep.end(), gradients.begin(), gradients.end());
  const Played played = play(graph, plan, keep);
  CHECK(played.overwritten == 0);
  CHECK(played.clashes == 0);
}

/// A random chain of operators over pictures [2, 8, 8, C] with side paths; every value may be used
/// again later.
struct RandomGraph {
  Graph graph;
  std::uint64_t seed;
  std::uint64_t drawn = 0;

  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform_number(seed, 77, drawn++) * static_cast<double>(count));
  }
  Value parameter(Shape shape) {
    return graph.parameter("p" + std::to_string(graph.tensors.size()), std::move(shape), {.gain = 1});
  }

  Value grow(std::size_t operators) {
    const Type type = below(2) ? Type::bf16 : Type::f32;
    std::vector<Value> pictures{cast(graph, parameter({2, 8, 8, 16}), type)};
    for (std::size_t i = 0; i < operators; ++i) {
      const Value x = pictures[below(3) ? pictures.size() - 1 : below(pictures.size())];
      const std::int64_t c = graph.shape(x)[3];
      switch (below(9)) {
        case 0: pictures.push_back(silu(graph, x)); break;
        case 1: {
          const Value weight = parameter({32, 3, 3, c});
          pictures.push_back(conv2d(graph, x, weight, parameter({32})));
          break;
        }
        case 2: {
          const Value weight = parameter({16, c});
          pictures.push_back(linear(graph, x, weight, parameter({16})));
          break;
        }
        case 3: pictures.push_back(group_norm(graph, x, parameter({2, 2 * c}), 2, true)); break;
        case 4:
          pictures.push_back(to_grid(graph, layer_norm(graph, to_tokens(graph, x), parameter({2, 2 * c}))));
          break;
        case 5: {
          const Value y = pictures[below(pictures.size())];
          if (graph.shape(y) == graph.shape(x)) pictures.push_back(add(graph, x, y));
          break;
        }
        case 6: {
          const Value y = pictures[below(pictures.size())];
          if (c + graph.shape(y)[3] <= 64) pictures.push_back(concat(graph, x, y));
          break;
        }
        case 7:
          pictures.push_back(to_grid(graph, add_positions(graph, to_tokens(graph, x), parameter({64, c}))));
          break;
        default: pictures.push_back(depth_to_space(graph, space_to_depth(graph, x, 2), 2)); break;
      }
    }
    Value sum = pictures.back();  // everything is to matter
    for (std::size_t i = 0; i + 1 < pictures.size(); ++i) sum = concat(graph, sum, pictures[i]);
    return cast(graph, sum, Type::f32);
  }
};

}  // namespace

TEST_SUITE("plan") {
  TEST_CASE("random graphs") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      CAPTURE(seed);
      RandomGraph random{{}, seed};
      const Value output = random.grow(3 + seed / 3);
      std::vector<Value> keep;
      for (std::size_t i = 0; i < random.graph.tensors.size(); ++i)
        if (random.graph.tensors[i].role == Role::computed && random.below(6) == 0)
          keep.push_back({static_cast<int>(i)});
      check_plan(random.graph, output, keep);
    }
  }

  TEST_CASE("the networks") {
    for (const std::string& config : network_config_names())
      for (const Type type : {Type::f32, Type::bf16}) {
        CAPTURE(config);
        Graph graph;
        const Denoiser network = build_denoiser(graph, network_config(config), 2, type);
        check_plan(graph, network.denoised, {network.denoised});
      }
  }

  TEST_CASE("the checker sees an overwritten value") {
    Graph graph;
    const Value x = graph.input("x", {4, 16});
    const Value a = silu(graph, x), b = silu(graph, x), sum = add(graph, a, b);
    PlannedGraph plan = plan_memory(graph, {std::vector<Value>{sum}, {}});
    CHECK(play(graph, plan, std::vector<Value>{sum}).overwritten == 0);
    plan.offset[static_cast<std::size_t>(b.index)] = plan.offset[static_cast<std::size_t>(a.index)];
    CHECK(play(graph, plan, std::vector<Value>{sum}).overwritten == 1);
    plan.offset[static_cast<std::size_t>(b.index)] = plan.offset[static_cast<std::size_t>(x.index)];
    CHECK(play(graph, plan, std::vector<Value>{sum}).overwritten == 1);
  }
}

}  // namespace florilegium
