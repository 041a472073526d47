// The command judge, run as a program on garden pictures.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/commands/program.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/inspect.h"
#include "trainer/judge/encoder.h"

using namespace florilegium;
using nlohmann::json;

namespace {

json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  return json::parse(in);
}

}  // namespace

TEST_CASE("copies among given pictures are found, and new ones are not taken for copies") {
  const TemporaryFolder folder;
  for (const char* name : {"plates", "copies", "new"}) std::filesystem::create_directory(folder.path / name);
  for (std::uint64_t i = 0; i < 12; ++i)
    write_garden_png(folder.path / "plates" / ("plate" + std::to_string(i) + ".png"), i, 96);
  for (std::uint64_t i = 0; i < 4; ++i) {
    write_jpeg(folder.path / "copies" / ("copy" + std::to_string(i) + ".jpg"),
               mirrored(without_alpha(garden_picture(i, 80))), 85);
    write_garden_png(folder.path / "new" / ("new" + std::to_string(i) + ".png"), 100 + i, 96);
  }
  const ProgramEnd copies =
      run_program(folder.path, {"judge", "--pictures", "copies", "--data", "plates", "--tell", "64", "--out", "a"});
  CAPTURE(copies.err);
  REQUIRE(copies.status == 0);
  CHECK(copies.out.find("Proportionality") != std::string::npos);
  const json judged = read_json(folder.path / "a/judge.json"), original = judged["originality"];
  CHECK(original["set"]["pictures"] == 4);
  std::size_t found = 0;  // one of the plates is held out, so that its copy is none of a training plate
  for (const json& picture : original["pictures"]) {
    const std::string name = picture["name"], nearest = picture["nearest"][0]["plate"];
    if (nearest != "plate" + name.substr(4) + ".png") continue;
    CHECK(picture["ratio"] < 1.0 / 3);
    CHECK(picture["nearest"][0]["mirrored"] == true);
    ++found;
  }
  CHECK(found >= 3);
  CHECK(original["set"]["copies"] == found);
  CHECK(std::filesystem::file_size(folder.path / "a/nearest/copy1.jpg") > 1000);
  CHECK(std::filesystem::exists(folder.path / "a/judge.html"));

  REQUIRE(run_program(folder.path, {"judge", "--pictures", "new", "--data", "plates", "--tell", "0", "--out", "b"})
              .status == 0);
  CHECK(read_json(folder.path / "b/judge.json")["originality"]["set"]["copies"] == 0);
}

TEST_CASE("a model is judged against the garden, which is published for the page") {
  const TemporaryFolder folder;
  REQUIRE(run_program(folder.path,
                      {"train", "--config", "tiny", "--steps", "2", "--batch", "2", "--threads", "1", "--samples", "2"})
              .status == 0);
  const ProgramEnd end = run_program(folder.path, {"judge", "--model", "run", "--data", "garden", "--garden-plates",
                                                   "30", "--count", "3", "--steps", "1", "--beside"});
  CAPTURE(end.err);
  REQUIRE(end.status == 0);
  const json judged = read_json(folder.path / "judgement/judge.json");
  CHECK(judged["training_plates"] == 30);
  const json plausible = judged["plausibility"];
  CHECK(plausible["wholeness"]["real"]["pieces"] >= 1);
  CHECK(plausible["wholeness"]["set"]["largest_piece"] <= 1);
  CHECK(plausible["two_sample"].empty());  // three pictures are too few
  CHECK(judged["originality"]["pictures"].size() == 3);
  CHECK(judged["originality"]["training_views"]["copies"] == 30);
  CHECK(judged["proportionality"]["distance"] >
        judged["proportionality"]["by_chance"]);  // two steps of training teach nothing

  // What the page shows of it lies beside the model, and says of which weights it was measured.
  const json beside = read_json(folder.path / "run/model.judge.json");
  CHECK(beside["model_sha256"].get<std::string>().size() == 64);
  CHECK(beside["pictures"] == 3);
  CHECK(beside["plausibility"]["two_sample"].empty());
  CHECK(!beside["originality"].contains("pictures"));

  REQUIRE(run_program(folder.path, {"judge", "publish", "garden", "--out", "published"}).status == 0);
  const json published = read_json(folder.path / "published/judge.json");
  CHECK(published["plates"].size() == 200);
  CHECK(published["plates"][0][2] == 48);
  CHECK(published["held_out"]["plates"].size() == 20);
  CHECK(published["statistics"]["quantiles"].size() == 330);
  CHECK(read_picture(folder.path / "published/plates.jpg").height == 3 * 48);  // 85 thumbs in a row
  CHECK(read_picture(folder.path / "published/held-out.jpg").width == 6 * 256);
}

