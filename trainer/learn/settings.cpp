#include "trainer/learn/settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "src/files/name_text.h"

namespace florilegium {

using nlohmann::json;

std::string to_json(const TrainingSettings& s, const std::string& device) {
  return json{{"network", json::parse(to_json(s.network))},
              {"data", text_of_name(s.data)},
              {"init", text_of_name(s.init)},
              {"title", shown_name(s.title)},
              {"steps", s.steps},
              {"batch", s.batch},
              {"seed", s.seed},
              {"compute", s.compute == Type::bf16 ? "bf16" : "f32"},
              {"learning_rate", s.optimiser.learning_rate},
              {"beta1", s.optimiser.beta1},
              {"beta2", s.optimiser.beta2},
              {"weight_decay", s.optimiser.weight_decay},
              {"clip_norm", s.optimiser.clip_norm},
              {"ema_decay", s.optimiser.ema_decay},
              {"warm_up", s.warm_up},
              {"decay_share", s.decay_share},
              {"fine_weight", s.fine_weight},
              {"average_weight", s.average_weight},
              {"adversarial_weight", s.adversarial_weight},
              {"adversarial_highest", s.adversarial_highest},
              {"noise", name_of(s.noise)},
              {"noise_scale", s.noise_scale},
              {"schedule", s.schedule.text()},
              {"default_steps", s.default_steps},
              {"default_sampler", name_of(s.default_sampler)},
              {"level_mean", s.levels.mean},
              {"level_deviation", s.levels.deviation},
              {"extreme_share", s.levels.extreme_share},
              {"extreme_from", s.levels.extreme_from},
              {"level_lowest", s.levels.lowest},
              {"level_highest", s.levels.highest},
              {"part", s.part},
              {"averaged", s.averaged},
              {"crop_of", s.crop_of},
              {"checkpoint_every", s.checkpoint_every},
              {"log_every", s.log_every},
              {"evaluate_every", s.evaluate_every},
              {"sample_every", s.sample_every},
              {"keep_checkpoints", s.keep_checkpoints},
              {"held_out_pictures", s.held_out_pictures},
              {"sample_count", s.sample_count},
              {"loader_threads", s.loader_threads},
              {"samples_before", s.samples_before},
              {"device", device}}
      .dump(2);
}

TrainingSettings training_settings_from_json(const std::string& text) try {
  const json j = json::parse(text);
  TrainingSettings s;
  s.network = network_config_from_json(j.at("network").dump());
  s.data = name_of_text(j.at("data").get<std::string>());
  s.init = name_of_text(j.at("init").get<std::string>());
  s.title = j.at("title");
  s.steps = j.at("steps");
  s.batch = j.at("batch");
  s.seed = j.at("seed");
  s.compute = j.at("compute") == "bf16" ? Type::bf16 : Type::f32;
  s.optimiser.learning_rate = j.at("learning_rate");
  s.optimiser.beta1 = j.at("beta1");
  s.optimiser.beta2 = j.at("beta2");
  s.optimiser.weight_decay = j.at("weight_decay");
  s.optimiser.clip_norm = j.at("clip_norm");
  s.optimiser.ema_decay = j.at("ema_decay");
  s.warm_up = j.at("warm_up");
  s.decay_share = j.at("decay_share");
  s.fine_weight = j.value("fine_weight", 0.0);
  s.average_weight = j.value("average_weight", 0.0);
  s.adversarial_weight = j.value("adversarial_weight", 0.0);
  s.adversarial_highest = j.value("adversarial_highest", 1.0);
  s.noise = noise_kind(j.at("noise").get<std::string>());
  s.noise_scale = j.at("noise_scale");
  s.schedule = Schedule::parse(j.at("schedule").get<std::string>());
  s.default_steps = j.at("default_steps");
  s.default_sampler = sampler(j.value("default_sampler", "plain"));
  s.levels.mean = j.at("level_mean");
  s.levels.deviation = j.at("level_deviation");
  s.levels.extreme_share = j.at("extreme_share");
  s.levels.extreme_from = j.at("extreme_from");
  s.levels.lowest = j.value("level_lowest", 0.0);
  s.levels.highest = j.value("level_highest", 1.0);
  s.part = j.value("part", "");
  s.averaged = j.value("averaged", 1);
  s.crop_of = j.value("crop_of", 0);
  s.checkpoint_every = j.at("checkpoint_every");
  s.log_every = j.at("log_every");
  s.evaluate_every = j.at("evaluate_every");
  s.sample_every = j.at("sample_every");
  s.keep_checkpoints = j.at("keep_checkpoints");
  s.held_out_pictures = j.at("held_out_pictures");
  s.sample_count = j.at("sample_count");
  s.loader_threads = j.at("loader_threads");
  s.samples_before = j.at("samples_before");
  return s;
} catch (const json::exception& problem) {
  throw std::runtime_error(std::string("The settings of the run cannot be read: ") + problem.what() + ".");
} catch (const std::invalid_argument& problem) {
  throw std::runtime_error(std::string("The settings of the run cannot be used: ") + problem.what());
}

double learning_rate(const TrainingSettings& s, std::int64_t step) {
  const double rise = s.warm_up > 0 ? std::min(1.0, static_cast<double>(step) / static_cast<double>(s.warm_up)) : 1.0;
  const double decay_steps = s.decay_share * static_cast<double>(s.steps);
  const double fall = decay_steps > 0 ? std::min(1.0, static_cast<double>(s.steps - step + 1) / decay_steps) : 1.0;
  return s.optimiser.learning_rate * std::min(rise, fall);
}

}  // namespace florilegium
