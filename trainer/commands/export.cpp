// florilegium export: writes the moving average of a run's weights as a model file.
#include <iostream>
#include <map>
#include <optional>

#include "trainer/commands/commands.h"
#include "trainer/learn/rungs.h"
#include "trainer/onnx/model_file.h"
#include "trainer/run/ladder.h"
#include "trainer/run/run_state.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string from, coarse, fine, guide, out = "model.onnx", weights = "f32", title, schedule, sampler;
  int steps = 0;
  double hand_over = 0;
  std::optional<double> guide_weight;
};

TrainedModel model_at(const std::string& place, const char* flag) {
  const std::filesystem::path from = place.empty() ? last_run_folder() : std::filesystem::path(place);
  if (from.empty())
    throw std::invalid_argument(std::string("Export what? Name a run folder, a checkpoint or a model file with ") +
                                flag + ".");
  if (!std::filesystem::exists(from))
    throw std::invalid_argument("There is no '" + from.string() +
                                "'; name a run folder, a checkpoint or a model file with " + flag + ".");
  return as_input([&] {
    if (from.extension() == ".onnx") return read_model(from);
    if (!holds_ladder(from)) return model_from_checkpoint(from, say);
    auto ladder = ladder_from_checkpoints(from, say);
    if (!ladder) throw std::runtime_error("There is no whole checkpoint in '" + from.string() + "'.");
    return std::move(*ladder);
  });
}

/// Of a run of the fine part, and a run of the coarse part that sees averages of the same pictures.
TrainedModel ladder_of(const Arguments& a) {
  TrainedModel fine = model_at(a.fine, "--fine"), coarse = model_at(a.coarse, "--coarse");
  return as_input([&] {
    std::optional<Guide> guide;  // a ladder's coarse network brings its own
    if (!coarse.coarser.empty()) {
      guide = coarse.coarser.front().guide;
      coarse = network_of(coarse, rung("coarse").config);
    }
    if (!fine.coarser.empty()) fine = network_of(fine, fine.info.network.name);
    TrainedModel ladder = join_ladder(std::move(coarse), std::move(fine), a.hand_over);
    ladder.coarser.front().guide = std::move(guide);
    return ladder;
  });
}

/// Gives the model the guide that is named, or the one that it has another weight.
void set_guide(TrainedModel& model, const Arguments& a) {
  const double weight = a.guide_weight.value_or(rung("guide").guide_weight);
  if (!a.guide.empty()) {
    TrainedModel guide = model_at(a.guide, "--guide");
    as_input([&] {
      if (!guide.coarser.empty()) guide = network_of(guide, rung("guide").config);
      add_guide(model, std::move(guide), weight);
    });
  } else if (a.guide_weight) {
    if (model.coarser.empty() || !model.coarser.front().guide)
      throw std::invalid_argument("There is no guide to weigh; name one with --guide.");
    model.coarser.front().guide->weight = weight;
  }
}

int run_export(const Arguments& a) {
  if (a.coarse.empty() != a.fine.empty()) throw std::invalid_argument("A ladder needs both --coarse and --fine.");
  TrainedModel model = a.coarse.empty() ? model_at(a.from, "--from") : ladder_of(a);
  set_guide(model, a);
  if (!a.title.empty()) model.info.title = a.title;
  if (!a.schedule.empty()) model.info.schedule = Schedule::parse(a.schedule);
  if (a.steps > 0) model.info.default_steps = a.steps;
  if (!a.sampler.empty()) model.info.default_sampler = sampler(a.sampler);
  const std::filesystem::path out = a.out;
  make_folder(std::filesystem::absolute(out).parent_path(), "--out");
  const std::map<std::string, WeightPrecision> precisions = {
      {"f32", WeightPrecision::f32}, {"f16", WeightPrecision::f16}, {"i8", WeightPrecision::i8}};
  write_model(out, model, precisions.at(a.weights));
  std::size_t parameters = model.parameters.size();
  for (const CoarserNetwork& one : model.coarser)
    parameters += one.parameters.size() + (one.guide ? one.guide->parameters.size() : 0);
  std::cout << out.string() << ": '" << model.info.title << "', " << parameters << " parameters, "
            << std::filesystem::file_size(out) / 1000 << " kB, " << model.info.train_samples << " pictures seen"
            << std::endl;
  return 0;
}

}  // namespace

Action export_command(CLI::App& app) {
  static Arguments a;
  app.add_option("--from", a.from,
                 "a run folder (its newest checkpoint), a .ckpt file, or an .onnx file (default: the last run)");
  app.add_option("--coarse", a.coarse,
                 "the coarse part of a ladder, likewise, or that of a ladder; with --fine instead of --from");
  app.add_option("--fine", a.fine, "its fine part");
  app.add_option("--hand-over", a.hand_over, "noise level above which the coarse part is asked (default: 0.6)")
      ->check(CLI::Range(0.05, 0.99));
  app.add_option("--guide", a.guide,
                 "a worse network for the coarse part's question, which shows it what to avoid, likewise");
  app.add_option("--guide-weight", a.guide_weight, "how far predictions are kept away from the guide's (default: 0.75)")
      ->check(CLI::Range(0.01, 10.0));
  app.add_option("--out", a.out, "model file to write")->capture_default_str();
  app.add_option("--weights", a.weights, "f32, f16 (half the size) or i8 (a quarter)")
      ->check(CLI::IsMember({"f32", "f16", "i8"}))
      ->capture_default_str();
  app.add_option("--title", a.title, "the model's name (default: the one it has)");
  app.add_option("--schedule", a.schedule,
                 "'linear' or 'shifted:S', recommended to the model's users (default: the one it has)");
  app.add_option("--steps", a.steps, "denoising steps, likewise (default: the number it has)")->check(at_least_one());
  app.add_option("--sampler", a.sampler, sampler_list() + ", likewise (default: the one it has)");
  app.footer(
      "Examples:\n"
      "  florilegium export --from run --out garden.onnx --title \"Garden\"\n"
      "  florilegium export --coarse coarse-run --fine fine-run --weights i8\n"
      "  florilegium export --from ladder.onnx --guide guide-run --out guided.onnx\n"
      "  florilegium export --from run/checkpoint/step-000002500.ckpt\n"
      "  florilegium export --from garden.onnx --weights f16 --out garden-f16.onnx\n"
      "  florilegium export --from garden.onnx --steps 12 --sampler extrapolated --out quick.onnx");
  return [] { return run_export(a); };
}

}  // namespace florilegium
