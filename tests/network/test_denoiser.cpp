// The denoiser: its configurations, its size and cost, and what it answers before it has learned
// anything.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "trainer/backend/backend.h"
#include "trainer/graph/operators.h"
#include "trainer/network/denoiser.h"

namespace florilegium {

TEST_SUITE("network") {
  TEST_CASE("a configuration survives the way through JSON") {
    for (const std::string& name : network_config_names()) {
      const NetworkConfig config = network_config(name);
      CHECK(network_config_from_json(to_json(config)) == config);
    }
    std::string old = to_json(network_config("tiny"));  // of a model from before there were detail and finishing layers
    for (const std::string newer : {"\"detail\":32,", "\"finish\":16,"}) old.erase(old.find(newer), newer.size());
    CHECK(network_config_from_json(old).detail == 0);
    CHECK(network_config_from_json(old).finish == 0);
    CHECK_THROWS_WITH_AS(network_config_from_json("{}"), doctest::Contains("cannot be read"), std::invalid_argument);
    CHECK_THROWS_AS(network_config_from_json("not JSON"), std::invalid_argument);
    NetworkConfig impossible = network_config("tiny");
    impossible.head_width = 0;
    CHECK_THROWS_WITH_AS(network_config_from_json(to_json(impossible)), doctest::Contains("heads"),
                         std::invalid_argument);
    impossible = network_config("tiny");
    impossible.patch = 2;  // grids of 8 and 4 cells; the hint has 2
    CHECK_THROWS_WITH_AS(network_config_from_json(to_json(impossible)), doctest::Contains("hint"),
                         std::invalid_argument);
  }

  TEST_CASE("unknown names and sizes that do not divide are refused with the choices") {
    CHECK_THROWS_WITH_AS(network_config("rose"), doctest::Contains("botanical, coarse, fine, garden, guide, tiny"),
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(network_config("botanical", 500), doctest::Contains("multiples of 32"), std::invalid_argument);
    CHECK(network_config("botanical", 256).middle_side() == 8);
    CHECK(network_config("botanical").middle_side() == 16);
  }

  TEST_CASE("the default network costs at most 12 GFLOP a step and fits 20 MB at 16 bits") {
    Graph graph;
    build_denoiser(graph, network_config("botanical"), 1, Type::f32);
    CHECK(operations(graph) <= 12e9);
    CHECK(2 * graph.parameter_elements() <= 20'000'000);
  }

  TEST_CASE("batches and number types change neither the parameters nor their order") {
    Graph one, many;
    build_denoiser(one, network_config("tiny"), 1, Type::f32);
    build_denoiser(many, network_config("tiny"), 3, Type::bf16);
    const auto a = one.parameters(), b = many.parameters();
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      CHECK(one[a[i]].name == many[b[i]].name);
      CHECK(one.shape(a[i]) == many.shape(b[i]));
    }
    CHECK(initial_parameters(one, 4) == initial_parameters(many, 4));
    CHECK(initial_parameters(one, 4) != initial_parameters(one, 5));
  }

  TEST_CASE("an untrained network predicts mid-grey, and each picture of a batch by itself") {
    const auto backend = cpu_backend();
    Graph graph;
    const Denoiser network = build_denoiser(graph, network_config("tiny"), 2, Type::f32);
    std::vector<float> parameters = initial_parameters(graph, 1);
    const Value keep[] = {network.denoised};
    const auto program = backend->compile(graph, keep);
    const std::size_t size = 16 * 16 * 3;
    std::vector<float> x(2 * size), hint(2 * 2 * 2 * 4, 0.0f);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
    const auto answer = [&](float second_level) {
      program->write(network.x, x);
      program->write(network.hint, hint);
      program->write(network.noise_level, std::vector<float>{0.5f, second_level});
      program->run();
      return program->read(network.denoised);
    };
    program->write_state(State::parameters, parameters);
    CHECK(std::ranges::all_of(answer(0.5f), [](float v) { return v == 0.0f; }));

    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += 0.05f * std::cos(static_cast<float>(i));
    program->write_state(State::parameters, parameters);
    const auto before = answer(0.5f), after = answer(0.9f);
    CHECK(std::equal(before.begin(), before.begin() + size, after.begin()));
    CHECK_FALSE(std::equal(before.begin() + size, before.end(), after.begin() + size));
    hint[2 * 2 * 4 + 3] = 1.0f;  // the second picture's first cell
    const auto hinted = answer(0.9f);
    CHECK(std::equal(after.begin(), after.begin() + size, hinted.begin()));
    CHECK_FALSE(std::equal(after.begin() + size, after.end(), hinted.begin() + size));
  }
}

TEST_SUITE("graph") {
  TEST_CASE("shapes that do not fit are refused with the operator and the shapes") {
    Graph graph;
    const Value a = graph.input("a", {2, 3}), b = graph.input("b", {3, 2});
    CHECK_THROWS_WITH_AS(add(graph, a, b), doctest::Contains("add does not take [2, 3], [3, 2]"),
                         std::invalid_argument);
    const Value picture = graph.input("picture", {1, 5, 5, 3});
    CHECK_THROWS_WITH_AS(space_to_depth(graph, picture, 2), doctest::Contains("divide"), std::invalid_argument);
    CHECK_THROWS_AS(group_norm(graph, picture, a, 2, false), std::invalid_argument);
  }

  TEST_CASE("a loss that does not depend on a parameter names it") {
    Graph graph;
    const Value used = graph.parameter("used", {1, 2}, {}), unused = graph.parameter("unused", {1, 2}, {});
    const Value target = graph.input("target", {1, 2}), weight = graph.input("weight", {1}),
                seed = graph.input("seed", {1});
    const Loss loss = weighted_squared_error(graph, used, target, weight);
    const Value both[] = {used, unused};
    CHECK_THROWS_WITH_AS(graph.differentiate(loss.loss, seed, both), doctest::Contains("'unused'"), std::logic_error);
  }
}

}  // namespace florilegium
