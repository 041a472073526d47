// Ladders of networks: several in one model file, each asked in its own range of noise levels.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/diffusion/denoising.h"
#include "tests/onnx/tiny_ladder.h"
#include "trainer/backend/backend.h"
#include "trainer/data/view.h"
#include "trainer/sample/forward_model.h"

using namespace florilegium;

TEST_CASE("a ladder's file gives the same ladder back") {
  const Folder folder;
  const TrainedModel model = tiny_ladder(3);
  write_model(folder.path / "ladder.onnx", model, WeightPrecision::f32);
  const TrainedModel back = read_model(folder.path / "ladder.onnx");
  CHECK(back.parameters == model.parameters);
  CHECK(back.info.network == model.info.network);
  REQUIRE(back.coarser.size() == 1);
  CHECK(back.coarser[0].parameters == model.coarser[0].parameters);
  CHECK(back.coarser[0].network == model.coarser[0].network);
  CHECK(back.coarser[0].averaged == 2);
  CHECK(back.coarser[0].from_level == 0.5);
  CHECK(back.coarser[0].train_samples == 12);
  CHECK(back.coarser[0].gflop_per_step > 0);
  CHECK(back.info.gflop_per_step > back.coarser[0].gflop_per_step);
  REQUIRE(back.coarser[0].guide);
  const Guide &guide = *back.coarser[0].guide, &its = *model.coarser[0].guide;
  CHECK(guide.network == its.network);
  CHECK(guide.parameters == its.parameters);
  CHECK(guide.weight == 0.75);
  CHECK(guide.train_samples == 5);
  CHECK(guide.held_out_loss == 0.5);
  CHECK(back.info.parameters == static_cast<std::int64_t>(model.parameters.size() + model.coarser[0].parameters.size() +
                                                          its.parameters.size()));
  CHECK(back.hint_cell() == 8);
  CHECK(back.takes_view());
}

TEST_CASE("weights stored as bytes come back to half a step of their scale") {
  const Folder folder;
  const TrainedModel model = tiny_ladder(4);
  write_model(folder.path / "ladder.onnx", model, WeightPrecision::i8);
  const TrainedModel back = read_model(folder.path / "ladder.onnx");
  REQUIRE(back.parameters.size() == model.parameters.size());
  float furthest = 0;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    furthest = std::max(furthest, std::abs(back.parameters[i] - model.parameters[i]));
    if (back.parameters[i] != model.parameters[i]) ++changed;
  }
  CHECK(changed > model.parameters.size() / 4);
  const float largest = std::abs(*std::max_element(model.parameters.begin(), model.parameters.end(),
                                                   [](float a, float b) { return std::abs(a) < std::abs(b); }));
  CHECK(furthest <= largest / 127 / 2 * 1.001f);
}

TEST_CASE("each level is asked of its own network") {
  TrainedModel model = tiny_ladder(5);
  model.coarser[0].guide.reset();
  const auto backend = cpu_backend(1);
  ForwardModel ladder(*backend, model, 2, Type::f32), high(*backend, model.info.network, 1, Type::f32),
      low(*backend, model.coarser[0].network, 1, Type::f32);
  high.set_parameters(model.parameters);
  low.set_parameters(model.coarser[0].parameters);
  const std::size_t size = 32 * 32 * 3;
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 7, 2 * size);
  const std::vector<float> first(x.begin(), x.begin() + size), second(x.begin() + size, x.end());

  const auto both = ladder.denoise(x, std::vector<float>{0.8f, 0.5f});  // the second lies at the change: it is finer
  const auto fine = high.denoise(second, std::vector<float>{0.5f});
  CHECK(std::equal(fine.begin(), fine.end(), both.begin() + size));

  std::vector<float> averages(16 * 16 * 3), enlarged(size), again(averages.size());
  average_blocks(first, 16, 2, averages);
  const auto coarse = low.denoise(averages, std::vector<float>{0.8f});
  enlarge(coarse, 16, 2, enlarged);
  for (std::size_t i = 0; i < size; ++i) CHECK(both[i] == doctest::Approx(enlarged[i]).epsilon(1e-5));
  average_blocks(enlarged, 16, 2, again);  // which is what the next step will see
  for (std::size_t i = 0; i < again.size(); ++i) CHECK(again[i] == doctest::Approx(coarse[i]).epsilon(1e-4));
}

