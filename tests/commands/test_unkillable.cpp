// Training cannot be broken: killed, told to stop, out of disk space, or with a damaged checkpoint,
// it goes on as if nothing had been.
#include <doctest/doctest.h>
#include <sys/mount.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/commands/program.h"
#include "tests/learn/discs.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/run_log.h"

using namespace florilegium;

namespace {

using Words = std::vector<std::string>;
const auto nobody = [](const std::string&) {};

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// 32 steps, checkpoints after every fourth.
const Words settings = {
    "train", "--config",         "tiny", "--data",         "garden", "--batch",     "2", "--threads",
    "1",     "--samples",        "2",    "--decay",        "0",      "--log-every", "3", "--checkpoint-every",
    "4",     "--evaluate-every", "16",   "--sample-every", "16"};

/// Begins the run, or goes on with it.
Words next_part(const std::filesystem::path& run) {
  if (std::filesystem::exists(run / "config.json"))
    return {"train", "--resume", "--threads", "1", "--out", run.string()};
  return settings + Words{"--steps", "32", "--out", run.string()};
}

/// The uninterrupted run that all others are compared with, and how long it took.
struct Reference {
  TemporaryFolder folder;
  std::vector<LogEntry> log;
  std::chrono::duration<double> took{};
  Reference() {
    const auto begin = std::chrono::steady_clock::now();
    const ProgramEnd outcome = run_program(folder.path, next_part(folder.path / "run"));
    took = std::chrono::steady_clock::now() - begin;
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    log = read_log(folder.path / "run/log.jsonl");
  }
};

const Reference& reference() {
  static const Reference run;
  return run;
}

void check_like_reference(const std::filesystem::path& run) {
  const auto& expected = reference().log;
  const auto log = read_log(run / "log.jsonl");
  REQUIRE(log.size() == expected.size());
  for (std::size_t i = 0; i < log.size(); ++i) {
    CAPTURE(log[i].step);
    CHECK(log[i].step == expected[i].step);
    CHECK(log[i].samples == expected[i].samples);
    CHECK(log[i].loss == expected[i].loss);
    CHECK(log[i].gradient_norm == expected[i].gradient_norm);
    CHECK(log[i].learning_rate == expected[i].learning_rate);
    CHECK(log[i].loss_by_band == expected[i].loss_by_band);
    REQUIRE(log[i].evaluation.has_value() == expected[i].evaluation.has_value());
    if (log[i].evaluation) {
      CHECK(log[i].evaluation->held_out == expected[i].evaluation->held_out);
      CHECK(log[i].evaluation->trained == expected[i].evaluation->trained);
    }
  }
  const auto bytes = [](const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(bytes(run / "model.onnx") == bytes(reference().folder.path / "run/model.onnx"));
  CHECK(std::filesystem::exists(run / "report.html"));
  for (const char* sheet : {"samples/step-000000016.png", "samples/step-000000032.png"})
    CHECK(std::filesystem::exists(run / sheet));
}

/// The first half. With --decay 0 the learning rate does not depend on how many there will be.
void begin_run(const TemporaryFolder& folder) {
  REQUIRE(run_program(folder.path, settings + Words{"--steps", "16", "--out", "run"}).status == 0);
}

}  // namespace

TEST_CASE("killed at random moments and resumed, the log is that of an uninterrupted run") {
  const double took = reference().took.count();
  const TemporaryFolder folder;
  const auto run = folder.path / "run";
  for (std::uint64_t kill = 0; kill < 6; ++kill) {
    StartedProgram part(folder.path, next_part(run));
    std::this_thread::sleep_for(std::chrono::duration<double>(took * uniform_number(2026, 11, kill)));
    part.signal(SIGKILL);
    const int status = part.wait().status;
    CHECK((status == 128 + SIGKILL || status == 0));
    for (const std::int64_t step : checkpoint_steps(run / "checkpoint")) {
      char name[48];
      std::snprintf(name, sizeof name, "step-%09lld.ckpt", static_cast<long long>(step));
      CHECK(read_checkpoint(run / "checkpoint" / name).step == step);
    }
  }
  const ProgramEnd last = run_program(folder.path, next_part(run));
  CHECK(last.status == 0);
  check_like_reference(run);
}

TEST_CASE("SIGTERM and SIGINT save and stop, and the run goes on from there") {
  reference();
  const TemporaryFolder folder;
  const auto run = folder.path / "run";
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::size_t lines = read_log(run / "log.jsonl").size();
    StartedProgram part(folder.path, next_part(run));
    for (int i = 0; i < 20000 && read_log(run / "log.jsonl").size() < lines + 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    part.signal(signal);
    const ProgramEnd outcome = part.wait();
    CHECK(outcome.status == 0);
    CHECK(
        (outcome.err.find("Stopped and saved") != std::string::npos || outcome.err.find("Done.") != std::string::npos));
    CHECK_FALSE(checkpoint_steps(run / "checkpoint").empty());
  }
  CHECK(run_program(folder.path, next_part(run)).status == 0);
  check_like_reference(run);
}

TEST_CASE("a damaged checkpoint is passed over with a sentence") {
  const TemporaryFolder folder;
  std::filesystem::copy(reference().folder.path / "run", folder.path / "run", std::filesystem::copy_options::recursive);
  const auto newest = folder.path / "run/checkpoint/step-000000032.ckpt";
  {
    std::fstream file(newest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(newest) / 2));
    file.write("damage", 6);
  }
  const ProgramEnd outcome = run_program(folder.path, {"train", "--resume", "--threads", "1", "--out", "run"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.find("step-000000032.ckpt is damaged: its checksum does not fit. Taking the one before it.") !=
        std::string::npos);
  CHECK(outcome.err.find("Resuming after step 28.") != std::string::npos);
  check_like_reference(folder.path / "run");

  for (const auto& file : std::filesystem::directory_iterator(folder.path / "run/checkpoint"))
    std::filesystem::resize_file(file.path(), 100);
  const ProgramEnd none = run_program(folder.path, {"train", "--resume", "--out", "run"});
  CHECK(none.status == 1);
  CHECK(none.err.find("None of the checkpoints") != std::string::npos);
}

TEST_CASE("a file size limit stops training with a sentence and the last state intact") {
  reference();
  const TemporaryFolder folder;
  begin_run(folder);
  const ProgramEnd outcome =
      run_program(folder.path, {"train", "--resume", "--steps", "32", "--threads", "1", "--out", "run"}, 300000);
  CAPTURE(outcome.err);
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find("the checkpoint of step 16 is whole, and --resume --out run goes on from it") !=
        std::string::npos);
  CHECK(newest_checkpoint(folder.path / "run/checkpoint", nobody)->step == 16);
  CHECK(run_program(folder.path, {"train", "--resume", "--threads", "1", "--out", "run"}).status == 0);
  check_like_reference(folder.path / "run");
}

