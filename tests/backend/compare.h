// Comparing backends: the same graph with the same numbers on two of them, or one against plain
// arithmetic.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/diffusion/noise.h"
#include "tests/graph/operator_cases.h"
#include "trainer/backend/backend.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

inline std::vector<float> random_numbers(std::int64_t count, std::uint32_t stream, float scale = 1.0f) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  fill_noise(NoiseKind::gaussian, 23, stream, 0, numbers);
  for (float& v : numbers) v *= scale;
  return numbers;
}

/// |a - b| / |b|.
inline double relative_error(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (static_cast<double>(a[i]) - static_cast<double>(b[i])) *
                  (static_cast<double>(a[i]) - static_cast<double>(b[i]));
    size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return difference == 0 ? 0 : std::sqrt(difference / size);
}

/// The case's graph with activations of the given type: everything but weights, positions and
/// modulations is cast on its way in.
inline std::pair<Graph, Value> case_graph(const OperatorCase& one, Type type) {
  Graph built;
  const Value output = one.build(built);
  if (type == Type::f32) return {built, output};
  Graph graph;
  std::map<int, Value> same, rounded;
  for (std::size_t i = 0; i < built.tensors.size(); ++i)
    if (const Tensor& tensor = built.tensors[i]; tensor.role == Role::parameter)
      same[static_cast<int>(i)] = graph.parameter(tensor.name, tensor.shape, tensor.initial);
  for (const Node& node : built.nodes) {
    const std::string name = node.op->name;
    const bool only_first =
        name == "conv2d" || name == "linear" || name == "add_positions" || name == "group_norm" || name == "layer_norm";
    std::vector<Value> in;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      const int index = node.in[i].index;
      if (built[node.in[i]].role != Role::parameter || (only_first && i > 0)) {
        in.push_back(same.at(index));
        continue;
      }
      if (!rounded.contains(index)) rounded[index] = cast(graph, same.at(index), type);
      in.push_back(rounded.at(index));
    }
    const auto out = graph.add(*node.op, in, node.attributes);
    for (std::size_t o = 0; o < out.size(); ++o) same[node.out[o].index] = out[o];
  }
  return {graph, cast(graph, same.at(output.index), Type::f32)};
}

/// What a backend makes of a graph: the output, and the gradient of a squared error for every
/// parameter.
struct Outcome {
  std::vector<float> output;
  std::vector<std::vector<float>> gradients;
  std::vector<std::string> names;  // of the parameters
  bool operator==(const Outcome&) const = default;
};

/// Runs the graph four times, which takes the CUDA backend past its recording; every run must give
/// the same bits.
inline Outcome outcome(Backend& backend, Graph graph, Value output,
                       std::span<const std::pair<Value, std::vector<float>>> inputs = {}) {
  const Shape shape = graph.shape(output);
  const Value target = graph.input("target", shape), weight = graph.input("weight", {shape[0]}),
              seed = graph.input("seed", {1});
  const Loss loss = weighted_squared_error(graph, output, target, weight);
  const std::vector<Value> parameters = graph.parameters();
  const std::vector<Value> gradients = graph.differentiate(loss.loss, seed, parameters);
  std::vector<Value> keep(gradients);
  keep.push_back(output);
  std::vector<float> state;
  std::uint32_t stream = 100;
  std::vector<std::string> names;
  for (const Value parameter : parameters) {
    const auto numbers = random_numbers(elements(graph.shape(parameter)), stream++,
                                        0.7f / static_cast<float>(std::sqrt(std::max<double>(
                                                   1.0, static_cast<double>(graph[parameter].initial.fan_in)))));
    state.insert(state.end(), numbers.begin(), numbers.end());
    names.push_back(graph[parameter].name);
  }
  const auto program = backend.compile(graph, keep, gradients);
  program->write_state(State::parameters, state);
  program->write(target, random_numbers(elements(shape), 1));
  program->write(weight, std::vector<float>(static_cast<std::size_t>(shape[0]), 0.8f));
  program->write(seed, std::vector<float>{1.0f});
  for (const auto& [input, numbers] : inputs) program->write(input, numbers);
  const auto once = [&] {
    program->run();
    Outcome result{program->read(output), {}, names};
    for (const Value gradient : gradients) result.gradients.push_back(program->read(gradient));
    return result;
  };
  const Outcome first = once();
  for (int i = 0; i < 3; ++i) CHECK(once() == first);
  return first;
}