TEST_SUITE("slow") {
  TEST_CASE("an encoder is made, and what is measured in its features stands in the reports") {
    const TemporaryFolder folder;
    const ProgramEnd made = run_program(folder.path, {"judge", "encoder", "--data", "garden", "--garden-plates", "20",
                                                      "--steps", "4", "--batch", "4", "--out", "small.onnx"});
    CAPTURE(made.err);
    REQUIRE(made.status == 0);
    CHECK(made.out.find("Of 20 held-out plates") != std::string::npos);
    const auto encoder = read_encoder(folder.path / "small.onnx");
    CHECK(encoder.train_samples == 16);
    CHECK(std::filesystem::file_size(folder.path / "small.onnx") < 2000000);

    for (const char* name : {"plates", "a", "b"}) std::filesystem::create_directory(folder.path / name);
    for (std::uint64_t i = 0; i < 16; ++i) {
      const std::string name = std::to_string(i) + ".png";
      write_garden_png(folder.path / "plates" / name, i, 64);
      write_garden_png(folder.path / "a" / name, 100 + i, 64);
      write_garden_png(folder.path / "b" / name, 200 + i, 64);
    }
    const std::vector<std::string> judging = {"judge", "--pictures", "a", "--data", "plates", "--tell", "0"};
    const auto with = [&](std::vector<std::string> more) {
      more.insert(more.begin(), judging.begin(), judging.end());
      return run_program(folder.path, more);
    };
    const ProgramEnd judged = with({"--encoder", "small.onnx", "--out", "c"});
    REQUIRE(judged.status == 0);
    CHECK(judged.out.find("16 pictures against 32 real ones") != std::string::npos);
    const json features = read_json(folder.path / "c/judge.json")["features"];
    CHECK(features["set"]["frechet"] > 0);
    CHECK(features["real"]["coverage"] > 0);
    const ProgramEnd compared = run_program(folder.path, {"judge", "--compare", "a", "b", "--data", "plates", "--tell",
                                                          "0", "--encoder", "small.onnx", "--out", "d"});
    CHECK(compared.out.find("Kernel distance in features") != std::string::npos);
    CHECK(read_json(folder.path / "d/compare.json")["numbers"]["frechet"].contains("interval"));

    // Without one it is said, and the rest is judged; one that is named must be there.
    const ProgramEnd without = with({"--out", "e"});
    CHECK(without.status == 0);
    CHECK(without.err.find("There is no models/judge.onnx here") != std::string::npos);
    CHECK(!read_json(folder.path / "e/judge.json").contains("features"));
    const ProgramEnd missing = with({"--encoder", "none.onnx"});
    CHECK(missing.status == 2);
    CHECK(missing.err.find("The encoder 'none.onnx' cannot be read: there is no such file.") != std::string::npos);
  }
}

TEST_CASE("what judge cannot judge is said") {
  const TemporaryFolder folder;
  const auto said = [&](const std::vector<std::string>& arguments, const std::string& sentence) {
    const ProgramEnd end = run_program(folder.path, arguments);
    CHECK(end.status == 2);
    CHECK(end.err.find(sentence) != std::string::npos);
  };
  said({"judge"}, "Judge against what?");
  said({"judge", "--data", "garden"}, "Which model?");
  said({"judge", "--data", "nowhere", "--pictures", "nowhere"}, "nowhere");
  said({"judge", "--data", "garden", "--pictures", "a", "--model", "b"}, "not both");
  said({"judge", "--data", "garden", "--pictures", "a", "--beside"}, "it goes with --model alone");
}

TEST_CASE("two folders of pictures are compared, and what cannot be is told") {
  const TemporaryFolder folder;
  for (const char* name : {"plates", "a", "b", "small"}) std::filesystem::create_directory(folder.path / name);
  for (std::uint64_t i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".png";
    write_garden_png(folder.path / "plates" / name, i, 96);
    write_garden_png(folder.path / "a" / name, 100 + i, 96);
    write_garden_png(folder.path / "b" / name, i, 96);
    write_garden_png(folder.path / "small" / name, i, 64);
  }
  const ProgramEnd end =
      run_program(folder.path, {"judge", "--compare", "a", "b", "--data", "plates", "--tell", "0", "--out", "c"});
  CAPTURE(end.err);
  REQUIRE(end.status == 0);
  CHECK(end.out.find("A: 12 pictures of a\nB: 12 pictures of b\n") != std::string::npos);
  const json copies = read_json(folder.path / "c/compare.json")["numbers"]["copies"];
  CHECK(copies["a"] == 0);
  CHECK(copies["b"] > 0.8);
  CHECK(copies["interval"][0] > 0);

  // A judgement made before is compared by its pictures.
  REQUIRE(
      run_program(folder.path, {"judge", "--pictures", "b", "--data", "plates", "--tell", "0", "--out", "d"}).status ==
      0);
  REQUIRE(run_program(folder.path, {"judge", "--compare", "a", "d", "--data", "plates", "--tell", "0", "--out", "e"})
              .status == 0);
  CHECK(read_json(folder.path / "e/compare.json")["numbers"]["copies"] == copies);

  const ProgramEnd other = run_program(folder.path, {"judge", "--compare", "a", "small", "--data", "plates"});
  CHECK(other.status == 2);
  CHECK(other.err.find("96 pixels wide, those of small 64") != std::string::npos);
  CHECK(run_program(folder.path, {"judge", "--compare", "a", "b", "--model", "m", "--data", "plates"}).status == 2);
}
