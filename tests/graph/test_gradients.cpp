// Every operator's gradient, and the whole network's, against central finite differences.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "src/diffusion/noise.h"
#include "tests/graph/operator_cases.h"
#include "trainer/backend/backend.h"
#include "trainer/network/denoiser.h"

namespace florilegium {
namespace {

std::vector<float> random_numbers(std::size_t count, std::uint32_t stream) {
  std::vector<float> numbers(count);
  fill_noise(NoiseKind::gaussian, 11, stream, 0, numbers);
  return numbers;
}

/// Checks d loss / d parameter with loss = sum of random weights times the output, summed in f64:
/// along random +-1 directions of each parameter, the slope is to agree with the gradient within
/// 1e-3 of the gradient's norm (the slope's typical size).
void check_gradient(
    Graph graph, Value output, const std::function<void(Program&)>& write_inputs = [](Program&) {},
    double step = 4e-3) {
  const auto backend = cpu_backend();
  const std::vector<float> target = random_numbers(static_cast<std::size_t>(elements(graph.shape(output))), 1);
  const std::vector<Value> parameters = graph.parameters();
  // flatten the output to [1, all] by treating it as one picture
  const Value wanted = graph.input("target", graph.shape(output));
  const Value weight = graph.input("weight", {graph.shape(output)[0]});
  const Value seed = graph.input("seed", {1});
  const Loss loss = weighted_squared_error(graph, output, wanted, weight);
  const std::vector<Value> gradients = graph.differentiate(loss.loss, seed, parameters);
  std::vector<Value> keep(gradients);
  keep.push_back(output);
  const auto program = backend->compile(graph, keep, gradients);

  std::vector<float> state;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto numbers = random_numbers(static_cast<std::size_t>(elements(graph.shape(parameters[i]))),
                                        100 + static_cast<std::uint32_t>(i));
    for (const float v : numbers)
      state.push_back(v * 0.7f /
                      static_cast<float>(
                          std::sqrt(std::max<double>(1.0, static_cast<double>(graph[parameters[i]].initial.fan_in)))));
  }
  program->write(wanted, target);
  program->write(weight, std::vector<float>(static_cast<std::size_t>(graph.shape(weight)[0]), 1.0f));
  program->write(seed, std::vector<float>{1.0f});
  write_inputs(*program);
  const auto loss_at = [&](const std::vector<float>& numbers) {
    program->write_state(State::parameters, numbers);
    program->run();
    const std::vector<float> out = program->read(output);
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i)
      sum += (static_cast<double>(out[i]) - static_cast<double>(target[i])) *
             (static_cast<double>(out[i]) - static_cast<double>(target[i]));
    return sum / static_cast<double>(out.size());
  };

  loss_at(state);
  std::vector<std::vector<float>> analytic;
  for (const Value gradient : gradients) analytic.push_back(program->read(gradient));
  std::size_t begin = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::size_t size = analytic[i].size();
    double norm = 0;
    for (const float v : analytic[i]) norm += static_cast<double>(v) * static_cast<double>(v);
    norm = std::sqrt(norm);
    CAPTURE(graph[parameters[i]].name);
    CHECK(norm > 0);
    for (std::uint32_t direction = 0; direction < 3; ++direction) {
      std::vector<float> forward = state, backward = state;
      double expected = 0;
      const auto h = static_cast<float>(step / std::sqrt(static_cast<double>(size)));
      for (std::size_t k = 0; k < size; ++k) {
        const float sign = uniform_number(5, 1000 + direction, k) < 0.5 ? -1.0f : 1.0f;
        forward[begin + k] += sign * h;
        backward[begin + k] -= sign * h;
        // the step as it really was, after rounding to f32
        expected += static_cast<double>(analytic[i][k]) *
                    (static_cast<double>(forward[begin + k]) - static_cast<double>(backward[begin + k]));
      }
      const double measured = loss_at(forward) - loss_at(backward);
      const double rounding = 1e-7 * loss_at(state);  // what f32 leaves uncertain in a loss
      CHECK(std::abs(measured - expected) <=
            1e-3 * std::max(std::abs(expected), norm * 2.0 * static_cast<double>(h)) + rounding);
    }
    begin += size;
  }
}

}  // namespace

TEST_SUITE("gradients") {
  TEST_CASE("every operator's gradient agrees with finite differences") {
    for (const OperatorCase& one : operator_cases()) {
      CAPTURE(one.name);
      Graph graph;
      const Value output = one.build(graph);
      check_gradient(
          graph, output, [](Program&) {}, 2e-2);
    }
  }

  TEST_CASE("every operator that has a gradient has a case") {
    std::set<std::string> covered;
    for (const OperatorCase& one : operator_cases()) {
      Graph graph;
      one.build(graph);
      for (const Node& node : graph.nodes) covered.insert(node.op->name);
    }
    for (const Operator* op : all_operators()) {
      const std::string name = op->name;
      if (!op->gradient || name == "cast" || name == "weighted_squared_error")
        continue;  // cast: in the bf16 test; the error is every case's loss
      CHECK_MESSAGE(covered.contains(name), name);
    }
  }

  TEST_CASE("the whole tiny network's gradient agrees with finite differences") {
    Graph graph;
    const Denoiser network = build_denoiser(graph, network_config("tiny"), 2, Type::f32);
    check_gradient(
        graph, network.denoised,
        [&](Program& program) {
          program.write(network.x, random_numbers(2 * 16 * 16 * 3, 7));
          program.write(network.noise_level, std::vector<float>{0.3f, 0.8f});
          program.write(network.hint, random_numbers(2 * 2 * 2 * 4, 8));
        },
        2e-2);
  }
}

}  // namespace florilegium
