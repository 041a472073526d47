// Growing pictures: in batches or one by one, the same seeds give the same pictures.
#include <doctest/doctest.h>

#include <cstdlib>

#include "trainer/sample/forward_model.h"

using namespace florilegium;

TEST_CASE("pictures do not depend on the batch they are grown in") {
  const auto backend = cpu_backend(1);
  const NetworkConfig config = network_config("tiny");
  Graph graph;
  build_denoiser(graph, config, 1, Type::f32);
  std::vector<float> parameters = initial_parameters(graph, 3);
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += 0.01f;  // the last layer is no longer 0
  ForwardModel one(*backend, config, 1, Type::f32), three(*backend, config, 3, Type::f32);
  one.set_parameters(parameters);
  three.set_parameters(parameters);
  const std::uint64_t seeds[] = {1, 2, 3, 4};
  GrowSettings settings;
  settings.steps = 3;
  int steps = 0;
  const auto single = grow(one, settings, seeds),
             batched = grow(three, settings, seeds, [&](std::size_t, const Denoising&) { ++steps; });
  CHECK(steps == 12);
  REQUIRE(single.size() == 4);
  CHECK(single[0].rgba != single[1].rgba);
  for (std::size_t i = 0; i < 4; ++i) {
    int most = 0;
    for (std::size_t k = 0; k < single[i].rgba.size(); ++k)
      most = std::max(most, std::abs(single[i].rgba[k] - batched[i].rgba[k]));
    CHECK(most <= 1);
  }
}
