#include "trainer/commands/operator_times.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>

#include "src/diffusion/noise.h"
#include "trainer/graph/operators.h"

namespace florilegium {
namespace {

/// What decides how long a node takes.
std::string kind_of(const Graph& graph, const Node& node) {
  const Attributes& a = node.attributes;
  std::string key = node.op->name;
  for (const int number :
       {a.kernel, a.groups, a.heads, a.block, static_cast<int>(a.activate), static_cast<int>(a.type)})
    key += " " + std::to_string(number);
  for (const Value value : node.in) {
    if (!value) key += " -";
    else key += " " + text_of(graph.shape(value)) + (graph[value].type == Type::bf16 ? "bf16" : "f32");
  }
  return key;
}

/// The node alone in a graph, its inputs filled with noise.
double milliseconds_alone(Backend& backend, const Graph& graph, const Node& node) {
  Graph alone;
  std::vector<Value> in;
  std::map<int, Value> known;  // a value that is read twice is one value here, too
  for (const Value value : node.in) {
    if (!value) {
      in.push_back({});
      continue;
    }
    Value& copy = known[value.index];
    if (!copy) copy = alone.input("in" + std::to_string(value.index), graph.shape(value), graph[value].type);
    in.push_back(copy);
  }
  const auto out = alone.add(*node.op, in, node.attributes);
  const auto program = backend.compile(alone, out);
  for (const auto& [index, value] : known) {
    std::vector<float> numbers(static_cast<std::size_t>(elements(alone.shape(value))));
    fill_noise(NoiseKind::uniform, 1, static_cast<std::uint32_t>(index), 0, numbers);
    program->write(value, numbers);
  }
  program->run();
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    program->run();
    program->wait();
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + 2, times.end());
  return times[2];
}

/// Gradients do not count their arithmetic themselves: with respect to one input it is the
/// operator's own, with respect to all of them at once (attention) twice that.
void count_gradients(std::map<std::string, OperatorTime>& by_name) {
  for (auto& [name, time] : by_name) {
    for (const auto& [ending, factor] :
         {std::pair("_input_gradient", 1.0), std::pair("_weight_gradient", 1.0), std::pair("_gradient", 2.0)}) {
      if (!std::string_view(name).ends_with(ending)) continue;
      const auto forward = by_name.find(name.substr(0, name.size() - std::string_view(ending).size()));
      if (forward == by_name.end()) continue;
      time.gflop = factor * forward->second.gflop;
      break;
    }
  }
}

}  // namespace

std::vector<OperatorTime> operator_times(Backend& backend, const Graph& graph) {
  std::map<std::string, double> measured;
  std::map<std::string, OperatorTime> by_name;
  for (const Node& node : graph.nodes) {
    const auto [entry, is_new] = measured.try_emplace(kind_of(graph, node), 0.0);
    if (is_new) entry->second = milliseconds_alone(backend, graph, node);
    OperatorTime& sum = by_name[node.op->name];
    sum.name = node.op->name;
    sum.count += 1;
    sum.milliseconds += entry->second;
    if (node.op->operations != nullptr) sum.gflop += node.op->operations(graph, node) / 1e9;
  }
  count_gradients(by_name);
  std::vector<OperatorTime> times;
  for (const auto& [name, time] : by_name) times.push_back(time);
  std::sort(times.begin(), times.end(),
            [](const OperatorTime& a, const OperatorTime& b) { return a.milliseconds > b.milliseconds; });
  return times;
}

}  // namespace florilegium
