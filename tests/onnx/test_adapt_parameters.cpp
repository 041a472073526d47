// A model's parameters at another image size: positions are resized, everything else stays, other
// networks are refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/onnx/random_model.h"
#include "trainer/backend/backend.h"
#include "trainer/sample/forward_model.h"

using namespace florilegium;

namespace {

struct Positions {
  std::size_t begin;
  std::int64_t side, width;
};

/// Where the learned positions stand among a network's parameters.
Positions positions_of(const NetworkConfig& network) {
  Graph graph;
  build_denoiser(graph, network, 1, Type::f32);
  std::size_t at = 0;
  for (const Value parameter : graph.parameters()) {
    const Shape& shape = graph.shape(parameter);
    if (graph[parameter].name == "middle.positions")
      return {at, std::lround(std::sqrt(static_cast<double>(shape[0]))), shape[1]};
    at += static_cast<std::size_t>(elements(shape));
  }
  throw std::logic_error("no positions");
}

/// Positions that are a slope over the picture: v = x + 2 y + d, with x and y in [0, 1] at the
/// cells' centres.
template <class Visit>
void for_each_position(const Positions& p, std::vector<float>& parameters, Visit&& visit) {
  for (std::int64_t y = 0; y < p.side; ++y)
    for (std::int64_t x = 0; x < p.side; ++x)
      for (std::int64_t d = 0; d < p.width; ++d) {
        const double across = (static_cast<double>(x) + 0.5) / static_cast<double>(p.side),
                     down = (static_cast<double>(y) + 0.5) / static_cast<double>(p.side);
        visit(x, y, parameters[p.begin + static_cast<std::size_t>((y * p.side + x) * p.width + d)],
              static_cast<float>(across + 2 * down + static_cast<double>(d)));
      }
}

}  // namespace

TEST_CASE("a slope over the positions stays the same slope at another size, and nothing else changes") {
  const NetworkConfig small = network_config("garden", 64), large = network_config("garden", 128);
  for (const auto& [from, to] : {std::pair{small, large}, std::pair{large, small}}) {
    TrainedModel model = random_model(from, 4);
    const Positions before = positions_of(from), after = positions_of(to);
    CHECK(before.begin == after.begin);
    for_each_position(before, model.parameters, [](auto, auto, float& value, float slope) { value = slope; });
    std::vector<float> adapted = adapt_parameters(model, to);

    bool same_slope = true;
    for_each_position(after, adapted, [&](std::int64_t x, std::int64_t y, float value, float slope) {
      // Beyond the outermost old centres nothing is known; the nearest value is taken there.
      if (x > 0 && y > 0 && x + 1 < after.side && y + 1 < after.side)
        same_slope = same_slope && std::abs(value - slope) <= 1e-4f * std::abs(slope);
    });
    CHECK(same_slope);
    const auto begin = static_cast<std::ptrdiff_t>(before.begin);
    CHECK(std::equal(adapted.begin(), adapted.begin() + begin, model.parameters.begin()));
    CHECK(std::equal(adapted.begin() + begin + after.side * after.side * after.width, adapted.end(),
                     model.parameters.begin() + begin + before.side * before.side * before.width,
                     model.parameters.end()));
  }
}

TEST_CASE("at the same size, under any name, the parameters stay as they are") {
  const TrainedModel model = random_model(network_config("tiny"), 5);
  NetworkConfig renamed = model.info.network;
  renamed.name = "another";
  CHECK(adapt_parameters(model, renamed) == model.parameters);
}

TEST_CASE("new detail and finishing layers change nothing until they are trained") {
  NetworkConfig without = network_config("tiny");
  SUBCASE("both") { without.detail = without.finish = 0; }
  SUBCASE("detail") { without.detail = 0; }
  SUBCASE("finish") { without.finish = 0; }
  const TrainedModel model = random_model(without, 7);
  TrainedModel with;
  with.info.network = network_config("tiny");
  with.parameters = adapt_parameters(model, with.info.network);
  REQUIRE(with.parameters.size() > model.parameters.size());
  const auto backend = cpu_backend();
  std::vector<float> x(16 * 16 * 3);
  fill_noise(NoiseKind::gaussian, 8, 1, 0, x);
  const std::vector<float> level = {0.6f};
  const auto denoised = [&](const TrainedModel& one) {
    ForwardModel forward(*backend, one.info.network, 1, Type::f32);
    forward.set_parameters(one.parameters);
    return forward.denoise(x, level);
  };
  CHECK(denoised(with) == denoised(model));
  Graph graph;
  build_denoiser(graph, with.info.network, 1, Type::f32);
  const std::string last = without.finish == 0 ? "finish.out.bias" : "detail.out.bias";
  std::size_t end = 0;
  for (const Value parameter : graph.parameters()) {
    end += static_cast<std::size_t>(elements(graph.shape(parameter)));
    if (graph[parameter].name == last) with.parameters[end - 1] += 1;
  }
  CHECK(denoised(with) != denoised(model));
}

