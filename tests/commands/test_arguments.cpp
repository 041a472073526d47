// What is wrong with the arguments or inputs is said in one sentence, with exit status 2.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "tests/commands/program.h"
#include "tests/learn/discs.h"
#include "trainer/backend/backend.h"
#include "trainer/data/read_picture.h"
#include "trainer/onnx/model_file.h"

using namespace florilegium;

namespace {

struct Wrong {
  std::vector<std::string> arguments;
  std::string sentence;  ///< part of it
};

void check_wrong(const std::filesystem::path& folder, const Wrong& wrong) {
  const ProgramEnd outcome = run_program(folder, wrong.arguments);
  CAPTURE(outcome.err);
  CHECK(outcome.status == 2);
  CHECK(outcome.err.find(wrong.sentence) != std::string::npos);
  CHECK(outcome.err.starts_with("florilegium: "));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("help, version and devices") {
  const TemporaryFolder folder;
  for (const std::string command : {"train", "sample", "judge", "export", "dataset", "bench", "devices"}) {
    const ProgramEnd help = run_program(folder.path, {command, "--help"});
    CHECK(help.status == 0);
    CHECK(help.out.find("Example") != std::string::npos);
    CHECK(help.out.find("florilegium " + command) != std::string::npos);
  }
  CHECK(run_program(folder.path, {"--version"}).out.starts_with("florilegium "));
  const ProgramEnd devices = run_program(folder.path, {"devices"});
  CHECK(devices.out.find("oneDNN") != std::string::npos);
  CHECK(devices.out.find("\ncuda  ") != std::string::npos);
  CHECK(devices.out.find("\nnccl  ") != std::string::npos);
  const ProgramEnd nothing = run_program(folder.path, {});
  CHECK(nothing.status == 2);
  CHECK(nothing.err.find("train") != std::string::npos);
}

TEST_CASE("wrong arguments and inputs") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path / "empty");
  std::ofstream(folder.path / "file") << "text";
  std::ofstream(folder.path / "broken.onnx") << "no model";
  const Wrong cases[] = {
      {{"train", "--stpes", "5"}, "--stpes"},
      {{"grow"}, "'florilegium --help'"},
      {{"train", "--batch", "0"}, "'0' is not a whole number of 1 or more"},
      {{"train", "--precision", "f64"}, "--precision"},
      {{"train", "--config", "huge"}, "known are botanical, coarse, fine, garden, guide, tiny"},
      {{"train", "--size", "63"}, "multiples of 8"},
      {{"train", "--part", "middle"}, "known are coarse, plan, guide, fine, sharp"},
      {{"train", "--part", "coarse", "--size", "100"}, "multiple of 64 pixels, not 100"},
      {{"export", "--coarse", "empty"}, "needs both --coarse and --fine"},
      {{"train", "--schedule", "cosine", "--config", "tiny"}, "cosine"},
      {{"train", "--data", "nowhere"}, "nowhere"},
      {{"train", "--data", "empty"}, "empty"},
      {{"train", "--config", "tiny", "--out", "file/run"}, "'file/run' cannot be written to"},
      {{"train", "--resume"}, "no run here"},
      {{"train", "--resume", "--out", "empty"}, "no run in 'empty'"},
      {{"train", "--init", "missing.onnx"}, "missing.onnx"},
      {{"train", "--init", "broken.onnx"}, "broken.onnx"},
      {{"sample"}, "Which model?"},
      {{"sample", "--model", "missing.onnx"}, "missing.onnx"},
      {{"export"}, "Export what?"},
      {{"export", "--from", "missing"}, "missing"},
      {{"export", "--from", "empty"}, "no whole checkpoint"},
      {{"dataset", "inspect", "nowhere"}, "nowhere"},
      {{"dataset", "prepare", "nowhere", "pack"}, "nowhere"},
      {{"bench", "train", "--config", "huge"}, "huge"},
  };
  for (const Wrong& wrong : cases) check_wrong(folder.path, wrong);
  CHECK_FALSE(std::filesystem::exists(folder.path / "run"));
}

TEST_CASE("a part of a ladder is trained on what it sees, and resumed as that part") {
  const TemporaryFolder folder;
  const std::vector<std::string> train = {"train", "--part",  "fine", "--config",  "tiny", "--size",    "32", "--steps",
                                          "2",     "--batch", "2",    "--threads", "1",    "--samples", "2"};
  const ProgramEnd end = run_program(folder.path, train);
  CAPTURE(end.err);
  REQUIRE(end.status == 0);
  CHECK(end.err.find("at 32x32, part fine") != std::string::npos);
  const TrainedModel model = read_model(folder.path / "run/model.onnx");
  CHECK(model.info.network.image_size == 32);  // trained on crops of 16, usable on all of a picture
  check_wrong(folder.path, {{"train", "--resume", "--out", "run", "--part", "coarse"}, "--part coarse contradicts"});
  check_wrong(folder.path, {{"train", "--resume", "--out", "run", "--size", "16"}, "--size 16 contradicts"});
}

TEST_CASE("--device cuda works, or says why not") {
  const TemporaryFolder folder;
  const bool usable = cuda_unavailable_reason().empty();
  const ProgramEnd outcome = run_program(
      folder.path, {"train", "--config", "tiny", "--steps", "1", "--batch", "2", "--samples", "2", "--device", "cuda"});
  CAPTURE(outcome.err);
  CHECK(outcome.status == (usable ? 0 : 2));
  if (!usable) CHECK(outcome.err.find("--device cuda cannot be used: ") != std::string::npos);
}

