// Training by two real processes under mpirun: the same as one process, told to stop, and with one
// of them killed; on CPUs, and where there are two GPUs on those too. Built where MPI is
// (tests/CMakeLists.txt).
#include <doctest/doctest.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/commands/program.h"
#include "tests/data/temporary_folder.h"
#include "trainer/backend/backend.h"
#include "trainer/learn/ranks.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/run_log.h"

using namespace florilegium;

namespace {

using Words = std::vector<std::string>;
const auto nobody = [](const std::string&) {};

const Words two_processes = {
    "mpirun", "-n",    "2",   "--allow-run-as-root", "--oversubscribe", "--bind-to",
    "none",   "--mca", "btl", "self,vader",          "--mca",           "btl_vader_single_copy_mechanism",
    "none"};

/// Starts two processes; the first runs a line of shell before the program.
Words two_of_which_the_first(const std::string& line) {
  Words launcher = two_processes;
  launcher.insert(launcher.end(),
                  {"sh", "-c", "[ \"$OMPI_COMM_WORLD_RANK\" != 0 ] || " + line + "; exec \"$0\" \"$@\""});
  return launcher;
}

/// Where two processes can train together here; a visible word where they cannot on GPUs.
Words devices_for_two() {
  std::string reason = cuda_unavailable_reason(1);
  if (reason.empty()) reason = nccl_unavailable_reason();
  if (reason.empty()) return {"cpu", "cuda"};
  MESSAGE("skipped on two GPUs: " << reason);
  return {"cpu"};
}

Words run_of(const std::string& device, int batch, int steps, const std::filesystem::path& out) {
  return {"train",
          "--config",
          "tiny",
          "--data",
          "garden",
          "--device",
          device,
          "--batch",
          std::to_string(batch),
          "--steps",
          std::to_string(steps),
          "--threads",
          "1",
          "--samples",
          "2",
          "--precision",
          "f32",
          "--log-every",
          "1",
          "--checkpoint-every",
          "5",
          "--evaluate-every",
          "10",
          "--sample-every",
          "1000000",
          "--out",
          out.string()};
}

ProgramEnd run_two(const std::filesystem::path& folder, const Words& arguments) {
  return StartedProgram(folder, arguments, 0, two_processes).wait();
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// The processes that mpirun has started, once they train: after the first line of the log.
std::vector<int> started(const StartedProgram& program, const std::filesystem::path& run) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(100);
  while (!std::filesystem::exists(run / "log.jsonl") || std::filesystem::file_size(run / "log.jsonl") == 0) {
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::ifstream file("/proc/" + std::to_string(program.process()) + "/task/" + std::to_string(program.process()) +
                     "/children");
  std::vector<int> processes;
  for (int process; file >> process;) processes.push_back(process);
  REQUIRE(processes.size() == 2);
  return processes;
}

/// A job of two processes with a wrong argument, of which the first does `instead` first, tells so
/// once and fails.
void expect_one_word(const std::string& instead) {
  const TemporaryFolder folder;
  const ProgramEnd end =
      StartedProgram(folder.path, {"train", "--nonsense"}, 0, two_of_which_the_first(instead)).wait();
  INFO(end.err);
  CHECK(end.status == 2);
  CHECK(count_of(end.err, "florilegium: ") == 1);
}

}  // namespace

TEST_CASE("two processes train as one with twice the batch, and either goes on with what the other began" *
          doctest::test_suite("slow")) {
  for (const std::string& device : devices_for_two()) {
    CAPTURE(device);
    const TemporaryFolder folder;
    const ProgramEnd alone = run_program(folder.path, run_of(device, 4, 20, folder.path / "one"));
    const ProgramEnd together = run_two(folder.path, run_of(device, 2, 20, folder.path / "two"));
    INFO(together.err);
    REQUIRE(alone.status == 0);
    REQUIRE(together.status == 0);
    CHECK(together.err.find("20 steps of 4 pictures, shared by 2 processes") != std::string::npos);
    CHECK(count_of(together.err, "step 20/20") == 1);  // one of them prints

    const auto expected = read_log(folder.path / "one/log.jsonl"), found = read_log(folder.path / "two/log.jsonl");
    REQUIRE(found.size() == 20);
    REQUIRE(expected.size() == 20);
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(found[i].step);
      CHECK(std::abs(found[i].loss - expected[i].loss) <= 1e-4 * expected[i].loss);
      CHECK(found[i].gradient_norm == doctest::Approx(expected[i].gradient_norm).epsilon(1e-3));
      CHECK(found[i].samples == expected[i].samples);
      for (std::size_t band = 0; band < found[i].loss_by_band.size(); ++band)
        CHECK(found[i].loss_by_band[band].value_or(0) ==
              doctest::Approx(expected[i].loss_by_band[band].value_or(0)).epsilon(1e-3));
    }

    // Either run, continued by the other number of processes, ends as the other continued run.
    const auto go_on = [&](const std::string& run) {
      return Words{"train", "--resume",  "--device", device,  "--steps",
                   "26",    "--threads", "1",        "--out", (folder.path / run).string()};
    };
    REQUIRE(run_two(folder.path, go_on("one")).status == 0);
    REQUIRE(run_program(folder.path, go_on("two")).status == 0);
    const auto first = read_log(folder.path / "one/log.jsonl"), second = read_log(folder.path / "two/log.jsonl");
    REQUIRE(first.size() == 26);
    REQUIRE(second.size() == 26);
    for (std::size_t i = 20; i < 26; ++i) CHECK(std::abs(first[i].loss - second[i].loss) <= 1e-4 * first[i].loss);

    const ProgramEnd uneven = run_two(folder.path, {"train", "--config", "tiny", "--data", "garden", "--resume",
                                                    "--batch", "3", "--out", (folder.path / "two").string()});
    INFO(uneven.err);
    CHECK(uneven.status == 2);
    CHECK(count_of(uneven.err, "florilegium: --batch, times the processes: 6 contradicts the run") == 1);
  }
}

