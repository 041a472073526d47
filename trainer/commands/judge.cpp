// florilegium judge: grown pictures against the real plates, by the three criteria; two sets of
// them side by side; and what the page needs to do the same.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <set>
#include <vector>

#include "src/image/png.h"
#include "src/image/resize.h"
#include "src/image/sheet.h"
#include "trainer/commands/commands.h"
#include "trainer/data/folder.h"
#include "trainer/data/source.h"
#include "trainer/judge/compare.h"
#include "trainer/judge/encoder_training.h"
#include "trainer/judge/hints_followed.h"
#include "trainer/judge/judgement.h"
#include "trainer/judge/publish.h"
#include "trainer/judge/report.h"
#include "trainer/onnx/model_file.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string model, pictures, data, sampler, out = "judgement", device = "cpu";
  std::optional<std::string> encoder;
  std::uint64_t seed = 1;
  int count = 64, steps = 0, threads = 0, garden_plates = 1000;
  std::optional<std::string> view;
  bool beside = false;
  std::vector<int> tell{64, 128, 256};
  std::vector<std::string> compare;
};

struct PublishArguments {
  std::string data, list, out = "web/judge";
};

struct HintArguments {
  std::string model, data, sampler, out, device = "cpu";
  std::uint64_t seed = 1;
  int count = 16, steps = 0, threads = 0;
};

struct EncoderArguments {
  EncoderSettings settings;
  std::string out = "judge.onnx", device = "cpu";
  int threads = 0;
};

/// Grows the set; `kind` becomes what the model grows.
JudgedSet grown_set(const Arguments& a, ViewKind& kind) {
  const auto file = model_file(a.model);
  const TrainedModel model = as_input([&] { return read_model(file); });
  const ModelInfo& info = model.info;
  kind = info.network.view ? ViewKind::whole : ViewKind::detail;
  for (const CoarserNetwork& one : model.coarser)
    if (one.network.view) kind = ViewKind::whole;
  const GrowSettings settings = grow_settings(info, a.steps, a.sampler);
  const auto backend = open_backend(a.device, a.threads);
  ForwardModel forward(*backend, model, 1, Type::f32);
  JudgedSet set;
  for (int i = 0; i < a.count; ++i) {
    const std::uint64_t seeds[] = {a.seed + static_cast<std::uint64_t>(i)};
    set.pictures.push_back(std::move(grow(forward, settings, seeds)[0]));
    set.names.push_back("seed-" + std::to_string(seeds[0]));
    say("Grown: " + std::to_string(i + 1) + " of " + std::to_string(a.count));
  }
  set.title = info.title + ", " + std::to_string(a.count) + " pictures from seed " + std::to_string(a.seed) + ", " +
              std::to_string(settings.steps) + " " + std::string(name_of(settings.sampler)) + " steps";
  return set;
}

JudgedSet given_set(const Arguments& a) {
  JudgedSet set;
  std::set<std::string> taken;
  for (const FolderPicture& picture : as_input([&] { return list_pictures(a.pictures, say); })) {
    set.pictures.push_back(middle_square(with_alpha(as_input([&] { return read_picture(picture.file); }))));
    std::string name = picture.file.stem().string();
    for (int number = 2; !taken.insert(name).second; ++number)
      name = picture.file.stem().string() + "-" + std::to_string(number);
    set.names.push_back(name);
  }
  set.title = std::to_string(set.names.size()) + " pictures of " + a.pictures;
  return set;
}

/// The two-sample test, with its progress told.
TwoSample told_apart(Backend& backend, const JudgedSet& set, std::span<const Picture> real, int side,
                     const std::string& whose) {
  int said = 0;
  return two_sample_test(backend, set.pictures, real, side, [&](double done) {
    const int tenth = static_cast<int>(10 * done);
    if (tenth <= said) return;
    said = tenth;
    say("Learning to tell " + whose + " at " + std::to_string(side) + " pixels: " + std::to_string(10 * said) + " %");
  });
}

/// The encoder that is named, or the one beside the models; without that, nothing is measured in
/// features, and it is said.
std::optional<Encoder> encoder_of(const Arguments& a) {
  const std::filesystem::path usual = "models/judge.onnx";
  if (!a.encoder && !std::filesystem::exists(usual)) {
    say("There is no " + usual.string() +
        " here, so nothing is measured in features; name it with --encoder, or make one with 'florilegium judge "
        "encoder'.");
    return std::nullopt;
  }
  return as_input([&] { return read_encoder(a.encoder ? std::filesystem::path(*a.encoder) : usual); });
}

