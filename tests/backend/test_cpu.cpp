// The CPU backend: its number types against each other, its optimiser against plain arithmetic, and
// its results against themselves on another number of threads.
#include <algorithm>

#include "tests/backend/compare.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

TEST_SUITE("cpu") {
  TEST_CASE("every operator in bf16 is near the one in f32") {
    const auto backend = cpu_backend();
    if (backend->preferred_type() != Type::bf16) {
      MESSAGE("skipped: this processor does not compute in bf16");
      return;
    }
    check_operators(*backend, Type::bf16, *backend, 3e-2);
  }

  TEST_CASE("the optimiser agrees with f64") { check_optimiser(*cpu_backend()); }

  TEST_CASE("gradients are given out while others are computed, each once, and none changes afterwards") {
    const auto backend = cpu_backend(1);
    Graph graph;
    const Denoiser network = build_denoiser(graph, network_config("garden"), 1, Type::f32);
    const Value target = graph.input("target", graph.shape(network.denoised)), weight = graph.input("weight", {1}),
                seed = graph.input("seed", {1});
    const Loss loss = weighted_squared_error(graph, network.denoised, target, weight);
    const auto gradients = graph.differentiate(loss.loss, seed, graph.parameters());
    const auto program = backend->compile(graph, gradients, gradients);
    program->write_state(State::parameters,
                         std::vector<float>(static_cast<std::size_t>(graph.parameter_elements()), 0.02f));
    program->write(network.x, std::vector<float>(static_cast<std::size_t>(elements(graph.shape(network.x))), 0.5f));
    for (const Value one : {network.noise_level, weight, seed}) program->write(one, std::vector<float>{1.0f});

    std::vector<std::pair<std::span<float>, std::vector<float>>> given;  // where, and what stood there
    std::size_t told = 0, told_when_half_was_given = 0, count = 0;
    const auto all = static_cast<std::size_t>(graph.parameter_elements());
    program->run_with({[&](std::span<float> stretch) {
                         given.push_back({stretch, {stretch.begin(), stretch.end()}});
                         count += stretch.size();
                         if (2 * count >= all && told_when_half_was_given == 0) told_when_half_was_given = told;
                       },
                       [&] { ++told; }});
    CHECK(told == graph.nodes.size());
    CHECK(told_when_half_was_given < told - told / 20);  // there is work left to hide the exchange behind
    CHECK(given.size() >= 8);
    CHECK(count == all);
    float* end = given.front().first.data() + given.front().first.size();
    std::vector<float> flat;
    for (const auto& [stretch, then] : given) {
      CHECK(stretch.data() + stretch.size() == end);  // without gaps, from the end on
      end = stretch.data();
      CHECK(std::equal(stretch.begin(), stretch.end(), then.begin()));
      flat.insert(flat.begin(), then.begin(), then.end());
    }
    std::vector<float> expected;
    for (const Value gradient : gradients)
      for (const float v : program->read(gradient)) expected.push_back(v);
    CHECK(flat == expected);
  }

  TEST_CASE("own kernels give the same bits on one and on three threads") {
    const auto p = case_parameter;
    const OperatorCase cases[] = {
        {"group_norm",
         [=](Graph& g) {
           return group_norm(g, p(g, {2, 19, 17, 32}), p(g, {2, 64}), 2, true);
         }},
        {"layer_norm",
         [=](Graph& g) {
           return layer_norm(g, p(g, {3, 70, 48}), p(g, {3, 96}));
         }},
        {"silu and positions",
         [=](Graph& g) {
           return silu(g, add_positions(g, p(g, {3, 200, 40}), p(g, {200, 40})));
         }},
        {"moves",
         [=](Graph& g) {
           return concat(g, space_to_depth(g, p(g, {2, 12, 12, 8}), 2), p(g, {2, 6, 6, 16}));
         }},
    };
    for (const OperatorCase& one : cases)
      for (const Type type : {Type::f32, Type::bf16}) {
        CAPTURE(one.name);
        const auto [graph, output] = case_graph(one, type);
        const Outcome alone = outcome(*cpu_backend(1), graph, output);
        CHECK(outcome(*cpu_backend(3), graph, output) == alone);
      }
    cpu_backend();  // back to all threads
  }

  TEST_CASE("weights' gradients that threads sum in shares are those of one thread") {
    const auto p = case_parameter;
    const OperatorCase cases[] = {
        {"conv2d of 6 pictures",
         [=](Graph& g) {
           return conv2d(g, p(g, {6, 9, 8, 16}), p(g, {32, 3, 3, 16}), p(g, {32}));
         }},
        {"conv2d of 5 pictures",
         [=](Graph& g) {
           return conv2d(g, p(g, {5, 9, 8, 16}), p(g, {32, 3, 3, 16}), p(g, {32}));
         }},
        {"linear of 384 rows",
         [=](Graph& g) {
           return linear(g, p(g, {3, 128, 40}), p(g, {70, 40}), p(g, {70}));
         }},
        {"linear of 3 rows",
         [=](Graph& g) {
           return linear(g, p(g, {3, 40}), p(g, {70, 40}), p(g, {70}));
         }},
    };
    for (const OperatorCase& one : cases) {
      CAPTURE(one.name);
      const auto [graph, output] = case_graph(one, Type::f32);
      const Outcome alone = outcome(*cpu_backend(1), graph, output);
      for (const int threads : {2, 3, 4}) check_same(outcome(*cpu_backend(threads), graph, output), alone, 2e-6);
    }
    cpu_backend();  // back to all threads
  }

  TEST_CASE("activations of numbers far from 0, and of none, are what they should be") {
    const auto backend = cpu_backend();
    Graph graph;
    const std::vector<float> numbers = {0.0f,   -0.0f,   1.0f,  -1.0f,  20.0f,  -20.0f,  86.0f, -86.0f,
                                        100.0f, -100.0f, 1e30f, -1e30f, 1e-30f, -1e-30f, NAN,   0.5f};
    const Value x = graph.input("x", {1, 16}), y = silu(graph, x);
    const Value keep[] = {y};
    const auto program = backend->compile(graph, keep);
    program->write(x, numbers);
    program->run();
    const auto found = program->read(y);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      CAPTURE(numbers[i]);
      if (std::isnan(numbers[i])) {
        CHECK(std::isnan(found[i]));
        continue;
      }
      const double v = static_cast<double>(numbers[i]), exact = v / (1 + std::exp(-v));
      if (v >= -86)
        CHECK(std::abs(static_cast<double>(found[i]) - exact) <= (std::abs(v) <= 20 ? 1e-6 : 5e-6) * std::abs(exact));
      else CHECK(std::abs(found[i]) <= 1e-37f * std::abs(numbers[i]));  // e^x is clamped there
    }
  }
}

}  // namespace florilegium
