#include "trainer/data/picture_cache.h"

#include <doctest/doctest.h>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/free_memory.h"

using namespace florilegium;

TEST_CASE("the cache fills while memory is free, and on shortage it stops growing and goes on") {
  const TemporaryFolder folder;
  std::vector<std::filesystem::path> files;
  for (std::uint64_t i = 0; i < 4; ++i) {
    files.push_back(folder.path / (std::to_string(i) + ".png"));
    write_garden_png(files.back(), i, 100);
  }
  std::size_t free = std::size_t{8} << 30;
  PictureCache cache(
      files, std::size_t{1} << 30, [](const std::string& sentence) { FAIL(sentence); }, [&] { return free; }, 1);
  const auto first = cache.get(0, 0);
  REQUIRE(first);
  CHECK(cache.get(0, 0) == first);
  CHECK(cache.bytes_used() == 30000);
  free = 1000;
  CHECK(cache.get(1, 0));
  CHECK(cache.bytes_used() <= 60000);
  const auto used = cache.bytes_used();
  free = std::size_t{8} << 30;  // it does not begin again
  for (std::size_t i = 2; i < 4; ++i) {
    const auto picture = cache.get(i, 0);
    REQUIRE(picture);
    CHECK(picture->rgb == read_picture(files[i]).rgb);
    CHECK(cache.get(i, 0) != picture);
  }
  CHECK(cache.bytes_used() == used);
  CHECK(cache.get(0, 0) == first);
}

TEST_CASE("the cache gets half of what is free, shared out to the processes of a machine") {
  CHECK(free_memory() > 0);
  CHECK(cache_share(1) < free_memory());
  CHECK(cache_share(4) <= cache_share(1) / 3);
}