inline void check_same(const Outcome& found, const Outcome& expected, double tolerance) {
  CHECK(relative_error(found.output, expected.output) <= tolerance);
  for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
    CAPTURE(expected.names[i]);
    CHECK(relative_error(found.gradients[i], expected.gradients[i]) <= tolerance);
  }
}

/// Every operator case in the given type against another backend in f32.
inline void check_operators(Backend& backend, Type type, Backend& reference, double tolerance) {
  for (const OperatorCase& one : operator_cases()) {
    CAPTURE(one.name);
    const auto [graph, output] = case_graph(one, type);
    const auto [exact, exact_output] = case_graph(one, Type::f32);
    check_same(outcome(backend, graph, output), outcome(reference, exact, exact_output), tolerance);
  }
}

/// A whole network with random weights and inputs.
inline Outcome network_outcome(Backend& backend, const std::string& config, int batch, Type type) {
  Graph graph;
  const Denoiser network = build_denoiser(graph, network_config(config), batch, type);
  std::vector<float> levels;
  for (int n = 0; n < batch; ++n) levels.push_back(0.9f - 0.6f * static_cast<float>(n) / static_cast<float>(batch));
  std::vector<std::pair<Value, std::vector<float>>> inputs{
      {network.x, random_numbers(elements(graph.shape(network.x)), 7)}, {network.noise_level, levels}};
  if (network.hint) inputs.emplace_back(network.hint, random_numbers(elements(graph.shape(network.hint)), 8));
  return outcome(backend, graph, network.denoised, inputs);
}

/// Losses of some training steps of the tiny network from its starting values, and the weights'
/// moving average after them.
struct ShortTraining {
  std::vector<double> losses;
  std::vector<float> ema;
};
inline ShortTraining train_briefly(Backend& backend, Type type, int steps) {
  constexpr int batch = 4;
  Graph graph;
  const Denoiser network = build_denoiser(graph, network_config("tiny"), batch, type);
  const std::vector<float> start = initial_parameters(graph, 3);
  const Value target = graph.input("target", graph.shape(network.denoised)), weight = graph.input("weight", {batch}),
              seed = graph.input("seed", {1});
  const Loss loss = weighted_squared_error(graph, network.denoised, target, weight);
  const auto gradients = graph.differentiate(loss.loss, seed, graph.parameters());
  const Value keep[] = {loss.loss};
  const auto program = backend.compile(graph, keep, gradients);
  program->write_state(State::parameters, start);
  program->write_state(State::ema, start);
  program->write(seed, std::vector<float>{1.0f});
  program->write(weight, std::vector<float>(batch, 1.0f));
  program->write(network.noise_level, std::vector<float>{0.2f, 0.4f, 0.7f, 1.0f});
  ShortTraining result;
  for (int step = 1; step <= steps; ++step) {
    const auto stream = static_cast<std::uint32_t>(1000 + 10 * step);
    program->write(network.x, random_numbers(elements(graph.shape(network.x)), stream));
    program->write(network.hint, random_numbers(elements(graph.shape(network.hint)), stream + 1));
    std::vector<float> picture(
        static_cast<std::size_t>(elements(graph.shape(target))));  // a gradient of colours that can be learnt
    for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<float>(i % 48) / 24.0f - 1.0f;
    program->write(target, picture);
    program->run();
    program->optimise({.learning_rate = 2e-3, .ema_decay = 0.9, .step = step});
    result.losses.push_back(static_cast<double>(program->read(loss.loss)[0]));
  }
  result.ema = program->read_state(State::ema);
  return result;
}

inline void check_training(const ShortTraining& found, const ShortTraining& expected, double tolerance) {
  for (std::size_t i = 0; i < expected.losses.size(); ++i)
    CHECK(std::abs(found.losses[i] - expected.losses[i]) <= tolerance * expected.losses[i]);
  CHECK(expected.losses.back() < 0.7 * expected.losses.front());
  CHECK(relative_error(found.ema, expected.ema) <= tolerance);
}

