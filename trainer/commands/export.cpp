// florilegium export: writes the moving average of a run's weights as a model file.
#include <iostream>

#include "trainer/commands/commands.h"
#include "trainer/onnx/model_file.h"
#include "trainer/run/run_state.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string from, out = "model.onnx", weights = "f32", title, schedule, sampler;
  int steps = 0;
};

int run_export(const Arguments& a) {
  const std::filesystem::path from = a.from.empty() ? last_run_folder() : std::filesystem::path(a.from);
  if (from.empty())
    throw std::invalid_argument("Export what? Name a run folder, a checkpoint or a model file with --from.");
  if (!std::filesystem::exists(from))
    throw std::invalid_argument("There is no '" + from.string() +
                                "'; name a run folder, a checkpoint or a model file with --from.");
  TrainedModel model =
      as_input([&] { return from.extension() == ".onnx" ? read_model(from) : model_from_checkpoint(from, say); });
  if (!a.title.empty()) model.info.title = a.title;
  if (!a.schedule.empty()) model.info.schedule = Schedule::parse(a.schedule);
  if (a.steps > 0) model.info.default_steps = a.steps;
  if (!a.sampler.empty()) model.info.default_sampler = sampler(a.sampler);
  const std::filesystem::path out = a.out;
  make_folder(std::filesystem::absolute(out).parent_path(), "--out");
  write_model(out, model, a.weights == "f16" ? WeightPrecision::f16 : WeightPrecision::f32);
  std::cout << out.string() << ": '" << model.info.title << "', " << model.parameters.size() << " parameters, "
            << std::filesystem::file_size(out) / 1000 << " kB, " << model.info.train_samples << " pictures seen"
            << std::endl;
  return 0;
}

}  // namespace

Action export_command(CLI::App& app) {
  static Arguments a;
  app.add_option("--from", a.from,
                 "a run folder (its newest checkpoint), a .ckpt file, or an .onnx file (default: the last run)");
  app.add_option("--out", a.out, "model file to write")->capture_default_str();
  app.add_option("--weights", a.weights, "f32, or f16: half the size")
      ->check(CLI::IsMember({"f32", "f16"}))
      ->capture_default_str();
  app.add_option("--title", a.title, "the model's name (default: the one it has)");
  app.add_option("--schedule", a.schedule,
                 "'linear' or 'shifted:S', recommended to the model's users (default: the one it has)");
  app.add_option("--steps", a.steps, "denoising steps, likewise (default: the number it has)")->check(at_least_one());
  app.add_option("--sampler", a.sampler, "plain, extrapolated or heun, likewise (default: the one it has)");
  app.footer(
      "Examples:\n"
      "  florilegium export --from run --out garden.onnx --title \"Garden\"\n"
      "  florilegium export --from run/checkpoint/step-000002500.ckpt\n"
      "  florilegium export --from garden.onnx --weights f16 --out garden-f16.onnx\n"
      "  florilegium export --from garden.onnx --steps 12 --sampler extrapolated --out quick.onnx");
  return [] { return run_export(a); };
}

}  // namespace florilegium