TEST_CASE("what is wrong with the arguments is said once, also when the process that says it is the later one") {
  expect_one_word("sleep 2");
}

TEST_CASE("what is wrong with the arguments of one process alone is said, also when it is not the first" *
          doctest::test_suite("slow")) {
  expect_one_word("exec sleep 60");
}

TEST_CASE("when one of two processes is killed the job ends in a sentence, and its checkpoint is whole" *
          doctest::test_suite("slow")) {
  for (const std::string& device : devices_for_two()) {
    CAPTURE(device);
    const TemporaryFolder folder;
    for (const std::size_t victim : {std::size_t{0}, std::size_t{1}}) {
      CAPTURE(victim);
      const auto run = folder.path / ("killed-" + std::to_string(victim));
      StartedProgram job(folder.path, run_of(device, 2, 1000000, run), 0, two_processes);
      ::kill(started(job, run)[victim], SIGKILL);
      const ProgramEnd end = job.wait();
      INFO(end.err);
      CHECK(end.status != 0);
      CHECK(end.err.find("of the 2 that train together has ended before its time. Training has stopped after step") !=
            std::string::npos);
      const auto checkpoint = newest_checkpoint(run / "checkpoint", nobody);
      REQUIRE(checkpoint);
      const auto steps = std::to_string(checkpoint->step + 3);
      const ProgramEnd resumed =
          run_program(folder.path, {"train", "--resume", "--threads", "1", "--steps", steps, "--out", run.string()});
      INFO(resumed.err);
      CHECK(resumed.status == 0);
      CHECK(read_log(run / "log.jsonl").back().step == checkpoint->step + 3);
    }
  }
}

TEST_CASE("two processes save and stop together when one of them is told to" * doctest::test_suite("slow")) {
  for (const std::string& device : devices_for_two()) {
    CAPTURE(device);
    const TemporaryFolder folder;
    const auto run = folder.path / "run";
    StartedProgram job(folder.path, run_of(device, 2, 1000000, run), 0, two_processes);
    ::kill(started(job, run)[1], SIGTERM);
    const ProgramEnd end = job.wait();
    INFO(end.err);
    CHECK(end.status == 0);
    CHECK(count_of(end.err, "Stopped and saved.") == 1);
    CHECK(newest_checkpoint(run / "checkpoint", nobody)->step == read_log(run / "log.jsonl").back().step);
  }
}

TEST_CASE("which GPU a process takes, and what is said when it cannot have one") {
  /// Rank 1 of two.
  struct SecondOfTwo : Ranks {
    int rank() const override { return 1; }
    int count() const override { return 2; }
  } second;
  ::unsetenv("OMPI_COMM_WORLD_LOCAL_RANK");
  ::unsetenv("MPI_LOCALRANKID");
  CHECK(rank_on_this_machine() == 0);
  ::setenv("MPI_LOCALRANKID", "2", 1);
  CHECK(rank_on_this_machine() == 2);
  ::setenv("OMPI_COMM_WORLD_LOCAL_RANK", "3", 1);
  CHECK(rank_on_this_machine() == 3);
  ::unsetenv("OMPI_COMM_WORLD_LOCAL_RANK");
  ::unsetenv("MPI_LOCALRANKID");

  CHECK(problem_with_gpu(second, 1, "", "").empty());
  CHECK(problem_with_gpu(second, 1, "There is no GPU number 1.", "") ==
        "Process 2 of the 2 that train together is number 1 on its machine, counted from 0, and cannot use the GPU of "
        "that number: There is no GPU number 1. "
        "Start no more processes on a machine than it has GPUs.");
  CHECK(problem_with_gpu(second, 1, "", "NCCL is missing.") ==
        "Several processes cannot train together on GPUs: NCCL is missing. One process alone can use one GPU.");
  CHECK(problem_with_gpu(second, 1, "There is no GPU number 1.", "NCCL is missing.").find("GPU number 1") !=
        std::string::npos);

  CHECK(lowest_where(no_other_ranks(), true) == 0);
  CHECK(lowest_where(no_other_ranks(), false) == 1);
}

TEST_CASE("processes without a GPU each end in one sentence") {
  const TemporaryFolder folder;
  std::string reason = cuda_unavailable_reason(1);
  if (reason.empty()) reason = nccl_unavailable_reason();
  if (reason.empty()) {
    MESSAGE("skipped: there are two GPUs");
    return;
  }
  const ProgramEnd end = run_two(folder.path, run_of("cuda", 2, 1, folder.path / "run"));
  INFO(end.err);
  CHECK(end.status == 2);
  CHECK(count_of(end.err, "florilegium: ") == 1);
  CHECK(count_of(end.err, reason) == 1);
  CHECK(!std::filesystem::exists(folder.path / "run"));
}

TEST_CASE("a launcher of another MPI is noticed before anything is written") {
  const TemporaryFolder folder;
  for (const std::string rank : {"0", "1"}) {
    const ProgramEnd end =
        StartedProgram(folder.path, run_of("cpu", 2, 2, "run"), 0, {"env", "PMI_SIZE=2", "PMI_RANK=" + rank}).wait();
    CAPTURE(end.err);
    CHECK(end.status == 2);
    CHECK(end.err.find("The launcher started 2 processes to train together") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.path / "run"));
  }
}
