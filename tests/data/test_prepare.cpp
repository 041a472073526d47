#include "trainer/data/prepare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "src/image/resize.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/folder.h"
#include "trainer/data/source.h"

using namespace florilegium;

TEST_CASE("prepared pictures make a pack that training can open") {
  const TemporaryFolder own, made;
  std::filesystem::create_directory(own.path / "my roses");
  for (std::uint64_t i = 0; i < 5; ++i) write_garden_png(own.path / ("plate" + std::to_string(i) + ".png"), i, 120);
  write_png(own.path / "my roses" / "tall.png", resized(garden_picture(7, 100), 100, 300));
  write_png(own.path / "my roses" / "wide.png", resized(garden_picture(8, 100), 200, 100));
  write_garden_png(own.path / "tiny.png", 9, 40);
  write_text(own.path / "broken.jpg", "nothing");

  PrepareOptions options;
  options.short_side = 96;
  std::vector<std::string> left_out;
  const auto pack = made.path / "pack";
  const PrepareReport report =
      prepare_pack(own.path, pack, options, [&](const std::string& sentence) { left_out.push_back(sentence); });
  CHECK(report.written == 7);
  CHECK(report.left_out == 2);
  CHECK(report.held_out >= 1);
  REQUIRE(left_out.size() == 2);
  CHECK(left_out[0].find("broken.jpg") != std::string::npos);
  CHECK(left_out[1].find("tiny.png") != std::string::npos);

  const auto pictures = list_pictures(pack, [](const std::string& sentence) { FAIL(sentence); });
  REQUIRE(pictures.size() == 7);
  for (const auto& picture : pictures) {
    CHECK(std::min(picture.width, picture.height) == 96);
    CHECK(std::max(picture.width, picture.height) <= 154);
    const std::string name = picture.file.filename().string();
    if (name == "my_roses_tall.jpg") CHECK(picture.height == 154);
    if (name == "my_roses_wide.jpg") CHECK(picture.width == 154);
  }
  const auto source = open_source(pack.string(), [](const std::string&) {});
  CHECK(source->training_count() == report.written - report.held_out);
  CHECK(source->held_out_count() == report.held_out);

  const auto ignore = [](const std::string&) {};
  CHECK_THROWS_WITH_AS(prepare_pack(own.path, pack, options, ignore), doctest::Contains("already"), std::runtime_error);
  CHECK_THROWS_WITH_AS(prepare_pack(own.path, own.path / "pack", options, ignore), doctest::Contains("outside"),
                       std::runtime_error);
  options.short_side = 4000;
  CHECK_THROWS_AS(prepare_pack(own.path, made.path / "other", options, ignore), std::runtime_error);
  options.short_side = 2;
  CHECK_THROWS_AS(prepare_pack(own.path, made.path / "third", options, ignore), std::invalid_argument);
}
