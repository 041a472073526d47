#include "trainer/learn/training.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "src/image/png.h"
#include "src/image/sheet.h"
#include "trainer/data/loader.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/checkpoint.h"
#include "trainer/learn/forward_model.h"
#include "trainer/learn/hints.h"
#include "trainer/onnx/durable_file.h"

namespace florilegium {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;
constexpr std::size_t bands = 4;  // of noise levels, a quarter each

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Means since the last report; part of the checkpoint, so that a resumed run reports the same numbers.
struct Tally {
  double loss = 0, gradient_norm = 0;
  std::int64_t steps = 0, skipped = 0;
  std::array<double, bands> squared_error{}, count{};

  json to_json() const { return {loss, gradient_norm, steps, skipped, squared_error, count}; }
  static Tally from_json(const json& j) {
    Tally t;
    t.loss = j.at(0);
    t.gradient_norm = j.at(1);
    t.steps = j.at(2);
    t.skipped = j.at(3);
    t.squared_error = j.at(4);
    t.count = j.at(5);
    return t;
  }
};

/// The graph of one training step with its inputs, compiled.
struct TrainingProgram {
  Denoiser network;
  Value target, weight, seed;
  Loss loss;
  std::unique_ptr<Program> program;

  TrainingProgram(Backend& backend, const NetworkConfig& config, int batch, Type compute) {
    Graph graph;
    network = build_denoiser(graph, config, batch, compute);
    target = graph.input("target", graph.shape(network.denoised));
    weight = graph.input("weight", {batch});
    seed = graph.input("seed", {1});
    loss = weighted_squared_error(graph, network.denoised, target, weight);
    const auto parameters = graph.parameters();
    const auto gradients = graph.differentiate(loss.loss, seed, parameters);
    const Value keep[] = {loss.loss, loss.squared_error};
    program = backend.compile(std::move(graph), keep, gradients);
    program->write(seed, std::vector<float>{1.0f});
  }
};

/// Mean squared error of the moving-average weights at each evaluation level, over the same pictures and the same noise every time.
std::array<double, std::size(evaluation_levels)> evaluate(ForwardModel& model, const TrainingSettings& s, std::size_t pictures,
                                                          const std::function<void(std::size_t, std::span<float>)>& picture) {
  const auto size = static_cast<std::size_t>(s.network.image_size) * static_cast<std::size_t>(s.network.image_size) * 3, batch = static_cast<std::size_t>(model.batch());
  std::array<double, std::size(evaluation_levels)> error{};
  std::vector<float> clean(batch * size), noisy(batch * size);
  for (std::size_t first = 0; first < pictures; first += batch) {
    const std::size_t count = std::min(batch, pictures - first);
    for (std::size_t i = 0; i < count; ++i) picture(first + i, {&clean[i * size], size});
    for (std::size_t l = 0; l < error.size(); ++l) {
      for (std::size_t i = 0; i < count; ++i)
        add_training_noise({&clean[i * size], size}, evaluation_levels[l], s.noise, static_cast<float>(s.noise_scale), 0x6576616c, (first + i) * error.size() + l, {&noisy[i * size], size});
      const auto denoised = model.denoise(noisy, std::vector<float>(batch, evaluation_levels[l]));
      double sum = 0;
      for (std::size_t k = 0; k < count * size; ++k) sum += static_cast<double>((denoised[k] - clean[k]) * (denoised[k] - clean[k]));
      error[l] += sum / static_cast<double>(size * pictures);
    }
  }
  return error;
}

double learning_rate(const TrainingSettings& s, std::int64_t step) {
  const double rise = s.warm_up > 0 ? std::min(1.0, static_cast<double>(step) / static_cast<double>(s.warm_up)) : 1.0;
  const double decay_steps = s.decay_share * static_cast<double>(s.steps);
  const double fall = decay_steps > 0 ? std::min(1.0, static_cast<double>(s.steps - step + 1) / decay_steps) : 1.0;
  return s.optimiser.learning_rate * std::min(rise, fall);
}

json settings_json(const TrainingSettings& s, const Backend& backend) {
  return {{"network", json::parse(to_json(s.network))}, {"data", s.data}, {"title", s.title}, {"steps", s.steps}, {"batch", s.batch}, {"seed", s.seed},
          {"compute", s.compute == Type::bf16 ? "bf16" : "f32"}, {"learning_rate", s.optimiser.learning_rate}, {"beta1", s.optimiser.beta1}, {"beta2", s.optimiser.beta2},
          {"weight_decay", s.optimiser.weight_decay}, {"clip_norm", s.optimiser.clip_norm}, {"ema_decay", s.optimiser.ema_decay}, {"warm_up", s.warm_up},
          {"decay_share", s.decay_share}, {"noise", name_of(s.noise)}, {"noise_scale", s.noise_scale}, {"schedule", s.schedule.text()}, {"default_steps", s.default_steps},
          {"level_mean", s.levels.mean}, {"level_deviation", s.levels.deviation}, {"extreme_share", s.levels.extreme_share}, {"extreme_from", s.levels.extreme_from},
          {"samples_before", s.samples_before}, {"device", backend.description()}};
}

/// Keeps the lines of log.jsonl up to `step`: a resumed run writes the later ones again.
void cut_log(const std::filesystem::path& file, std::int64_t step) {
  std::ifstream in(file);
  if (!in) return;
  std::string kept;
  for (std::string line; std::getline(in, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (!entry.is_discarded() && entry.value("step", std::int64_t{0}) <= step) kept += line + "\n";
  }
  write_durably(file, kept);
}

}  // namespace

TrainingEnd train(Backend& backend, const PictureSource& source, const TrainingSettings& s, std::span<const float> start, bool resume, const TrainingHooks& hooks) {
  const int size = s.network.image_size;
  const auto batch = static_cast<std::size_t>(s.batch), picture_floats = static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3;
  const auto hint_floats = static_cast<std::size_t>(size / 8) * static_cast<std::size_t>(size / 8) * 4;
  std::filesystem::create_directories(s.out / "samples");

  TrainingProgram step_program(backend, s.network, s.batch, s.compute);
  Program& program = *step_program.program;
  Tally tally;
  std::int64_t step = 0;
  double held_out_loss = 0;
  const auto checkpoint_folder = s.out / "checkpoint";
  if (auto found = resume ? newest_checkpoint(checkpoint_folder, hooks.say) : std::optional<Checkpoint>{}) {
    for (std::size_t i = 0; i < 4; ++i) program.write_state(static_cast<State>(i), found->state[i]);
    const json notes = json::parse(found->notes);
    if (notes.at("seed") != s.seed || notes.at("batch") != s.batch)
      throw std::runtime_error("The run in " + s.out.string() + " was begun with another seed or batch size; resume it with the same ones.");
    step = found->step;
    tally = Tally::from_json(notes.at("tally"));
    held_out_loss = notes.at("held_out_loss");
    hooks.say("Resuming after step " + std::to_string(step) + ".");
  } else {
    if (resume) hooks.say("There is no checkpoint in " + checkpoint_folder.string() + " yet; starting from the beginning.");
    const std::vector<float> initial = [&] {
      if (!start.empty()) return std::vector<float>(start.begin(), start.end());
      Graph graph;
      build_denoiser(graph, s.network, 1, Type::f32);
      return initial_parameters(graph, s.seed);
    }();
    program.write_state(State::parameters, initial);
    program.write_state(State::ema, initial);
  }
  write_durably(s.out / "config.json", settings_json(s, backend).dump(2) + "\n");
  cut_log(s.out / "log.jsonl", step);
  std::ofstream log(s.out / "log.jsonl", std::ios::app);

  const int forward_batch = std::min(s.batch, 8);
  ForwardModel forward(backend, s.network, forward_batch, s.compute);

  const auto save_checkpoint = [&] {
    Checkpoint checkpoint{step, json{{"seed", s.seed}, {"batch", s.batch}, {"tally", tally.to_json()}, {"held_out_loss", held_out_loss}}.dump(), {}};
    for (std::size_t i = 0; i < 4; ++i) checkpoint.state[i] = program.read_state(static_cast<State>(i));
    write_checkpoint(checkpoint_folder, checkpoint, s.keep_checkpoints);
  };
  const auto save_model = [&] {
    TrainedModel model;
    model.info.network = s.network;
    model.info.noise = s.noise;
    model.info.noise_scale = s.noise_scale;
    model.info.schedule = s.schedule;
    model.info.default_steps = s.default_steps;
    model.info.title = s.title;
    model.info.trained_on = source.name();
    model.info.train_samples = s.samples_before + step * s.batch;
    model.info.held_out_loss = held_out_loss;
    model.parameters = program.read_state(State::ema);
    write_model(s.out / "model.onnx", model, WeightPrecision::f32);
  };
  const auto save_samples = [&] {
    forward.set_parameters(program.read_state(State::ema));
    std::vector<std::uint64_t> seeds;
    for (int i = 1; i <= s.sample_count; ++i) seeds.push_back(static_cast<std::uint64_t>(i));
    const GrowSettings settings{s.noise, s.noise_scale, s.schedule, s.default_steps, Sampler::plain};
    char name[40];
    std::snprintf(name, sizeof name, "step-%09lld.png", static_cast<long long>(step));
    write_png(s.out / "samples" / name, contact_sheet(grow(forward, settings, seeds)));
  };

  BatchLoader loader(source, s.seed, s.batch, size, static_cast<std::uint64_t>(step) * batch, s.loader_threads);
  std::vector<float> target(batch * picture_floats), noisy(batch * picture_floats), hints(batch * hint_floats), weights(batch);
  auto since_report = Clock::now();
  std::int64_t steps_since_report = 0;

  while (step < s.steps) {
    loader.next(target);
    const std::vector<float> levels = training_levels(s.levels, s.seed, static_cast<std::uint64_t>(step), s.batch);
#pragma omp parallel for schedule(static)
    for (std::size_t i = 0; i < batch; ++i) {
      const std::uint64_t index = static_cast<std::uint64_t>(step) * batch + i;
      const std::span<const float> picture(&target[i * picture_floats], picture_floats);
      add_training_noise(picture, levels[i], s.noise, static_cast<float>(s.noise_scale), s.seed, index, {&noisy[i * picture_floats], picture_floats});
      if (s.network.hint) draw_training_hint(picture, size, s.seed, index, {&hints[i * hint_floats], hint_floats});
      weights[i] = loss_weight(levels[i]);
    }
    program.write(step_program.network.x, noisy);
    program.write(step_program.network.noise_level, levels);
    if (step_program.network.hint) program.write(step_program.network.hint, hints);
    program.write(step_program.target, target);
    program.write(step_program.weight, weights);
    program.run();

    ++step;
    OptimiserStep optimiser = s.optimiser;
    optimiser.step = step;
    optimiser.learning_rate = learning_rate(s, step);
    optimiser.ema_decay = std::min(s.optimiser.ema_decay, static_cast<double>(1 + step) / static_cast<double>(10 + step));
    const double norm = program.optimise(optimiser);
    if (std::isfinite(norm)) {
      tally.loss += static_cast<double>(program.read(step_program.loss.loss)[0]);
      tally.gradient_norm += norm;
      ++tally.steps;
      const auto errors = program.read(step_program.loss.squared_error);
      for (std::size_t i = 0; i < batch; ++i) {
        const auto band = std::min(bands - 1, static_cast<std::size_t>(levels[i] * bands));
        tally.squared_error[band] += static_cast<double>(errors[i]);
        tally.count[band] += 1;
      }
    } else {
      ++tally.skipped;
      hooks.say("The gradients of step " + std::to_string(step) + " are not finite; the step was skipped.");
    }
    ++steps_since_report;

    const bool last = step == s.steps;
    const auto due = [&](std::int64_t every) { return every > 0 && (last || step % every == 0); };
    const bool stop = hooks.stop();
    std::optional<std::array<double, std::size(evaluation_levels)>> held_out, trained;
    if (due(s.evaluate_every) && source.held_out_count() > 0) {
      forward.set_parameters(program.read_state(State::ema));
      const auto pictures = std::min<std::size_t>(source.held_out_count(), static_cast<std::size_t>(s.held_out_pictures));
      held_out = evaluate(forward, s, pictures, [&](std::size_t i, std::span<float> out) { source.held_out(i, size, out); });
      trained = evaluate(forward, s, pictures, [&](std::size_t i, std::span<float> out) { source.draw(s.seed, i, size, out); });
      held_out_loss = 0;
      for (const double error : *held_out) held_out_loss += error / static_cast<double>(held_out->size());
    }
    if (due(s.log_every)) {
      const auto n = static_cast<double>(std::max<std::int64_t>(1, tally.steps));
      json entry{{"step", step}, {"samples", s.samples_before + step * s.batch}, {"loss", tally.loss / n}, {"gradient_norm", tally.gradient_norm / n}, {"learning_rate", optimiser.learning_rate}};
      json by_band = json::array();
      for (std::size_t b = 0; b < bands; ++b) by_band.push_back(tally.count[b] > 0 ? json(tally.squared_error[b] / tally.count[b]) : json());
      entry["loss_by_band"] = by_band;
      if (tally.skipped > 0) entry["skipped_steps"] = tally.skipped;
      if (held_out) {
        entry["held_out_loss"] = held_out_loss;
        entry["held_out_by_level"] = *held_out;
        entry["train_by_level"] = *trained;
      }
      const double rate = static_cast<double>(steps_since_report * s.batch) / std::max(1e-9, seconds_since(since_report));
      entry["samples_per_second"] = rate;
      log << entry.dump() << std::endl;
      if (!log) throw std::runtime_error("Nothing more can be written to " + (s.out / "log.jsonl").string() + ": is the disk full? The last checkpoint is whole; resume with --resume when there is room.");
      hooks.progress({step, s.steps, s.samples_before + step * s.batch, tally.loss / n, rate, static_cast<double>((s.steps - step) * s.batch) / rate,
                      held_out ? std::optional<double>(held_out_loss) : std::nullopt});
      tally = {};
      since_report = Clock::now();
      steps_since_report = 0;
    }
    if (due(s.checkpoint_every) || stop) {
      save_checkpoint();
      save_model();
    }
    if (due(s.sample_every)) save_samples();
    if (stop && !last) return TrainingEnd::stopped;
  }
  return TrainingEnd::finished;
}

}  // namespace florilegium
