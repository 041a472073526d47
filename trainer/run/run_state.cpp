#include "trainer/run/run_state.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace florilegium {

using nlohmann::json;

void Tally::add(const StepResult& result) {
  if (!result.finite) {
    ++skipped;
    return;
  }
  loss += result.loss;
  gradient_norm += result.gradient_norm;
  discriminator_loss += result.discriminator_loss;
  ++steps;
  for (std::size_t i = 0; i < result.levels.size(); ++i) {
    const auto band = std::min(noise_bands - 1, static_cast<std::size_t>(result.levels[i] * noise_bands));
    squared_error[band] += static_cast<double>(result.squared_error[i]);
    count[band] += 1;
  }
}

std::string checkpoint_notes(const RunState& s, const TrainingSettings& settings, const std::string& device) {
  const Tally& t = s.tally;
  const LossWatch& w = s.watch;
  return json{{"settings", to_json(settings, device)},
              {"seconds", s.seconds},
              {"tally", {t.loss, t.gradient_norm, t.steps, t.skipped, t.squared_error, t.count, t.discriminator_loss}},
              {"held_out_loss", s.held_out_loss},
              {"watch", {w.recent, w.usual, w.steps, w.not_finite}},
              {"learning_rate_factor", s.learning_rate_factor},
              {"roll_backs_in_a_row", s.roll_backs_in_a_row},
              {"trouble_step", s.trouble_step},
              {"roll_backs", to_json(s.roll_backs)},
              {"trained_on", s.trained_on}}
      .dump();
}

RunState state_of(const Checkpoint& checkpoint) try {
  const json j = json::parse(checkpoint.notes);
  const json &tally = j.at("tally"), &watch = j.at("watch");
  RunState s;
  s.step = checkpoint.step;
  s.seconds = j.at("seconds");
  s.tally.loss = tally.at(0);
  s.tally.gradient_norm = tally.at(1);
  s.tally.steps = tally.at(2);
  s.tally.skipped = tally.at(3);
  s.tally.squared_error = tally.at(4);
  s.tally.count = tally.at(5);
  if (tally.size() > 6) s.tally.discriminator_loss = tally.at(6);
  s.held_out_loss = j.at("held_out_loss");
  s.watch = {watch.at(0), watch.at(1), watch.at(2), watch.at(3)};
  s.learning_rate_factor = j.at("learning_rate_factor");
  s.roll_backs_in_a_row = j.at("roll_backs_in_a_row");
  s.trouble_step = j.at("trouble_step");
  s.roll_backs = roll_backs_from_json(j.at("roll_backs"));
  s.trained_on = j.at("trained_on");
  return s;
} catch (const json::exception& problem) {
  throw std::runtime_error(std::string("The notes in the checkpoint cannot be read: ") + problem.what() + ".");
}

TrainingSettings settings_of(const Checkpoint& checkpoint) {
  const json notes = json::parse(checkpoint.notes, nullptr, false);
  return training_settings_from_json(notes.is_object() ? notes.value("settings", std::string()) : std::string());
}

TrainedModel model_of(const RunState& state, const TrainingSettings& s, std::vector<float> parameters) {
  TrainedModel model;
  model.info.network = s.network;
  model.info.noise = s.noise;
  model.info.noise_scale = s.noise_scale;
  model.info.schedule = s.schedule;
  model.info.default_steps = s.default_steps;
  model.info.default_sampler = s.default_sampler;
  model.info.title = s.title;
  model.info.trained_on = state.trained_on;
  model.info.train_samples = s.samples_before + state.step * s.batch;
  model.info.held_out_loss = state.held_out_loss;
  Graph graph;
  build_denoiser(graph, s.network, 1, Type::f32);
  parameters.resize(static_cast<std::size_t>(graph.parameter_elements()));  // without a discriminator's
  model.parameters = std::move(parameters);
  if (s.crop_of > 0) {  // what was learned on crops is for whole pictures
    NetworkConfig whole = s.network;
    whole.image_size = s.crop_of;
    model.parameters = adapt_parameters(model, whole);
    model.info.network = whole;
  }
  return model;
}

bool holds_run(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "config.json", ignored) ||
         std::filesystem::exists(folder / "ladder.json", ignored) ||
         std::filesystem::exists(folder / "checkpoint", ignored);
}

TrainingSettings run_settings(const std::filesystem::path& folder,
                              const std::function<void(const std::string&)>& report) {
  if (!holds_run(folder)) throw std::runtime_error("There is no run in '" + folder.string() + "'.");
  const auto file = folder / "config.json";
  TrainingSettings settings;
  try {
    std::ifstream in(file);
    settings = training_settings_from_json(std::string(std::istreambuf_iterator<char>(in), {}));
  } catch (const std::runtime_error& problem) {
    const auto checkpoint = newest_checkpoint(folder / "checkpoint", report);
    if (!checkpoint) throw std::runtime_error(file.string() + ": " + problem.what());
    report(file.string() + " is damaged or missing; taking the settings from the checkpoint of step " +
           std::to_string(checkpoint->step) + ".");
    settings = settings_of(*checkpoint);
  }
  settings.out = folder;
  return settings;
}

Checkpoint checkpoint_at(const std::filesystem::path& from, const std::function<void(const std::string&)>& report) {
  if (!std::filesystem::is_directory(from)) return read_checkpoint(from);
  auto checkpoint =
      newest_checkpoint(std::filesystem::is_directory(from / "checkpoint") ? from / "checkpoint" : from, report);
  if (!checkpoint) throw std::runtime_error("There is no whole checkpoint in '" + from.string() + "'.");
  return std::move(*checkpoint);
}

TrainedModel model_from_checkpoint(const std::filesystem::path& from,
                                   const std::function<void(const std::string&)>& report) {
  Checkpoint checkpoint = checkpoint_at(from, report);
  return model_of(state_of(checkpoint), settings_of(checkpoint),
                  std::move(checkpoint.state[static_cast<std::size_t>(State::ema)]));
}

std::vector<float> discriminator_of(const Checkpoint& checkpoint) {
  Graph graph;
  build_denoiser(graph, settings_of(checkpoint).network, 1, Type::f32);
  const auto& all = checkpoint.state[static_cast<std::size_t>(State::parameters)];
  const auto denoisers = std::min(all.size(), static_cast<std::size_t>(graph.parameter_elements()));
  return {all.begin() + static_cast<std::ptrdiff_t>(denoisers), all.end()};
}

}  // namespace florilegium
