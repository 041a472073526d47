// florilegium experiment: the essay's experiments, done again.
#include <iostream>

#include "src/files/write_file.h"
#include "src/image/png.h"
#include "trainer/commands/commands.h"
#include "trainer/experiments/experiment.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string name, out, device = "cpu";
  ExperimentSettings settings;
  int threads = 0;
};

const Experiment& experiment_called(const std::string& name) {
  std::string names;
  for (const Experiment& one : experiments()) {
    if (name == one.name) return one;
    names += (names.empty() ? "" : ", ") + std::string(one.name);
  }
  throw std::invalid_argument("There is no experiment called '" + name + "'; known are " + names + ".");
}

int run_experiment(const Arguments& a) {
  const Experiment& experiment = experiment_called(a.name);
  const std::filesystem::path out = a.out.empty() ? "experiments" : a.out;
  make_folder(out, "--out");
  const auto backend = open_backend(a.device, a.threads);
  ExperimentSettings settings = a.settings;
  if (!settings.model.empty()) settings.model = model_file(settings.model).string();
  const ExperimentEnd end = as_input([&] { return experiment.run(*backend, settings, say); });
  write_png(out / (a.name + ".png"), end.picture, {{"Software", "Florilegium"}});
  write_durably(out / (a.name + ".json"), end.numbers.dump(2) + "\n");
  std::cout << end.numbers.dump(2) << "\n" << (out / (a.name + ".png")).string() << std::endl;
  return 0;
}

}  // namespace

Action experiment_command(CLI::App& app) {
  static Arguments a;
  app.add_option("name", a.name, "which one (below)")->required();
  app.add_option("--out", a.out, "folder for NAME.png and NAME.json (default: experiments)");
  app.add_option("--steps", a.settings.steps, "steps of each training, of 32 pictures")
      ->check(at_least_one())
      ->capture_default_str();
  app.add_option("--size", a.settings.side, "side of the garden's pictures in pixels")
      ->check(CLI::Range(16, 128))
      ->capture_default_str();
  app.add_option("--few", a.settings.few, "pictures of a small set")
      ->check(CLI::Range(2, 100000))
      ->capture_default_str();
  app.add_option("--many", a.settings.many, "pictures of a large set")
      ->check(CLI::Range(16, 1000000))
      ->capture_default_str();
  app.add_option("--count", a.settings.pictures, "pictures to grow where they are counted")
      ->check(CLI::Range(8, 4096))
      ->capture_default_str();
  app.add_option("--seed", a.settings.seed, "seed of everything random")->capture_default_str();
  app.add_option("--model", a.settings.model,
                 "for 'walk', 'coins' and 'sheets': an .onnx file of this project, or a run folder");
  app.add_option("--data", a.settings.data, "for 'sheets': garden, or a folder of real pictures");
  add_device_option(app, a.device);
  app.add_option("--threads", a.threads, "CPU threads (default: all cores)")->check(at_least_one());
  std::string list = "The experiments:\n";
  for (const Experiment& one : experiments())
    list += "  " + std::string(one.name) + std::string(10 - std::string(one.name).size(), ' ') + one.text + "\n";
  app.footer(list +
             "\nExamples:\n"
             "  florilegium experiment denoise\n"
             "  florilegium experiment walk --model models/garden.onnx");
  return [] { return run_experiment(a); };
}

}  // namespace florilegium
