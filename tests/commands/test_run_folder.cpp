// The folder of a run and that of its pictures: one process at a time, signals that save, pictures
// that have moved, names that are no UTF-8.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include "src/files/sha256.h"
#include "tests/commands/program.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "tests/onnx/random_model.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/inventory.h"
#include "trainer/run/run_log.h"

using namespace florilegium;

namespace {

using Words = std::vector<std::string>;

Words training(const Words& more) {
  Words words{"train", "--config",       "tiny",   "--batch",          "2",      "--threads",
              "1",     "--samples",      "2",      "--size",           "16",     "--log-every",
              "1",     "--sample-every", "100000", "--evaluate-every", "100000", "--steps"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Waits until the run's log has so many lines.
void wait_for_lines(const std::filesystem::path& run, std::size_t lines) {
  for (int i = 0; i < 20000 && read_log(run / "log.jsonl").size() < lines; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  REQUIRE(read_log(run / "log.jsonl").size() >= lines);
}

std::int64_t newest(const std::filesystem::path& run) { return checkpoint_steps(run / "checkpoint").front(); }

void write_pictures(const std::filesystem::path& folder, std::uint64_t count) {
  std::filesystem::create_directories(folder);
  for (std::uint64_t i = 0; i < count; ++i) write_garden_png(folder / (std::to_string(i) + ".png"), i, 24);
}

bool says(const ProgramEnd& end, const std::string& what) { return end.err.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("one process trains in a folder at a time, and a killed one leaves it free") {
  const TemporaryFolder folder, other;
  StartedProgram first(folder.path, training({"1000000"}));
  wait_for_lines(folder.path / "run", 2);
  const std::string process = "process " + std::to_string(first.process()) + " on ";
  const std::string run = (folder.path / "run").string();
  for (const Words& words : {Words{"train", "--resume", "--out", run}, training({"3", "--out", run})}) {
    const ProgramEnd refused = run_program(other.path, words);
    CHECK(refused.status == 2);
    CHECK((says(refused, "A training is at work in '" + run + "': " + process) || says(refused, "There is a run in")));
  }
  const ProgramEnd resumed = run_program(other.path, {"train", "--resume", "--out", run});
  CHECK(says(resumed, process));
  first.signal(SIGKILL);
  first.wait();
  const ProgramEnd goes_on =
      run_program(other.path, {"train", "--resume", "--threads", "1", "--out", run, "--steps", "3"});
  CAPTURE(goes_on.err);
  CHECK(goes_on.status == 0);
}

TEST_CASE("two trainings that begin together get a folder each" * doctest::test_suite("slow")) {
  const TemporaryFolder folder, one, two;
  // Both start in the same folder; what they say goes to folders of their own.
  const Words here{"env", "--chdir=" + folder.path.string()};
  StartedProgram first(one.path, training({"3"}), 0, here), second(two.path, training({"3"}), 0, here);
  CHECK(first.wait().status == 0);
  CHECK(second.wait().status == 0);
  for (const char* run : {"run", "run-2"}) {
    CAPTURE(std::string(run));
    CHECK(read_log(folder.path / run / "log.jsonl").size() == 3);
    CHECK(std::filesystem::exists(folder.path / run / "report.html"));
  }
}

TEST_CASE("a closed terminal saves; Ctrl-C says what a second one would lose") {
  const TemporaryFolder folder;
  const auto run = folder.path / "run";
  std::signal(SIGHUP, SIG_DFL);  // where the tests themselves run under nohup, the program would heed that
  for (const int signal : {SIGHUP, SIGINT}) {
    std::filesystem::remove_all(run);
    StartedProgram part(folder.path, training({"1000000", "--checkpoint-every", "1000000"}));
    wait_for_lines(run, 3);
    part.signal(signal);
    if (signal == SIGHUP) part.signal(signal);  // a terminal may send several
    const ProgramEnd end = part.wait();
    CAPTURE(end.err);
    CHECK(end.status == 0);
    CHECK(says(end, "Stopped and saved."));
    CHECK(newest(run) >= 3);
    if (signal == SIGINT) CHECK(says(end, "Saving; press again to lose "));
  }
}

TEST_CASE("a stop breaks off a sheet of samples, which is drawn when the run goes on") {
  const TemporaryFolder folder;
  const auto run = folder.path / "run";
  Words words = training({"4"});
  *(std::find(words.begin(), words.end(), "--samples") + 1) = "100000";  // takes minutes
  *(std::find(words.begin(), words.end(), "--sample-every") + 1) = "2";
  StartedProgram part(folder.path, words);
  wait_for_lines(run, 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto begin = std::chrono::steady_clock::now();
  part.signal(SIGINT);
  const ProgramEnd end = part.wait();
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  CHECK(newest(run) == 2);
  CHECK_FALSE(std::filesystem::exists(run / "samples/step-000000002.png"));
  CHECK(run_program(folder.path, {"train", "--resume", "--threads", "1", "--samples", "2"}).status == 0);
  CHECK(std::filesystem::exists(run / "samples/step-000000002.png"));
  CHECK(std::filesystem::exists(run / "samples/step-000000004.png"));
}

TEST_CASE("a run goes on wherever its pictures are, and however their folder is spelt" * doctest::test_suite("slow")) {
  const TemporaryFolder folder, other;
  const auto photos = folder.path / "photos", run = folder.path / "run";
  write_pictures(photos, 4);
  REQUIRE(run_program(folder.path, training({"2", "--data", "photos/"})).status == 0);
  int steps = 2;
  const auto resumed = [&](const std::filesystem::path& from, Words more) {
    Words words{"train", "--resume", "--threads", "1", "--out", run.string(), "--steps", std::to_string(++steps)};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(from, words);
  };
  for (const Words& spelt :
       {Words{}, Words{"--data", "photos"}, Words{"--data", "./photos/../photos"}, Words{"--data", photos.string()}}) {
    const ProgramEnd end = resumed(folder.path, spelt);
    CAPTURE(end.err);
    CHECK(end.status == 0);
    CHECK_FALSE(says(end, "changed"));
  }
  CHECK(resumed(other.path, {}).status == 0);  // from another folder

  const auto moved = other.path / "moved";
  std::filesystem::copy(photos, moved);
  std::filesystem::remove_all(photos);
  const ProgramEnd lost = resumed(folder.path, {});
  CHECK(lost.status == 2);
  CHECK(says(lost, "If the run's pictures have moved, name their new place with --data."));
  CHECK(resumed(folder.path, {"--data", moved.string()}).status == 0);
  CHECK(resumed(folder.path, {}).status == 0);  // the new place is remembered

  write_pictures(other.path / "fewer", 3);
  const ProgramEnd fewer = resumed(folder.path, {"--data", (other.path / "fewer").string()});
  CHECK(fewer.status == 2);
  CHECK(says(fewer, "1 is missing (3.png)"));
  write_garden_png(moved / "more.png", 9, 24);
  const ProgramEnd more = resumed(folder.path, {});
  CAPTURE(more.err);
  CHECK(more.status == 0);
  CHECK(says(more, "have changed since the run was begun: 1 is new (more.png)"));
  const ProgramEnd garden = resumed(folder.path, {"--data", "garden"});
  CHECK(garden.status == 2);
  CHECK(says(garden, "--data garden contradicts"));
}

TEST_CASE("what differs between two inventories") {
  CHECK(difference("a\t1\nb\t1\n", "a\t1\nb\t1\n") == "");
  CHECK(difference("a\t1\nb\t1\nc\t1\n", "b\t2\nd\t1\n") ==
        "2 are missing (the first: a), 1 is new (d), 1 has another size, weight or side (b)");
}

TEST_CASE("folders whose names are no UTF-8 can be trained on, resumed, published and judged by") {
  const TemporaryFolder folder;
  const std::string name = "Blumen-\xe4\xf6\xfc";
  write_pictures(folder.path / name, 12);
  const ProgramEnd trained = run_program(folder.path, training({"2", "--data", name}));
  CAPTURE(trained.err);
  CHECK(trained.status == 0);
  CHECK(run_program(folder.path, {"train", "--resume", "--threads", "1", "--steps", "3"}).status == 0);
  const ProgramEnd published = run_program(
      folder.path, {"dataset", "publish", name, "--out", "web", "--size", "16", "--draws", "4", "--count", "1"});
  CAPTURE(published.err);
  CHECK(published.status == 0);
  const ProgramEnd judged =
      run_program(folder.path, {"judge", "--pictures", name, "--data", name, "--out", name + "-judged"});
  CAPTURE(judged.err);
  CHECK(judged.status == 0);
  CHECK(run_program(folder.path, {"sample", "--model", "run", "--out", name + ".png"}).status == 0);
}

TEST_CASE("a picture's recipe names the model's file, title and weights, and a sheet's seeds by first and count") {
  const TemporaryFolder folder;
  write_model(folder.path / "flowers.onnx", random_model(network_config("tiny"), 1), WeightPrecision::f32);
  write_garden_png(folder.path / "hint.png", 1, 24);
  const auto notes_of = [&](const Words& more) {
    Words words{"sample", "--model", "flowers.onnx", "--seed", "7", "--steps", "2", "--out", "out.png"};
    words.insert(words.end(), more.begin(), more.end());
    REQUIRE(run_program(folder.path, words).status == 0);
    std::ifstream in(folder.path / "out.png", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    std::map<std::string, std::string> notes;
    for (std::size_t at = bytes.find("tEXt"); at != std::string::npos; at = bytes.find("tEXt", at + 1)) {
      const auto length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[at - 1]));
      const std::string note = bytes.substr(at + 4, length);
      notes[note.substr(0, note.find('\0'))] = note.substr(note.find('\0') + 1);
    }
    return notes;
  };
  std::ifstream in(folder.path / "flowers.onnx", std::ios::binary);
  const std::string weights = sha256(std::string(std::istreambuf_iterator<char>(in), {})).substr(0, 16);
  auto one = notes_of({});
  CHECK(one["florilegium.model"] == "flowers.onnx");
  CHECK(one["florilegium.weights"] == weights);
  CHECK(one["florilegium.seed"] == "7");
  CHECK(one["florilegium.steps"] == "2");
  CHECK_FALSE(one.contains("florilegium.count"));
  CHECK_FALSE(one.contains("florilegium.hint"));
  auto sheet = notes_of({"--count", "4", "--hint", "hint.png"});
  CHECK(sheet["florilegium.seed"] == "7");
  CHECK(sheet["florilegium.first_seed"] == "7");
  CHECK(sheet["florilegium.count"] == "4");
  CHECK(sheet["florilegium.hint"] == "yes");
}