TEST_CASE("a hint of other cells begins anew, and all else stays") {
  const NetworkConfig from = network_config("tiny", 32);
  NetworkConfig to = from;
  to.hint_cell = 4;
  const TrainedModel model = random_model(from, 5);
  const auto backend = cpu_backend(1);
  ForwardModel before(*backend, from, 1, Type::f32), after(*backend, to, 1, Type::f32);
  before.set_parameters(model.parameters);
  after.set_parameters(adapt_parameters(model, to));
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 7, 32 * 32 * 3), level = {0.6f},
                           hint(8 * 8 * 4, 0.5f);
  CHECK(after.denoise(x, level, hint) == after.denoise(x, level));
  TrainedModel silent = model;  // without what its own hint adds
  Graph graph;
  build_denoiser(graph, from, 1, Type::f32);
  std::size_t at = 0;
  for (const Value parameter : graph.parameters()) {
    const auto size = static_cast<std::size_t>(elements(graph.shape(parameter)));
    if (graph[parameter].name.starts_with("hint."))
      std::fill_n(silent.parameters.begin() + static_cast<std::ptrdiff_t>(at), size, 0.0f);
    at += size;
  }
  before.set_parameters(silent.parameters);
  CHECK(after.denoise(x, level) == before.denoise(x, level));
}

TEST_CASE("a new hint and a new kind of view change nothing until they are trained") {
  NetworkConfig without = network_config("tiny"), with = network_config("tiny");
  without.hint = false;
  with.view = true;
  const TrainedModel model = random_model(without, 8);
  const std::vector<float> adapted = adapt_parameters(model, with);
  const auto backend = cpu_backend(1);
  ForwardModel before(*backend, without, 1, Type::f32), after(*backend, with, 1, Type::f32);
  before.set_parameters(model.parameters);
  after.set_parameters(adapted);
  std::vector<float> x(16 * 16 * 3);
  fill_noise(NoiseKind::gaussian, 8, 1, 0, x);
  const std::vector<float> level = {0.6f}, hint(2 * 2 * 4, 0.5f), detail = {0.0f};
  CHECK(after.denoise(x, level, hint, detail) == before.denoise(x, level));
}

TEST_CASE("another network is refused with a sentence that says how it differs") {
  const TrainedModel model = random_model(network_config("tiny"), 6);
  const auto refuses = [&](auto&& change, const char* sentence) {
    NetworkConfig other = model.info.network;
    change(other);
    CHECK_THROWS_WITH_AS(adapt_parameters(model, other), doctest::Contains(sentence), std::invalid_argument);
  };
  refuses([](NetworkConfig& c) { c.patch *= 2; }, "patch");
  refuses([](NetworkConfig& c) { c.widths.push_back(48); }, "widths");
  refuses([](NetworkConfig& c) { c.blocks += 1; }, "blocks");
  refuses([](NetworkConfig& c) { c.middle_width *= 2; }, "middle_width");
  refuses([](NetworkConfig& c) { c.middle_blocks += 1; }, "middle_blocks");
  refuses([](NetworkConfig& c) { c.head_width *= 2; }, "head_width");
  refuses([](NetworkConfig& c) { c.embedding *= 2; }, "embedding");
  refuses([](NetworkConfig& c) { c.detail *= 2; }, "detail");
  refuses([](NetworkConfig& c) { c.detail = 0; }, "detail");
  refuses([](NetworkConfig& c) { c.finish *= 2; }, "finish");
  refuses([](NetworkConfig& c) { c.finish = 0; }, "finish");
  refuses([](NetworkConfig& c) { c.hint = !c.hint; }, "hint");

  TrainedModel short_one = model;
  short_one.parameters.pop_back();
  CHECK_THROWS_AS(adapt_parameters(short_one, model.info.network), std::invalid_argument);
}
