// A whole run: stopped and resumed, spoilt and rolled back, made longer, and started from another's
// weights.
#include <doctest/doctest.h>

#include <atomic>
#include <fstream>

#include "tests/learn/discs.h"
#include "trainer/onnx/model_file.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/run_log.h"
#include "trainer/run/run_state.h"
#include "trainer/run/training.h"

using namespace florilegium;

namespace {

struct Said {
  std::string all;
  TrainingHooks hooks() {
    TrainingHooks h;
    h.say = [this](const std::string& sentence) { all += sentence + "\n"; };
    return h;
  }
  bool contains(const std::string& text) const { return all.find(text) != std::string::npos; }
};

void check_same_log(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto one = read_log(a / "log.jsonl"), other = read_log(b / "log.jsonl");
  REQUIRE(one.size() == other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    CAPTURE(one[i].step);
    CHECK(one[i].step == other[i].step);
    CHECK(one[i].loss == other[i].loss);
    CHECK(one[i].gradient_norm == other[i].gradient_norm);
    CHECK(one[i].learning_rate == other[i].learning_rate);
    CHECK(one[i].loss_by_band == other[i].loss_by_band);
    CHECK(one[i].evaluation.has_value() == other[i].evaluation.has_value());
    if (one[i].evaluation && other[i].evaluation) CHECK(one[i].evaluation->held_out == other[i].evaluation->held_out);
  }
}

void run(const TrainingSettings& s, const PictureSource& source = DiscSource(), bool resume = false,
         TrainingHooks hooks = {}, std::span<const float> start = {}) {
  const auto backend = cpu_backend(1);
  train(*backend, source, s, start, resume, hooks);
}

}  // namespace

TEST_CASE("a run leaves everything that a run folder holds") {
  const TemporaryFolder folder;
  const TrainingSettings s = tiny_settings(folder.path / "run");
  run(s);
  for (const char* file : {"config.json", "log.jsonl", "samples/step-000000012.png", "samples/step-000000024.png",
                           "checkpoint/step-000000024.ckpt", "model.onnx", "loss.svg", "report.html"}) {
    CAPTURE(file);
    CHECK(std::filesystem::exists(s.out / file));
  }
  CHECK(read_log(s.out / "log.jsonl").size() == 6);
  const TrainedModel model = read_model(s.out / "model.onnx");
  CHECK(model.info.train_samples == 96);
  CHECK(model.info.held_out_loss == read_log(s.out / "log.jsonl").back().evaluation->held_out_loss());
  const TrainedModel exported = model_from_checkpoint(s.out, [](const std::string&) {});
  CHECK(exported.parameters == model.parameters);
  CHECK(exported.info.title == "Discs");
  CHECK(to_json(run_settings(s.out, [](const std::string&) {}), "") == to_json(s, ""));
}

TEST_CASE("stopped at any step and resumed, a run writes the same log and model") {
  const TemporaryFolder folder;
  const TrainingSettings whole = tiny_settings(folder.path / "whole");
  TrainingSettings parts = tiny_settings(folder.path / "parts");
  run(whole);
  for (const int stop_after : {5, 3, 9}) {  // steps 5, 8 (a checkpoint is due) and 17
    TrainingHooks hooks;
    int steps = 0;
    hooks.stop = [&] { return ++steps == stop_after; };
    run(parts, DiscSource(), stop_after != 5, hooks);
  }
  run(parts, DiscSource(), true);
  check_same_log(whole.out, parts.out);
  CHECK(read_model(whole.out / "model.onnx").parameters == read_model(parts.out / "model.onnx").parameters);
}

TEST_CASE("with a discriminator too; its weights are kept for going on, and are no part of the model") {
  const TemporaryFolder folder;
  TrainingSettings whole = tiny_settings(folder.path / "whole"), parts = tiny_settings(folder.path / "parts");
  whole.adversarial_weight = parts.adversarial_weight = 0.2;
  run(whole);
  TrainingHooks hooks;
  int steps = 0;
  hooks.stop = [&] { return ++steps == 10; };
  run(parts, DiscSource(), false, hooks);
  run(parts, DiscSource(), true);
  check_same_log(whole.out, parts.out);
  CHECK(read_log(whole.out / "log.jsonl").back().discriminator_loss ==
        read_log(parts.out / "log.jsonl").back().discriminator_loss);

  Graph graph;
  build_denoiser(graph, whole.network, 1, Type::f32);
  const auto size = static_cast<std::size_t>(graph.parameter_elements());
  const TrainedModel model = read_model(whole.out / "model.onnx");
  CHECK(model.parameters.size() == size);
  CHECK(model.parameters == read_model(parts.out / "model.onnx").parameters);
  const auto report = [](const std::string&) {};
  CHECK(model_from_checkpoint(whole.out, report).parameters == model.parameters);
  CHECK(newest_checkpoint(whole.out / "checkpoint", report)->state[0].size() > size);
}