/// The optimiser against the same formulas in f64, with and without clipping; and what it does with
/// a gradient that is not finite.
inline void check_optimiser(Backend& backend) {
  Graph graph;
  const Value x = graph.input("x", {3, 40});
  const Value matrix = graph.parameter("weight", {70, 40}, {}), bias = graph.parameter("bias", {70}, {});
  const Value output = linear(graph, x, matrix, bias);
  const Value target = graph.input("target", {3, 70}), weight = graph.input("weight", {3}),
              seed = graph.input("seed", {1});
  const Loss loss = weighted_squared_error(graph, output, target, weight);
  const auto gradients = graph.differentiate(loss.loss, seed, graph.parameters());
  const auto program = backend.compile(graph, gradients, gradients);
  constexpr std::size_t decayed = 70 * 40, count = decayed + 70;
  std::vector<double> w, ema, m(count), v(count);
  const auto start = random_numbers(count, 40);
  program->write_state(State::parameters, start);
  program->write_state(State::ema, start);
  w.assign(start.begin(), start.end());
  ema = w;
  program->write(seed, std::vector<float>{1.0f});
  program->write(weight, std::vector<float>(3, 1.0f));
  program->write(target, random_numbers(3 * 70, 41));
  for (int step = 1; step <= 5; ++step) {
    CAPTURE(step);
    program->write(x, random_numbers(3 * 40, 41 + static_cast<std::uint32_t>(step)));
    program->run();
    std::vector<double> g;
    for (const Value gradient : gradients)
      for (const float number : program->read(gradient)) g.push_back(static_cast<double>(number));
    double norm = 0;
    for (const double number : g) norm += number * number;
    norm = std::sqrt(norm);
    const OptimiserStep s{.learning_rate = 1e-2,
                          .beta1 = 0.9,
                          .beta2 = 0.98,
                          .weight_decay = 0.1,
                          .clip_norm = step % 2 ? 0.5 * norm : 0.0,
                          .ema_decay = 0.95,
                          .step = step};
    CHECK(program->optimise(s) == doctest::Approx(norm).epsilon(1e-5));
    const double clip = s.clip_norm > 0 ? 0.5 : 1.0;
    for (std::size_t i = 0; i < count; ++i) {
      m[i] = s.beta1 * m[i] + (1 - s.beta1) * clip * g[i];
      v[i] = s.beta2 * v[i] + (1 - s.beta2) * clip * clip * g[i] * g[i];
      const double mean = m[i] / (1 - std::pow(s.beta1, step)), square = v[i] / (1 - std::pow(s.beta2, step));
      w[i] -= s.learning_rate * (mean / (std::sqrt(square) + s.epsilon) + (i < decayed ? s.weight_decay * w[i] : 0));
      ema[i] = s.ema_decay * ema[i] + (1 - s.ema_decay) * w[i];
    }
  }
  const auto rounded = [](const std::vector<double>& numbers) {
    return std::vector<float>(numbers.begin(), numbers.end());
  };
  CHECK(relative_error(program->read_state(State::parameters), rounded(w)) < 1e-5);
  CHECK(relative_error(program->read_state(State::ema), rounded(ema)) < 1e-5);
  CHECK(relative_error(program->read_state(State::first_moment), rounded(m)) < 1e-5);
  CHECK(relative_error(program->read_state(State::second_moment), rounded(v)) < 1e-5);

  std::vector<std::vector<float>> before;
  for (const State state : {State::parameters, State::ema, State::first_moment, State::second_moment})
    before.push_back(program->read_state(state));
  program->write(x, std::vector<float>(3 * 40, INFINITY));
  program->run();
  CHECK(!std::isfinite(program->optimise({.step = 6})));
  std::size_t i = 0;
  for (const State state : {State::parameters, State::ema, State::first_moment, State::second_moment})
    CHECK(program->read_state(state) == before[i++]);
}

}  // namespace florilegium
