#include "src/files/write_file.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/data/temporary_folder.h"

using namespace florilegium;

TEST_CASE("a file is replaced as a whole, and a failure says where and why and leaves nothing behind") {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> first = {'o', 'l', 'd'}, second = {'n', 'e', 'w', '!'};
  write_file(folder.path / "file", first);
  write_file(folder.path / "file", second);
  std::ifstream in(folder.path / "file", std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "new!");
  CHECK_THROWS_WITH_AS(write_file(folder.path / "absent" / "file", first), doctest::Contains("absent"),
                       std::runtime_error);
  std::filesystem::create_directory(folder.path / "occupied");
  CHECK_THROWS_AS(write_file(folder.path / "occupied", first), std::runtime_error);
  CHECK_FALSE(std::filesystem::exists(folder.path / "occupied.partial"));
  if (std::filesystem::exists("/dev/full")) {  // a disk without room
    std::filesystem::create_symlink("/dev/full", folder.path / "full.partial");
    CHECK_THROWS_WITH_AS(write_file(folder.path / "full", first), doctest::Contains("No space left"),
                         std::runtime_error);
  }
}
