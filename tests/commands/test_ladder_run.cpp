// Training both parts of a ladder in one run folder, as people do with pictures of their own.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/commands/program.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/onnx/model_file.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/run_state.h"

using namespace florilegium;

namespace {

const auto nobody = [](const std::string&) {};

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

}  // namespace

TEST_SUITE("slow") {
  TEST_CASE("a folder of pictures becomes one model of two parts, whatever was interrupted") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path / "photos");
    for (std::uint64_t i = 0; i < 3; ++i)
      write_garden_png(folder.path / "photos" / (std::to_string(i) + ".png"), i, 256);
    const ProgramEnd begun = run_program(
        folder.path, words("train --data photos --size 256 --steps 1 --batch 1 --samples 1 --threads 1 --title Mine"));
    CAPTURE(begun.err);
    REQUIRE(begun.status == 0);
    for (const char* file : {"ladder.json", "model.onnx", "report.html", "coarse/report.html", "plan/report.html",
                             "guide/report.html", "fine/report.html", "sharp/report.html"}) {
      CAPTURE(file);
      CHECK(std::filesystem::exists(folder.path / "run" / file));
    }
    const TrainedModel model = read_model(folder.path / "run/model.onnx");
    CHECK(model.info.title == "Mine");
    CHECK(model.info.network.image_size == 256);
    REQUIRE(model.coarser.size() == 1);
    CHECK(model.coarser[0].network.image_size == 64);
    REQUIRE(model.coarser[0].guide);
    CHECK(model.coarser[0].guide->network.name == "guide");

    // As if it had been stopped within the coarse part: the other begins with the same settings.
    std::filesystem::remove_all(folder.path / "run/fine");
    std::filesystem::remove_all(folder.path / "run/sharp");
    const ProgramEnd resumed = run_program(folder.path, words("train --resume --steps 2 --threads 1"));
    CAPTURE(resumed.err);
    REQUIRE(resumed.status == 0);
    for (const char* part : {"coarse", "plan", "guide", "fine", "sharp"}) {
      const auto checkpoint = newest_checkpoint(folder.path / "run" / part / "checkpoint", nobody);
      REQUIRE(checkpoint);
      CHECK(checkpoint->step == 2);
    }
    CHECK(read_model(folder.path / "run/model.onnx").info.network.image_size == 256);

    CHECK(run_program(folder.path, words("sample --steps 2 --threads 1")).status == 0);
    CHECK(run_program(folder.path, words("export --out again.onnx")).status == 0);
    CHECK(read_model(folder.path / "again.onnx").coarser.size() == 1);
    CHECK(run_program(folder.path, words("export --guide-weight 0.5 --out again.onnx")).status == 0);
    CHECK(read_model(folder.path / "again.onnx").coarser[0].guide->weight == 0.5);
    CHECK(run_program(folder.path, words("export --from run/coarse --guide run/guide --out again.onnx"))
              .err.find("single network") != std::string::npos);
    CHECK(run_program(folder.path, words("train --data photos --out run")).err.find("There is a run in run already") !=
          std::string::npos);

    // Another run takes up where the sharp part ended, beside the same discriminator.
    const ProgramEnd taken_up = run_program(
        folder.path, words("train --data photos --size 256 --part sharp --init run/sharp --out on --steps 1 --batch 1 "
                           "--samples 1 --threads 1"));
    CAPTURE(taken_up.err);
    REQUIRE(taken_up.status == 0);
    const auto discriminator = discriminator_of(checkpoint_at(folder.path / "run/sharp", nobody));
    CHECK(!discriminator.empty());
    CHECK(discriminator_of(read_checkpoint(folder.path / "on/checkpoint/step-000000000.ckpt")) == discriminator);
    CHECK(discriminator_of(checkpoint_at(folder.path / "run/fine", nobody)).empty());
    CHECK(!discriminator_of(checkpoint_at(folder.path / "run/plan", nobody)).empty());
    // The plan that the model has is that of the last part that planned.
    CHECK(read_model(folder.path / "run/model.onnx").coarser[0].parameters ==
          read_model(folder.path / "run/plan/model.onnx").parameters);

    std::ofstream(folder.path / "run/ladder.json") << "{";
    const ProgramEnd damaged = run_program(folder.path, words("train --resume"));
    CHECK(damaged.status == 2);
    CHECK(damaged.err.find("ladder.json is damaged") != std::string::npos);
  }
}
