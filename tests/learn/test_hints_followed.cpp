// How well hints are followed: the distance's worth by hand, and trials on an untrained network.
#include <doctest/doctest.h>

#include "trainer/judge/hints_followed.h"

using namespace florilegium;

TEST_CASE("the distance to a hint is the mean over painted cells and channels, in 255ths") {
  std::vector<float> hint(2 * 2 * 4, 0.0f);  // two cells of a 16 x 16 picture are painted: black, and white
  for (const std::size_t c : {0U, 1U, 2U}) hint[c] = -1.0f;
  hint[3] = 1.0f;
  for (const std::size_t c : {12U, 13U, 14U, 15U}) hint[c] = 1.0f;
  Picture picture = blank_picture(16, 16, 30, 60, 90);
  CHECK(distance_to_hint(hint, picture) == doctest::Approx(((30 + 60 + 90) / 3.0 + (225 + 195 + 165) / 3.0) / 2));
  for (std::size_t i = 0; i < 8; ++i)
    picture.rgba[i * 4] = 38;  // one row of the black cell's red: 8 of 64 pixels, 8 more
  CHECK(distance_to_hint(hint, picture) == doctest::Approx(((31 + 60 + 90) / 3.0 + (225 + 195 + 165) / 3.0) / 2));
  CHECK(distance_to_hint(std::vector<float>(16, 0.0f), picture) == 0);
  CHECK_THROWS_AS(distance_to_hint(hint, blank_picture(8, 8, 0, 0, 0)), std::invalid_argument);
}

TEST_CASE("trials of hints: painted cells of held-out pictures, grown with and without") {
  const auto backend = cpu_backend(1);
  NetworkConfig config = network_config("tiny");
  Graph graph;
  build_denoiser(graph, config, 1, Type::f32);
  std::vector<float> parameters = initial_parameters(graph, 3);
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += 0.01f;  // the last layer is no longer 0
  ForwardModel model(*backend, config, 1, Type::f32);
  model.set_parameters(parameters);
  GrowSettings settings;
  settings.steps = 2;
  const auto source = open_source("garden", [](const std::string&) {});
  int told = 0;
  const auto trials = try_hints(model, *source, settings, 40, 3, [&](const HintTrial&) { ++told; });
  REQUIRE(trials.size() == 3);
  CHECK(told == 3);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const HintTrial& trial = trials[i];
    CHECK(trial.seed == 40 + i);
    CHECK(trial.painted > 0);
    CHECK(trial.painted <= 1);
    std::size_t opaque = 0;
    for (std::size_t k = 3; k < trial.hint.rgba.size(); k += 4) opaque += trial.hint.rgba[k] == 255 ? 1U : 0U;
    CHECK(static_cast<double>(opaque) == doctest::Approx(trial.painted * config.image_size * config.image_size));
    CHECK(trial.grown_with.rgba != trial.grown_without.rgba);
    CHECK(trial.with_hint > 0);
    const std::uint64_t seeds[] = {trial.seed};
    CHECK(trial.grown_without.rgba == grow(model, settings, seeds)[0].rgba);
  }
  CHECK(trials[0].hint.rgba != trials[1].hint.rgba);

  settings.hint = {1.0f};
  const std::uint64_t seeds[] = {1};
  CHECK_THROWS_AS(grow(model, settings, seeds), std::invalid_argument);
  config.hint = false;
  ForwardModel without(*backend, config, 1, Type::f32);
  settings.hint.clear();
  CHECK_THROWS_AS(try_hints(without, *source, settings, 1, 1), std::invalid_argument);
}
