// `bench train --peer`: what it says about both sides, and without PyTorch. A script plays PyTorch,
// so that none is needed.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/commands/program.h"
#include "tests/data/temporary_folder.h"
#include "trainer/graph/graph.h"
#include "trainer/network/denoiser.h"

using namespace florilegium;

namespace {

ProgramEnd compared_with(const TemporaryFolder& folder, const std::string& script) {
  const auto python = folder.path / "python";
  std::ofstream(python) << "#!/bin/sh\n" << script;
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  return run_program(folder.path, {"bench", "train", "--peer", "--python", python.string(), "--config", "tiny",
                                   "--batch", "2", "--threads", "1", "--repeats", "3", "--precision", "f32"});
}

std::string own_parameters() {
  Graph graph;
  build_denoiser(graph, network_config("tiny"), 1, Type::f32);
  return std::to_string(graph.parameter_elements());
}

}  // namespace

TEST_CASE("both sides' medians, memory and ratio are shown") {
  const TemporaryFolder folder;
  const ProgramEnd end =
      compared_with(folder, "echo 'ready " + own_parameters() +
                                " PyTorch 9.9, 1 threads'\n"
                                "for ms in 1 3600000 7200000 5400000; do read line; echo \"$ms 321.0\"; done\n");
  INFO(end.err);
  CHECK(end.status == 0);
  CAPTURE(end.out);
  CHECK(end.out.find("both sides in f32; medians of 3 steps") != std::string::npos);
  CHECK(end.out.find("5400000.0 ms  (3600000.0 to 7200000.0)") != std::string::npos);  // the first step does not count
  CHECK(end.out.find("321 MB at the peak") != std::string::npos);
  CHECK(end.out.find("times PyTorch's samples/s") != std::string::npos);
  CHECK(end.out.find("PyTorch 9.9, 1 threads") != std::string::npos);
}

TEST_CASE("without PyTorch, with another network, and with a peer that dies it ends in a sentence") {
  const TemporaryFolder folder;
  const auto fails_with = [&](const std::string& script, const std::string& sentence) {
    const ProgramEnd end = compared_with(folder, script);
    CHECK(end.status == 1);
    CAPTURE(end.err);
    CHECK(end.err.find(sentence) != std::string::npos);
  };
  fails_with("echo 'missing PyTorch'\n", "Install it (Debian: apt-get install python3-torch)");
  fails_with("exit 3\n", "Install it (Debian: apt-get install python3-torch)");
  fails_with("echo 'ready 12 PyTorch 9.9'\nread line\n", "they are not the same network");
  fails_with("echo 'ready " + own_parameters() + " PyTorch 9.9'\nread line\n", "PyTorch's side ended in the middle");
}
