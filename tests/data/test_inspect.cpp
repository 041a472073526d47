#include "trainer/data/inspect.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "src/image/resize.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"

using namespace florilegium;

TEST_CASE("inspecting finds sizes, unusable files and near duplicates, also mirrored ones") {
  const TemporaryFolder folder;
  for (std::uint64_t i = 0; i < 8; ++i) write_garden_png(folder.path / ("plate" + std::to_string(i) + ".png"), i, 150);
  write_jpeg(folder.path / "same.jpg", without_alpha(resized(garden_picture(3, 150), 300, 300)), 90);
  write_jpeg(folder.path / "turned.jpg", mirrored(without_alpha(garden_picture(5, 150))), 90);
  write_text(folder.path / "broken.png", "nothing");

  InspectOptions options;
  options.sheet_side = 32;
  const InspectReport report = inspect_folder(folder.path, options);
  CHECK(report.pictures.size() == 10);
  CHECK(report.training == 9);
  CHECK(report.held_out == 1);
  REQUIRE(report.unusable.size() == 1);
  CHECK(report.unusable[0].find("broken.png") != std::string::npos);

  const auto has = [&](const std::string& a, const std::string& b, bool turned) {
    return std::any_of(report.near_duplicates.begin(), report.near_duplicates.end(), [&](const NearDuplicate& pair) {
      return report.pictures[pair.first].file.filename() == a && report.pictures[pair.second].file.filename() == b &&
             pair.mirrored == turned;
    });
  };
  CHECK(report.near_duplicates.size() == 2);
  CHECK(has("plate3.png", "same.jpg", false));
  CHECK(has("plate5.png", "turned.jpg", true));

  const auto row =
      std::find_if(report.sizes.begin(), report.sizes.end(), [](const SizeRow& size) { return size.from == 128; });
  REQUIRE(row != report.sizes.end());
  CHECK(row->count == 9);
  CHECK(report.sheet.width == 8 + 4 * (32 + 8));
  CHECK(report.sheet.height == 8 + 3 * (32 + 8));

  const std::string text = describe(report, folder.path);
  CHECK(text.find("10 usable pictures") != std::string::npos);
  CHECK(text.find("plate5.png  turned.jpg  (mirrored)") != std::string::npos);
}

TEST_CASE("a hash differs from its mirrored one and from other plates'") {
  const RgbPicture one = without_alpha(garden_picture(1, 96)), other = without_alpha(garden_picture(2, 96));
  CHECK(distance(difference_hash(one), difference_hash(one)) == 0);
  CHECK(distance(difference_hash(one), difference_hash(mirrored(one))) > 30);
  CHECK(distance(difference_hash(one), difference_hash(other)) > 30);
  CHECK(mirrored(mirrored(one)).rgb == one.rgb);
}