TEST_CASE("a guided prediction is kept away from the guide's by its weight") {
  const auto backend = cpu_backend(1);
  TrainedModel model = tiny_ladder(9);
  const std::size_t size = 32 * 32 * 3;
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 7, size), level{0.8f}, below{0.4f};
  const auto answer = [&](const TrainedModel& of, const std::vector<float>& at) {
    return ForwardModel(*backend, of, 1, Type::f32).denoise(x, at);
  };
  const auto guided = answer(model, level), guided_below = answer(model, below);
  TrainedModel alone = model, worse = model;
  alone.coarser[0].guide.reset();
  worse.coarser[0].network = model.coarser[0].guide->network;
  worse.coarser[0].parameters = model.coarser[0].guide->parameters;
  worse.coarser[0].guide.reset();
  const auto plain = answer(alone, level), bad = answer(worse, level);
  double tint[3] = {};  // which is not guided; enlarging keeps means
  for (std::size_t i = 0; i < size; ++i) tint[i % 3] += (plain[i] - bad[i]) / (32.0 * 32);
  CHECK(std::abs(tint[0]) > 0.01);
  for (std::size_t i = 0; i < size; ++i)
    CHECK(guided[i] == doctest::Approx(plain[i] + 0.75 * (plain[i] - bad[i] - tint[i % 3])).epsilon(1e-4));
  CHECK(guided_below == answer(alone, below));  // the finest has none

  model.coarser[0].guide->network = alone.coarser[0].network;  // by itself: nothing changes
  model.coarser[0].guide->network.name = "twin";
  model.coarser[0].guide->parameters = alone.coarser[0].parameters;
  CHECK(answer(model, level) == plain);
}

TEST_CASE("each network of a ladder can be taken out of it, to be trained on") {
  const TrainedModel model = tiny_ladder(8);
  const TrainedModel low = network_of(model, "low"), high = network_of(model, "high");
  CHECK(low.parameters == model.coarser[0].parameters);
  CHECK(low.info.network == model.coarser[0].network);
  CHECK(low.info.noise_scale == model.info.noise_scale / 2);
  CHECK(low.info.train_samples == 12);
  const TrainedModel worse = network_of(model, "worse");
  CHECK(worse.parameters == model.coarser[0].guide->parameters);
  CHECK(worse.info.network == model.coarser[0].guide->network);
  CHECK(worse.info.noise_scale == model.info.noise_scale / 2);
  CHECK(worse.info.train_samples == 5);
  CHECK(high.parameters == model.parameters);
  CHECK(high.coarser.empty());
  CHECK_THROWS_WITH_AS(network_of(model, "middle"), doctest::Contains("worse, low, high"), std::invalid_argument);
}

TEST_CASE("what is no ladder is told in a sentence") {
  const auto problem = [](const TrainedModel& model) {
    try {
      check_ladder(model);
    } catch (const std::invalid_argument& told) { return std::string(told.what()); }
    return std::string();
  };
  TrainedModel model = tiny_ladder(6);
  CHECK(problem(model).empty());
  model.coarser[0].averaged = 4;
  CHECK(problem(model).find("averages a side") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser[0].from_level = 1.0;
  CHECK(problem(model).find("noise levels") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser.push_back(model.coarser[0]);
  CHECK(problem(model).find("noise levels") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser[0].network.name = "high";
  CHECK(problem(model).find("same name") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser[0].guide->network.image_size = 32;
  CHECK(problem(model).find("guide sees pictures of 32 pixels") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser[0].network.view = false;
  CHECK(problem(model).find("guide is told more") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser[0].guide->weight = 0;
  CHECK(problem(model).find("weight lies between") != std::string::npos);
  model = tiny_ladder(6);
  model.coarser[0].guide->network.name = "low";
  CHECK(problem(model).find("same name") != std::string::npos);
}