/// How many real pictures a set of so many is compared with: half of them are held against it, the
/// other half stand in its place.
std::size_t real_count(std::size_t pictures) { return 2 * std::clamp<std::size_t>(pictures, 32, 256); }

/// What one side of --compare names: a judgement, a folder of pictures, or a model, which then says
/// what kind it grows.
JudgedSet compared_set(Arguments a, const std::string& name, std::optional<ViewKind>& kind) {
  const std::filesystem::path path = name;
  if (std::filesystem::exists(path / "judge.json")) a.pictures = (path / "pictures").string();
  else if (std::filesystem::is_directory(path) && !std::filesystem::exists(path / "model.onnx")) a.pictures = name;
  if (!a.pictures.empty()) return given_set(a);
  a.model = name;
  ViewKind grown = ViewKind::detail;
  JudgedSet set = grown_set(a, grown);
  if (kind && *kind != grown && !a.view)
    throw std::invalid_argument(
        "One of the models grows whole plates and the other details; say with --view what "
        "to compare them with.");
  kind = grown;
  return set;
}

int run_compare(const Arguments& a) {
  const auto encoder = encoder_of(a);
  std::optional<ViewKind> kind;
  const JudgedSet first = compared_set(a, a.compare[0], kind), second = compared_set(a, a.compare[1], kind);
  if (a.view) kind = *a.view == "whole" ? ViewKind::whole : ViewKind::detail;
  const int size = first.pictures.front().width;
  if (second.pictures.front().width != size)
    throw std::invalid_argument(
        "The pictures of " + a.compare[0] + " are " + std::to_string(size) + " pixels wide, those of " + a.compare[1] +
        " " + std::to_string(second.pictures.front().width) + "; only pictures of one size can be compared.");
  const ViewKind view = kind.value_or(ViewKind::detail);
  const RealPlates plates =
      as_input([&] { return read_real_plates(a.data, static_cast<std::size_t>(a.garden_plates), say, view); });
  const std::size_t most = std::max(first.pictures.size(), second.pictures.size());
  const auto real = as_input([&] { return real_pictures(a.data, view, real_count(most), size, say); });
  std::vector<ComparedNumber> numbers = compare(first, second, plates, real);
  const auto backend = open_backend(a.device, a.threads);
  for (const int side : a.tell)
    if (side > 0 && side <= size && std::min(first.pictures.size(), second.pictures.size()) >= 4)
      numbers.push_back(compare(told_apart(*backend, first, real, side, "A from real ones"),
                                told_apart(*backend, second, real, side, "B from real ones")));
  if (encoder) {
    const auto features = [&](std::span<const Picture> pictures) { return features_of(*backend, *encoder, pictures); };
    for (const ComparedNumber& one :
         compare_features(features(first.pictures), features(second.pictures), features(real)))
      numbers.push_back(one);
  }
  std::cout << describe(numbers, first.title, second.title);
  write_comparison(a.out, numbers, first, second, plates);
  std::cout << "\nThe same numbers: " << (std::filesystem::path(a.out) / "compare.json").string() << std::endl;
  return 0;
}

int run_judge(const Arguments& a) {
  if (!a.compare.empty() && (!a.model.empty() || !a.pictures.empty()))
    throw std::invalid_argument("--compare names both sets; leave --model and --pictures out.");
  if (!a.model.empty() && !a.pictures.empty())
    throw std::invalid_argument("Judge a --model or a folder of --pictures, not both.");
  if (a.beside && (!a.compare.empty() || !a.pictures.empty()))
    throw std::invalid_argument("--beside keeps what was measured of a model beside it; it goes with --model alone.");
  if (a.data.empty())
    throw std::invalid_argument("Judge against what? Name a folder of real plates, or garden, with --data.");
  make_folder(a.out, "--out");
  if (!a.compare.empty()) return run_compare(a);
  const auto encoder = encoder_of(a);
  ViewKind kind = ViewKind::detail;
  const JudgedSet set = a.pictures.empty() ? grown_set(a, kind) : given_set(a);
  if (a.view) kind = *a.view == "whole" ? ViewKind::whole : ViewKind::detail;
  const RealPlates plates =
      as_input([&] { return read_real_plates(a.data, static_cast<std::size_t>(a.garden_plates), say, kind); });
  const int size = set.pictures.front().width;
  const auto real = as_input([&] { return real_pictures(a.data, kind, real_count(set.pictures.size()), size, say); });
  Judgement judgement = judge(set, plates, real);
  const auto backend = open_backend(a.device, a.threads);
  for (const int side : a.tell) {
    if (side == 0 || side > size || set.pictures.size() < 4) continue;
    judgement.told.push_back(told_apart(*backend, set, real, side, "them"));
  }
  if (encoder && set.pictures.size() >= fewest_compared)
    judgement.features =
        judge_features(features_of(*backend, *encoder, real), features_of(*backend, *encoder, set.pictures));
  std::cout << describe(judgement, set, plates);
  write_report(a.out, judgement, set, plates);
  if (a.beside) {
    const auto file = model_file(a.model);
    std::cout << "\nWhat the page shows of it: " << write_beside(file, judgement, set, plates).string() << std::endl;
  }
  std::cout << "\nEach picture beside its nearest plates: " << (std::filesystem::path(a.out) / "judge.html").string()
            << std::endl;
  return 0;
}