TEST_CASE("a full disk stops training with a sentence and the last state intact") {
  reference();
  const TemporaryFolder folder;
  const auto disk = folder.path / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") != 0) {
    MESSAGE("skipped: only root can make a small disk");
    return;
  }
  struct Unmount {
    std::filesystem::path at;
    ~Unmount() { ::umount2(at.c_str(), MNT_DETACH); }
  } const unmount{disk};
  const std::string run = (disk / "run").string();
  REQUIRE(run_program(folder.path, settings + Words{"--steps", "16", "--out", run}).status == 0);
  // From full to nearly empty: each time another file is the first that does not fit.
  for (const std::uintmax_t free : {0, 8000, 60000, 250000, 700000}) {
    CAPTURE(free);
    {
      std::ofstream filler(disk / "filler", std::ios::binary);
      const std::string block(4096, 'x');
      const std::uintmax_t room = std::filesystem::space(disk).available;
      for (std::uintmax_t written = 0; written + free < room; written += block.size()) filler << block;
    }
    const ProgramEnd outcome =
        run_program(folder.path, {"train", "--resume", "--steps", "32", "--threads", "1", "--out", run});
    CAPTURE(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find("No space left on device") != std::string::npos);
    CHECK(outcome.err.find(" is whole, and --resume --out ") != std::string::npos);
    CHECK(newest_checkpoint(disk / "run/checkpoint", nobody)->step >= 16);
    std::filesystem::remove(disk / "filler");
  }
  CHECK(run_program(folder.path, {"train", "--resume", "--threads", "1", "--steps", "32", "--out", run}).status == 0);
  check_like_reference(run);
}

TEST_CASE("an absurd learning rate is noticed, rolled back, and given up") {
  const TemporaryFolder folder;
  const ProgramEnd outcome = run_program(folder.path, {"train", "--config", "tiny", "--batch", "2", "--threads", "1",
                                                       "--steps", "50", "--learning-rate", "1e9", "--out", "run"});
  CAPTURE(outcome.err);
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find("back to step 0, and on with 0.5 times the learning rate.") != std::string::npos);
  CHECK(outcome.err.find("Training was given up") != std::string::npos);
  CHECK(newest_checkpoint(folder.path / "run/checkpoint", nobody)->step == 0);
}
