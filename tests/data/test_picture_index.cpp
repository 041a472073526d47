#include "trainer/data/picture_index.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/folder.h"

using namespace florilegium;

TEST_CASE("a large folder's pictures are read once, and again when they were written since") {
  const TemporaryFolder folder, cache;
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("XDG_CACHE_HOME", cache.path.c_str(), 1);
  write_garden_png(folder.path / "0.png", 0, 16);
  for (std::size_t i = 1; i < PictureIndex::worth_keeping; ++i)
    std::filesystem::copy_file(folder.path / "0.png", folder.path / (std::to_string(i) + ".png"));
  const auto usable = [&] { return list_pictures(folder.path, [](const std::string&) {}).size(); };
  CHECK(usable() == PictureIndex::worth_keeping);
  CHECK(std::filesystem::exists(cache.path / "florilegium"));

  // What was read once is not read again: damage that leaves size and time as they were goes
  // unnoticed here.
  const auto file = folder.path / "7.png";
  const auto time = std::filesystem::last_write_time(file);
  write_text(file, std::string(std::filesystem::file_size(file), 'x'));
  std::filesystem::last_write_time(file, time);
  CHECK(usable() == PictureIndex::worth_keeping);
  std::filesystem::last_write_time(file, time + std::chrono::seconds(1));
  CHECK(usable() == PictureIndex::worth_keeping - 1);

  // An index that is nonsense is none.
  for (const auto& entry : std::filesystem::directory_iterator(cache.path / "florilegium"))
    write_text(entry.path(), "nonsense\n1\t2\t-3\t4\t0.png\n\t\t\n");
  CHECK(usable() == PictureIndex::worth_keeping - 1);
  if (before != nullptr) ::setenv("XDG_CACHE_HOME", kept.c_str(), 1);
  else ::unsetenv("XDG_CACHE_HOME");
}