int run_publish(const PublishArguments& a) {
  make_folder(a.out, "--out");
  const RealPlates plates = as_input([&] { return read_real_plates(a.data, 200, say); });
  const auto own_list = std::filesystem::path(a.data) / "plates.tsv";
  publish(plates, !a.list.empty() || !std::filesystem::exists(own_list) ? std::filesystem::path(a.list) : own_list,
          a.out);
  std::cout << plates.training.size() << " training plates and " << plates.held_out.size()
            << " held-out ones published in " << a.out << std::endl;
  return 0;
}

int run_encoder(const EncoderArguments& a) {
  make_folder(std::filesystem::absolute(a.out).parent_path(), "--out");
  const auto backend = open_backend(a.device, a.threads);
  const TrainedEncoder made = as_input([&] { return train_encoder(*backend, a.settings, say); });
  write_encoder(a.out, made.encoder);
  std::printf(
      "Of %zu held-out plates %.1f %% are found again by another view of them (by chance %.1f %%),\n"
      "and of %.1f %% it is said rightly what was done to them (by chance 17 %%).\nThe encoder, %.2f MB: %s\n",
      made.plates, 100 * made.found, 100.0 / static_cast<double>(made.plates), 100 * made.told,
      static_cast<double>(std::filesystem::file_size(a.out)) / 1e6, a.out.c_str());
  return 0;
}

int run_hints(const HintArguments& a) {
  const auto file = model_file(a.model);
  const TrainedModel model = as_input([&] { return read_model(file); });
  const ModelInfo& info = model.info;
  if (!model.hint_cell()) throw std::invalid_argument(file.string() + " was trained without hints.");
  const auto source = as_input([&] { return open_source(a.data, say); });
  if (source->held_out_count() == 0) throw std::invalid_argument(a.data + " holds no pictures out to take hints from.");
  if (!a.out.empty()) make_folder(std::filesystem::absolute(a.out).parent_path(), "--out");
  const GrowSettings settings = grow_settings(info, a.steps, a.sampler);
  const auto backend = open_backend(a.device, a.threads);
  ForwardModel forward(*backend, model, 1, Type::f32);

  std::vector<Picture> sheet;
  std::vector<double> with, without;
  std::printf("seed  painted  distance to the hint, of 255: with it  without it\n");
  for (HintTrial& trial : try_hints(forward, *source, settings, a.seed, a.count, [](const HintTrial& t) {
         std::printf("%4llu  %5.1f %%  %36.1f  %10.1f\n", static_cast<unsigned long long>(t.seed), 100 * t.painted,
                     t.with_hint, t.without_hint);
         std::fflush(stdout);
       })) {
    with.push_back(trial.with_hint);
    without.push_back(trial.without_hint);
    for (Picture* picture : {&trial.hint, &trial.grown_with, &trial.grown_without})
      sheet.push_back(fitted(*picture, 256));
  }
  std::printf("median: %.1f with the hint, %.1f without it\n", median(with), median(without));
  if (!a.out.empty()) {
    write_png(a.out, contact_sheet(sheet, {.columns = 6, .margin = 8, .background = {232, 225, 208}}),
              {{"Software", "Florilegium"}});
    std::cout << "Hints, and what grew with and without them: " << a.out << std::endl;
  }
  return 0;
}

}  // namespace

