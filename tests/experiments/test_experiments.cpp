// The essay's experiments at a tiny size: each ends in a picture and its numbers. That what they
// show holds is the matter of their real sizes (docs/essay.md); what must hold at any size is
// checked here.
#include "trainer/experiments/experiment.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/commands/program.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/read_picture.h"

using namespace florilegium;
using nlohmann::json;

namespace {

const Say nobody = [](const std::string&) {};

ExperimentSettings tiny() {
  ExperimentSettings s;
  s.side = 16;
  s.steps = 4;
  s.few = 2;
  s.many = 48;
  s.pictures = 8;
  return s;
}

}  // namespace

TEST_SUITE("slow") {
  TEST_CASE("each experiment is a command that leaves a picture and its numbers") {
    const TemporaryFolder folder;
    REQUIRE(run_program(folder.path, {"train", "--config", "tiny", "--steps", "2", "--batch", "2", "--threads", "1",
                                      "--samples", "2"})
                .status == 0);
    for (const Experiment& one : experiments()) {
      CAPTURE(one.name);
      const ProgramEnd end =
          run_program(folder.path, {"experiment", one.name, "--steps", "4", "--size", "16", "--few", "2", "--many",
                                    "48", "--count", "8", "--threads", "1", "--model", "run", "--data", "garden"});
      CAPTURE(end.err);
      REQUIRE(end.status == 0);
      const auto file = folder.path / "experiments" / one.name;
      CHECK(read_picture(file.string() + ".png").width > 100);
      std::ifstream in(file.string() + ".json");
      CHECK(json::parse(in).at("experiment") == one.name);
    }
    const ProgramEnd unknown = run_program(folder.path, {"experiment", "alchemy"});
    CHECK(unknown.status == 2);
    CHECK(unknown.err.find("known are specific, denoise, walk, coins, training, sheets, repeats, halves") !=
          std::string::npos);
    CHECK(run_program(folder.path, {"experiment", "walk"}).err.find("--model") != std::string::npos);
  }

  TEST_CASE("two pairs are learned beyond their variance; of many the loss stays there") {
    const auto backend = cpu_backend(1);
    ExperimentSettings s = tiny();
    s.steps = 150;
    s.many = 100000;
    const json numbers = specific_pictures(*backend, s, nobody).numbers;
    MESSAGE(numbers.dump());
    CHECK(numbers["few"]["loss"] < 0.5 * numbers["few"]["variance"].get<double>());
    CHECK(numbers["many"]["loss"] > 0.9 * numbers["many"]["variance"].get<double>());
  }
}
