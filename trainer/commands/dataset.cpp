// florilegium dataset: looks through a folder of pictures before training on it, prepares a pack,
// publishes some of it with the page.
#include <iostream>
#include <memory>

#include "src/image/png.h"
#include "src/image/sheet.h"
#include "trainer/commands/commands.h"
#include "trainer/data/inspect.h"
#include "trainer/data/prepare.h"
#include "trainer/data/publish.h"
#include "trainer/data/source.h"
#include "trainer/learn/rungs.h"

namespace florilegium {
namespace {

struct InspectArguments {
  std::string folder, sheet;
  InspectOptions options;
};

struct PrepareArguments {
  std::string from, to;
  PrepareOptions options;
};

struct PublishArguments {
  std::string data, to;
  PublishOptions options;
};

struct ViewsArguments {
  std::string data, part, sheet = "views.png";
  int size = 512, count = 36;
  std::uint64_t seed = 1;
};

int run_views(const ViewsArguments& a) {
  const auto source = as_input([&] { return open_source(a.data, say); });
  const Sight sight = as_input([&] { return a.part.empty() ? Sight(a.size) : sight_of(rung(a.part), a.size); });
  std::vector<Picture> views;
  std::vector<float> values(static_cast<std::size_t>(sight.side * sight.side) * 3);
  int whole = 0;
  for (int i = 0; i < a.count; ++i) {
    if (source->draw(a.seed, static_cast<std::uint64_t>(i), sight, values) == ViewKind::whole) ++whole;
    views.push_back(picture_from_rgb(values, sight.side, sight.side));
  }
  write_png(a.sheet, contact_sheet(views));
  std::cout << a.count << " views, " << whole << " of them of whole plates: " << a.sheet << std::endl;
  return 0;
}

int run_inspect(InspectArguments a) {
  if (a.sheet.empty()) a.options.sheet_pictures = 0;
  const InspectReport report = as_input([&] { return inspect_folder(a.folder, a.options); });
  std::cout << describe(report, a.folder);
  if (a.sheet.empty()) return 0;
  write_png(a.sheet, report.sheet);
  std::cout << "Contact sheet: " << a.sheet << std::endl;
  return 0;
}

int run_prepare(const PrepareArguments& a) {
  if (!std::filesystem::is_directory(a.from))
    throw std::invalid_argument("'" + a.from + "' is no folder that can be read.");
  const PrepareReport report = prepare_pack(a.from, a.to, a.options, say);
  std::cout << report.written << " pictures written to " << a.to << " (" << report.held_out << " of them held out), "
            << report.left_out << " left out. Train with: florilegium train --data " << a.to << std::endl;
  return 0;
}

int run_publish(const PublishArguments& a) {
  make_folder(a.to, "--out");
  const PublishReport report = as_input([&] { return publish(a.data, a.to, a.options, say); });
  std::cout << "The average of " << a.options.draws << " training pictures and " << report.pictures
            << " held-out pictures written to " << a.to << " (" << (report.bytes + 512) / 1024 << " KB)." << std::endl;
  return 0;
}

}  // namespace

Action dataset_command(CLI::App& app) {
  static InspectArguments i;
  static PrepareArguments p;
  static PublishArguments u;
  app.require_subcommand(1);
  CLI::App* inspect = app.add_subcommand("inspect", "Count pictures, and find unusable ones and near duplicates");
  inspect->add_option("folder", i.folder, "folder of JPEG, PNG and WebP pictures, or a plates pack")->required();
  inspect->add_option("--sheet", i.sheet, "write a contact sheet to this PNG file");
  inspect
      ->add_option("--near-duplicate-bits", i.options.near_duplicate_bits,
                   "name pairs whose 256-bit hashes differ in at most so many bits")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  inspect->footer("Example:\n  florilegium dataset inspect photos --sheet photos.png");

  CLI::App* prepare = app.add_subcommand("prepare", "Bring pictures to one size, as a pack that loads fast");
  prepare->add_option("from", p.from, "folder of JPEG, PNG and WebP pictures")->required();
  prepare->add_option("to", p.to, "folder of the pack; it must not hold one yet")->required();
  prepare->add_option("--short-side", p.options.short_side, "pixels")->check(at_least_one())->capture_default_str();
  prepare->add_option("--longest", p.options.longest, "long side over short side; more is cut off")
      ->capture_default_str();
  prepare->add_option("--quality", p.options.quality, "of the JPEG files")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  prepare->add_option("--held-out-one-in", p.options.held_out_one_in, "about one picture in so many is held out")
      ->check(at_least_one())
      ->capture_default_str();
  prepare->footer("Example:\n  florilegium dataset prepare photos pack --short-side 288");

  static ViewsArguments v;
  CLI::App* views =
      app.add_subcommand("views", "Write a contact sheet of what a network sees of the pictures in training");
  views->add_option("data", v.data, "a plates pack, a folder of JPEG, PNG and WebP pictures, or 'garden'")->required();
  views->add_option("--part", v.part, "of a ladder: coarse or fine (default: a network that does all)");
  views->add_option("--size", v.size, "side of the whole picture in pixels")
      ->check(CLI::Range(16, 2048))
      ->capture_default_str();
  views->add_option("--count", v.count, "views on the sheet")->check(at_least_one())->capture_default_str();
  views->add_option("--seed", v.seed, "of the run that sees them")->capture_default_str();
  views->add_option("--out", v.sheet, "PNG file")->capture_default_str();
  views->footer("Example:\n  florilegium dataset views pack --part coarse --out views.png");

  CLI::App* publishing =
      app.add_subcommand("publish", "Write the training data's average and some held-out pictures, for the page");
  publishing->add_option("data", u.data, "a plates pack, a folder of JPEG, PNG and WebP pictures, or 'garden'")
      ->required();
  publishing->add_option("--out", u.to, "folder of the files")->required();
  publishing->add_option("--size", u.options.size, "pixels a side")->check(CLI::Range(16, 2048))->capture_default_str();
  publishing->add_option("--draws", u.options.draws, "training pictures in the average")
      ->check(at_least_one())
      ->capture_default_str();
  publishing->add_option("--count", u.options.count, "held-out pictures, spread evenly")
      ->check(at_least_one())
      ->capture_default_str();
  publishing->add_option("--pictures", u.options.pictures, "held-out pictures by their file names, instead")
      ->delimiter(',');
  publishing->add_option("--quality", u.options.quality, "of the JPEG files")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  publishing->footer("Example:\n  florilegium dataset publish plates --out web/plates");
  app.footer(
      "Examples:\n"
      "  florilegium dataset inspect photos --sheet photos.png\n"
      "  florilegium dataset prepare photos pack\n"
      "  florilegium dataset views pack --part fine --out views.png\n"
      "  florilegium dataset publish pack --out web/plates");
  return [inspect, prepare, views] {
    if (inspect->parsed()) return run_inspect(i);
    if (prepare->parsed()) return run_prepare(p);
    return views->parsed() ? run_views(v) : run_publish(u);
  };
}

}  // namespace florilegium