TEST_CASE("a run folder is never overwritten, and a resumed run keeps its settings") {
  const TemporaryFolder folder;
  const std::vector<std::string> train = {"train",     "--config", "tiny",      "--steps", "2",       "--batch", "2",
                                          "--threads", "1",        "--samples", "2",       "--decay", "0"};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  CHECK(run_program(folder.path, train).status == 0);
  const ProgramEnd second = run_program(folder.path, train);  // no --out: the next free folder
  CHECK(second.status == 0);
  CHECK(second.err.find("this one gets run-2") != std::string::npos);
  CHECK(std::filesystem::exists(folder.path / "run-2/model.onnx"));
  check_wrong(folder.path, {with(train, {"--out", "run"}), "There is a run in run already"});

  const std::vector<std::string> resume = {"train", "--resume", "--out", "run"};
  check_wrong(folder.path,
              {with(resume, {"--batch", "16"}), "--batch 16 contradicts the run in run, which was begun with 2"});
  check_wrong(folder.path, {with(resume, {"--data", "photos"}), "--data photos contradicts"});
  check_wrong(folder.path, {with(resume, {"--learning-rate", "0.5"}), "--learning-rate 0.5 contradicts"});
  check_wrong(folder.path, {with(resume, {"--steps", "1"}), "has taken 2 steps already"});
  check_wrong(folder.path,
              {{"train", "--init", "run/model.onnx", "--config", "garden"}, "is not the network 'garden'"});
  CHECK(run_program(folder.path, resume).status == 0);  // nothing left to do
  const ProgramEnd longer = run_program(folder.path, with(resume, {"--steps", "4", "--batch", "2"}));
  CHECK(longer.status == 0);
  CHECK(longer.err.find("step 4/4") != std::string::npos);
}

TEST_CASE("a model is exported, sampled, and trained further") {
  const TemporaryFolder folder;
  REQUIRE(run_program(folder.path,
                      {"train", "--config", "tiny", "--steps", "2", "--batch", "2", "--threads", "1", "--samples", "2"})
              .status == 0);
  CHECK(run_program(folder.path, {"export", "--weights", "f16", "--title", "Small", "--out", "small.onnx"})
            .out.find("'Small'") != std::string::npos);
  CHECK(run_program(folder.path, {"export", "--from", "run/checkpoint/step-000000002.ckpt", "--out", "full.onnx"})
            .status == 0);
  CHECK(std::filesystem::file_size(folder.path / "small.onnx") < std::filesystem::file_size(folder.path / "full.onnx"));
  const auto bytes = [&](const char* name) {
    std::ifstream in(folder.path / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(bytes("full.onnx") == bytes("run/model.onnx"));
  const auto pixels = [&](const char* name) { return read_picture(folder.path / name).rgb; };  // the recipes differ

  CHECK(run_program(folder.path, {"sample", "--seed", "3", "--steps", "2", "--out", "a.png"}).out == "a.png\n");
  CHECK(run_program(folder.path, {"sample", "--model", "full.onnx", "--seed", "3", "--steps", "2", "--out", "b.png"})
            .status == 0);
  CHECK(pixels("a.png") == pixels("b.png"));
  CHECK(
      run_program(folder.path, {"sample", "--model", "run", "--count", "2", "--steps", "1", "--out", "pictures"}).out ==
      "pictures/seed-7.png\npictures/seed-8.png\n");
  CHECK(run_program(folder.path, {"sample", "--model", "run", "--count", "2", "--steps", "1", "--out", "sheet.png"})
            .out == "sheet.png\n");
  // What a model recommends is what is done when nothing else is said.
  CHECK(run_program(folder.path,
                    {"export", "--steps", "3", "--sampler", "heun", "--schedule", "shifted:2", "--out", "other.onnx"})
            .status == 0);
  CHECK(run_program(folder.path, {"sample", "--model", "other.onnx", "--out", "c.png"}).status == 0);
  CHECK(run_program(folder.path, {"sample", "--model", "full.onnx", "--steps", "3", "--sampler", "heun", "--schedule",
                                  "shifted:2", "--out", "d.png"})
            .status == 0);
  CHECK(pixels("c.png") == pixels("d.png"));
  check_wrong(folder.path, {{"export", "--sampler", "best"}, "'plain', 'extrapolated' or 'heun'"});
  check_wrong(folder.path, {{"sample", "--sampler", "best"}, "'plain', 'extrapolated' or 'heun'"});
  check_wrong(folder.path, {{"sample", "--out", "small.onnx/pictures"}, "cannot be written to"});

  const ProgramEnd further = run_program(folder.path, {"train", "--init", "full.onnx", "--steps", "1", "--batch", "2",
                                                       "--threads", "1", "--samples", "2", "--out", "further"});
  CHECK(further.status == 0);
  CHECK(further.err.find("'tiny'") != std::string::npos);  // the configuration comes from the model
}

TEST_CASE("bench says how fast it is") {
  const TemporaryFolder folder;
  const ProgramEnd training = run_program(
      folder.path, {"bench", "train", "--config", "tiny", "--batch", "2", "--repeats", "1", "--threads", "1"});
  CHECK(training.status == 0);
  for (const char* part :
       {"step with the loader", "samples/s", "GFLOP/s", "of the machine's limit", "conv2d", "memory"})
    CHECK(training.out.find(part) != std::string::npos);
  CHECK(run_program(folder.path, {"bench", "sample", "--config", "tiny", "--repeats", "1", "--threads", "1"})
            .out.find("one step") != std::string::npos);
}