TEST_CASE("a run can be made longer, and one without config.json resumed") {
  const TemporaryFolder folder;
  TrainingSettings whole = tiny_settings(folder.path / "whole"), parts = tiny_settings(folder.path / "parts");
  whole.decay_share = parts.decay_share = 0;  // else the learning rate depends on the length
  parts.steps = 8;
  run(whole);
  run(parts);
  std::filesystem::remove(parts.out / "config.json");
  Said said;
  TrainingSettings longer = run_settings(parts.out, said.hooks().say);
  CHECK(said.contains("config.json"));
  longer.steps = 24;
  run(longer, DiscSource(), true);
  const auto one = read_log(whole.out / "log.jsonl"), other = read_log(parts.out / "log.jsonl");
  CHECK(one.back().loss == other.back().loss);
}

TEST_CASE("a loss that explodes once is rolled back, and recorded") {
  const TemporaryFolder folder;
  TrainingSettings s = tiny_settings(folder.path / "run");
  DiscSource source;
  std::atomic<int> spoilt = 0;
  source.spoil = [&](std::uint64_t index, std::span<float> picture) {  // steps 11 to 14, the first time
    if (index < 40 || index >= 56 || spoilt >= 16) return;
    ++spoilt;
    for (float& value : picture) value = NAN;
  };
  Said said;
  run(s, source, false, said.hooks());
  CHECK(said.contains("Step 11 was skipped"));
  CHECK(
      said.contains("At step 13 the loss or its gradient has not been a finite number for 3 steps: back to step 8, and "
                    "on with 0.5 times the learning rate."));
  const auto log = read_log(s.out / "log.jsonl");
  CHECK(log.size() == 6);
  REQUIRE(log[2].roll_backs.size() == 1);
  CHECK(log[2].roll_backs[0].to_step == 8);
  CHECK(log.back().step == 24);
  const RunState end = state_of(*newest_checkpoint(s.out / "checkpoint", said.hooks().say));
  CHECK(end.learning_rate_factor == 0.5);
  CHECK(end.roll_backs_in_a_row == 0);
}

TEST_CASE("a run that explodes again and again is given up with its checkpoint whole") {
  const TemporaryFolder folder;
  TrainingSettings s = tiny_settings(folder.path / "run");
  s.optimiser.learning_rate = 1e9;
  Said said;
  std::string problem;
  try {
    run(s, DiscSource(), false, said.hooks());
  } catch (const std::runtime_error& thrown) { problem = thrown.what(); }
  CHECK(problem.find("given up") != std::string::npos);
  CHECK(problem.find("lower --learning-rate") != std::string::npos);
  CHECK(said.contains("on with 0.015625 times the learning rate"));
  CHECK(newest_checkpoint(s.out / "checkpoint", said.hooks().say)->step == 0);
}

TEST_CASE("starting from an exported model is going on where it was") {
  const TemporaryFolder folder;
  TrainingSettings s = tiny_settings(folder.path / "run");
  s.optimiser.ema_decay = 0;  // the exported weights are then the very ones that training would go on with
  run(s);
  const TrainedModel model = read_model(s.out / "model.onnx");
  const auto checkpoint = newest_checkpoint(s.out / "checkpoint", [](const std::string&) {});
  CHECK(model.parameters == checkpoint->state[static_cast<std::size_t>(State::parameters)]);

  TrainingSettings next = tiny_settings(folder.path / "next");
  next.log_every = 1;
  next.steps = 1;
  run(next, DiscSource(), false, {}, model.parameters);
  const auto backend = cpu_backend(1);
  TrainingStep step(*backend, next);
  step.program().write_state(State::parameters, checkpoint->state[static_cast<std::size_t>(State::parameters)]);
  std::vector<float> pictures(4 * 768);
  for (std::size_t i = 0; i < 4; ++i) DiscSource().draw(next.seed, i, 16, {&pictures[i * 768], 768});
  CHECK(read_log(next.out / "log.jsonl").at(0).loss == step.take(pictures, 1).loss);
}

TEST_CASE("when no checkpoint is whole, nothing is thrown away") {
  const TemporaryFolder folder;
  const TrainingSettings s = tiny_settings(folder.path / "run");
  run(s);
  for (const auto& file : std::filesystem::directory_iterator(s.out / "checkpoint"))
    std::filesystem::resize_file(file.path(), 1000);
  CHECK_THROWS_WITH_AS(run(s, DiscSource(), true), doctest::Contains("is whole"), std::runtime_error);
  CHECK(read_log(s.out / "log.jsonl").size() == 6);
}