Action judge_command(CLI::App& app) {
  static Arguments a;
  static PublishArguments p;
  static HintArguments h;
  static EncoderArguments e;
  app.add_option("--model", a.model, ".onnx file of this project, or a run folder (default: the last run)");
  app.add_option("--pictures", a.pictures, "folder of pictures made before, instead of a model");
  app.add_option("--compare", a.compare,
                 "two of them side by side, with intervals of the differences; each a model, a run folder, a "
                 "folder of pictures or the --out of an earlier judgement")
      ->expected(2);
  app.add_option("--data", a.data, "the real plates: garden, or a folder that the model was trained on");
  app.add_option("--count", a.count, "pictures to grow")->check(at_least_one())->capture_default_str();
  app.add_option("--seed", a.seed, "seed of the first one")->capture_default_str();
  app.add_option("--steps", a.steps, "denoising steps (default: the model's)")->check(at_least_one());
  add_sampler_option(app, a.sampler);
  app.add_option("--view", a.view,
                 "what the pictures show and are compared with: whole plates or details (default: what the model "
                 "grows; for --pictures, details)")
      ->check(CLI::IsMember({"whole", "detail"}));
  app.add_option("--tell", a.tell,
                 "sizes at which a classifier learns to tell the pictures from real ones, multiples of 16; 0 for none")
      ->delimiter(',')
      ->check(CLI::Range(0, 2048))
      ->capture_default_str();
  app.add_option("--encoder", a.encoder,
                 "the file of the encoder in whose features distances are measured (default: models/judge.onnx)");
  app.add_option("--garden-plates", a.garden_plates, "with --data garden, which never ends: plates to compare with")
      ->check(CLI::Range(20, 100000))
      ->capture_default_str();
  app.add_flag("--beside", a.beside,
               "with --model: also write what the page shows of the numbers beside the model, as NAME.judge.json");
  app.add_option("--out", a.out, "folder for judge.json, judge.html and the pictures")->capture_default_str();
  add_device_option(app, a.device);
  app.add_option("--threads", a.threads, "CPU threads for growing (default: all cores)")->check(at_least_one());

  CLI::App* publishing = app.add_subcommand("publish", "Write what the page needs to judge by the same criteria");
  publishing->add_option("data", p.data, "folder of real plates, or garden")->required();
  publishing
      ->add_option("--list", p.list,
                   "table of the plates with title, author, year and gutenberg_id (default: the pack's plates.tsv)")
      ->check(CLI::ExistingFile);
  publishing->add_option("--out", p.out, "folder")->capture_default_str();
  publishing->footer("Example:\n  florilegium judge publish plates --list models/botanical-plates.tsv");

  CLI::App* hinting = app.add_subcommand(
      "hints",
      "Measure how well painted hints are followed: strokes of held-out pictures, grown with and without them");
  hinting->add_option("--model", h.model, ".onnx file of this project, or a run folder (default: the last run)");
  hinting->add_option("--data", h.data, "garden, or a folder that the model was trained on")->required();
  hinting->add_option("--count", h.count, "hints to try")->check(at_least_one())->capture_default_str();
  hinting->add_option("--seed", h.seed, "seed of the first picture")->capture_default_str();
  hinting->add_option("--steps", h.steps, "denoising steps (default: the model's)")->check(at_least_one());
  add_sampler_option(*hinting, h.sampler);
  hinting->add_option("--out", h.out, "a PNG file: every hint beside what grew with and without it");
  add_device_option(*hinting, h.device);
  hinting->add_option("--threads", h.threads, "CPU threads (default: all cores)")->check(at_least_one());
  hinting->footer("Example:\n  florilegium judge hints --model models/botanical.onnx --data plates --out hints.png");

  CLI::App* encoding = app.add_subcommand(
      "encoder",
      "Train the encoder in whose features pictures are compared anew; what was measured with another one "
      "cannot be compared");
  encoding->add_option("--data", e.settings.data, "garden, or a folder of plates")->required();
  encoding->add_option("--steps", e.settings.steps, "training steps")->check(at_least_one())->capture_default_str();
  encoding->add_option("--batch", e.settings.batch, "views in each")->check(CLI::Range(2, 1024))->capture_default_str();
  encoding->add_option("--garden-plates", e.settings.garden_plates, "with --data garden: plates to learn from")
      ->check(CLI::Range(20, 100000))
      ->capture_default_str();
  encoding->add_option("--seed", e.settings.seed, "of everything random")->capture_default_str();
  encoding->add_option("--out", e.out, "the file")->capture_default_str();
  add_device_option(*encoding, e.device);
  encoding->add_option("--threads", e.threads, "CPU threads (default: all cores)")->check(at_least_one());
  encoding->footer("Example:\n  florilegium judge encoder --data plates --out judge.onnx");
  app.footer(
      "Examples:\n"
      "  florilegium judge --model models/garden.onnx --data garden --count 16\n"
      "  florilegium judge --pictures samples --data plates --out judgement\n"
      "  florilegium judge --compare models/botanical.onnx models/florilegium.onnx --data plates --view whole");
  return [publishing, hinting, encoding] {
    if (encoding->parsed()) return run_encoder(e);
    if (publishing->parsed()) return run_publish(p);
    return hinting->parsed() ? run_hints(h) : run_judge(a);
  };
}

}  // namespace florilegium
