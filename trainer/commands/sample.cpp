// florilegium sample: grows pictures with a model, as the page does.
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "src/files/name_text.h"
#include "src/files/sha256.h"
#include "src/image/png.h"
#include "src/image/sheet.h"
#include "trainer/commands/commands.h"
#include "trainer/data/read_picture.h"
#include "trainer/judge/real_plates.h"
#include "trainer/onnx/model_file.h"
#include "trainer/sample/coarse_guide.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string model, hint, out = "sample.png", sampler, schedule, device = "cpu";
  std::uint64_t seed = 7;
  int count = 1, steps = 0, threads = 0;
};

std::string hash_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return sha256(std::string(std::istreambuf_iterator<char>(in), {}));
}

/// The recipe, as the page writes and reads it: of one picture, or of a sheet of `count` with the
/// seeds from `seed` on (the page also looks for `first_seed` there). `weights` tells models of the
/// same file name apart.
std::vector<PngNote> notes(const std::filesystem::path& file, const TrainedModel& model, const GrowSettings& settings,
                           std::uint64_t seed, int count) {
  std::vector<PngNote> all = {{"Software", "Florilegium"},
                              {"florilegium.model", shown_name(file.filename().string())},
                              {"florilegium.weights", hash_of_file(file).substr(0, 16)},
                              {"florilegium.title", shown_name(model.info.title)},
                              {"florilegium.seed", std::to_string(seed)},
                              {"florilegium.steps", std::to_string(settings.steps)},
                              {"florilegium.sampler", std::string(name_of(settings.sampler))},
                              {"florilegium.schedule", settings.schedule.text()}};
  if (count > 1) {
    all.push_back({"florilegium.first_seed", std::to_string(seed)});
    all.push_back({"florilegium.count", std::to_string(count)});
  }
  if (!settings.hint.empty()) all.push_back({"florilegium.hint", "yes"});
  return all;
}

int run_sample(const Arguments& a) {
  const auto file = model_file(a.model);
  const TrainedModel model = as_input([&] { return read_model(file); });
  const ModelInfo& info = model.info;
  GrowSettings settings = grow_settings(info, a.steps, a.sampler, a.schedule);
  if (!a.hint.empty()) {
    if (!model.hint_cell())
      throw std::invalid_argument(file.string() + " was trained without hints; it cannot follow one.");
    settings.hint = coarse_guide(with_alpha(as_input([&] { return read_picture(a.hint); })), info.network.image_size);
  }
  const std::filesystem::path out = a.out;
  const bool one_file = out.extension() == ".png";
  make_folder(one_file ? std::filesystem::absolute(out).parent_path() : out, "--out");

  const auto backend = open_backend(a.device, a.threads);
  ForwardModel forward(*backend, model, 1, Type::f32);
  std::vector<Picture> pictures;
  for (int i = 0; i < a.count; ++i) {
    const std::uint64_t seeds[] = {a.seed + static_cast<std::uint64_t>(i)};
    pictures.push_back(std::move(grow(forward, settings, seeds)[0]));
    if (one_file) continue;
    const auto to = out / ("seed-" + std::to_string(seeds[0]) + ".png");
    write_png(to, pictures.back(), notes(file, model, settings, seeds[0], 1));
    pictures.clear();
    std::cout << to.string() << std::endl;
  }
  if (!one_file) return 0;
  write_png(out, a.count == 1 ? pictures[0] : contact_sheet(pictures), notes(file, model, settings, a.seed, a.count));
  std::cout << out.string() << std::endl;
  return 0;
}

}  // namespace

Action sample_command(CLI::App& app) {
  static Arguments a;
  app.add_option("--model", a.model, ".onnx file of this project, or a run folder (default: the last run)");
  app.add_option("--seed", a.seed, "seed of the first picture")->capture_default_str();
  app.add_option("--count", a.count, "pictures, with seeds one after the other")
      ->check(at_least_one())
      ->capture_default_str();
  app.add_option("--steps", a.steps, "denoising steps (default: the model's)")->check(at_least_one());
  add_sampler_option(app, a.sampler);
  app.add_option("--hint", a.hint,
                 "a picture whose middle square is the coarse guide: its colours, one for each 8x8 pixels")
      ->check(CLI::ExistingFile);
  app.add_option("--schedule", a.schedule, "'linear' or 'shifted:S' (default: the model's)");
  add_device_option(app, a.device);
  app.add_option("--threads", a.threads, "CPU threads (default: all cores)")->check(at_least_one());
  app.add_option("--out", a.out, "a PNG file (several pictures become one contact sheet), or a folder")
      ->capture_default_str();
  app.footer(
      "Examples:\n"
      "  florilegium sample --model models/garden.onnx --seed 7\n"
      "  florilegium sample --model models/botanical.onnx --hint sketch.png    a plate over a coarse guide\n"
      "  florilegium sample --model run --count 16 --out sheet.png     a contact sheet\n"
      "  florilegium sample --model run --count 16 --out pictures      a folder of single pictures");
  return [] { return run_sample(a); };
}

}  // namespace florilegium
