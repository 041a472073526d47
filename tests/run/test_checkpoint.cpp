// Checkpoints are whole or not there, and what is damaged is passed over.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/learn/discs.h"
#include "trainer/run/checkpoint.h"

using namespace florilegium;

namespace {

Checkpoint checkpoint_of(std::int64_t step) {
  Checkpoint c{step, R"({"a": 1})", {}};
  for (std::size_t i = 0; i < 4; ++i) c.state[i] = {static_cast<float>(step), static_cast<float>(i), -0.5f};
  return c;
}

void flip_byte(const std::filesystem::path& file, std::streamoff at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(at);
  const char byte = static_cast<char>(stream.get());
  stream.seekp(at);
  stream.put(static_cast<char>(byte ^ 0x10));
}

const auto nobody = [](const std::string&) {};

}  // namespace

TEST_CASE("a checkpoint comes back as it was written") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path, checkpoint_of(7), 2);
  const auto back = newest_checkpoint(folder.path, nobody);
  REQUIRE(back);
  CHECK(back->step == 7);
  CHECK(back->notes == checkpoint_of(7).notes);
  CHECK(back->state == checkpoint_of(7).state);
}

TEST_CASE("the last ones are kept, and half-written files are cleared away") {
  const TemporaryFolder folder;
  std::ofstream(folder.path / "step-000000003.ckpt.partial") << "half";
  for (const std::int64_t step : {1, 2, 1000}) write_checkpoint(folder.path, checkpoint_of(step), 2);
  CHECK(checkpoint_steps(folder.path) == std::vector<std::int64_t>{1000, 2});
  CHECK_FALSE(std::filesystem::exists(folder.path / "step-000000003.ckpt.partial"));
  CHECK(newest_checkpoint(folder.path, nobody, 1000)->step == 2);
  remove_checkpoints_after(folder.path, 2);
  CHECK(checkpoint_steps(folder.path) == std::vector<std::int64_t>{2});
}

TEST_CASE("every flipped byte and every cut is noticed, and the checkpoint before is taken") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path, checkpoint_of(1), 2);
  const auto file = folder.path / "step-000000002.ckpt";
  write_checkpoint(folder.path, checkpoint_of(2), 2);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
  for (std::streamoff at = 0; at < size; ++at) {
    flip_byte(file, at);
    CHECK_THROWS_AS(read_checkpoint(file), std::runtime_error);
    flip_byte(file, at);
  }
  CHECK(read_checkpoint(file).step == 2);
  for (const std::uintmax_t shorter : {0, 5, 20, static_cast<int>(size) - 1}) {
    std::filesystem::resize_file(file, shorter);
    std::string said;
    const auto taken = newest_checkpoint(folder.path, [&](const std::string& sentence) { said = sentence; });
    REQUIRE(taken);
    CHECK(taken->step == 1);
    CHECK(said.find("step-000000002.ckpt") != std::string::npos);
    write_checkpoint(folder.path, checkpoint_of(2), 2);
  }
}
