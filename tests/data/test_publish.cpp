#include "trainer/data/publish.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"

using namespace florilegium;

namespace {

void write_plain(const std::filesystem::path& file, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  write_png(file, blank_picture(96, 128, red, green, blue));
}

/// A pack of one bright plate of weight 3, one dark plate of weight 1 and two held-out ones.
void write_pack(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "plates");
  write_plain(folder / "plates" / "bright.png", 220, 220, 220);
  write_plain(folder / "plates" / "dark.png", 20, 20, 20);
  write_plain(folder / "plates" / "green.png", 40, 160, 60);
  write_plain(folder / "plates" / "red.png", 180, 40, 50);
  write_text(folder / "plates.tsv",
             "file\tsplit\tweight\ttitle\tbook\tyear\tgutenberg_id\n"
             "bright.png\ttrain\t3\tA\tB\t1800\t1\n"
             "dark.png\ttrain\t1\tA\tB\t1800\t1\n"
             "green.png\theldout\t1\tFern\tGreen Things\t1801\t17\n"
             "red.png\theldout\t1\t\tRed Things\t1802\t\n");
}

double mean(const RgbPicture& picture, std::size_t channel) {
  double sum = 0;
  for (std::size_t i = channel; i < picture.rgb.size(); i += 3) sum += picture.rgb[i];
  return 3 * sum / static_cast<double>(picture.rgb.size());
}

nlohmann::json read_json(const std::filesystem::path& file) { return nlohmann::json::parse(std::ifstream(file)); }

const auto unheard = [](const std::string& sentence) { FAIL(sentence); };

}  // namespace

TEST_CASE("the average weighs training pictures as the table does, and leaves held-out ones out") {
  const TemporaryFolder folder;
  write_pack(folder.path / "pack");
  PublishOptions options;
  options.size = 32;
  options.draws = 4000;
  publish((folder.path / "pack").string(), folder.path / "out", options, unheard);
  const RgbPicture average = read_picture(folder.path / "out" / "average.jpg");
  CHECK(average.width == 32);
  CHECK(average.height == 32);
  // Three times 220 and once 20 make 170. Held-out ones would pull red, green and blue apart; an
  // unweighted mean would be 120.
  for (std::size_t c = 0; c < 3; ++c) CHECK(mean(average, c) == doctest::Approx(170).epsilon(0.03));
}

TEST_CASE("held-out pictures are written with what the table says of them") {
  const TemporaryFolder folder;
  write_pack(folder.path / "pack");
  PublishOptions options;
  options.size = 48;
  options.draws = 2;
  const PublishReport report = publish((folder.path / "pack").string(), folder.path / "out", options, unheard);
  CHECK(report.pictures == 2);
  const auto about = read_json(folder.path / "out" / "plates.json");
  CHECK(about["source"] == "pack");
  CHECK(about["size"] == 48);
  CHECK(about["draws"] == 2);
  CHECK(about["average"] == "average.jpg");
  REQUIRE(about["plates"].size() == 2);
  const nlohmann::json green = {
      {"file", "green.jpg"}, {"title", "Fern"}, {"book", "Green Things"}, {"year", "1801"}, {"gutenberg_id", "17"}};
  const nlohmann::json red = {{"file", "red.jpg"}, {"book", "Red Things"}, {"year", "1802"}};
  CHECK(about["plates"][0] == green);
  CHECK(about["plates"][1] == red);
  const RgbPicture plate = read_picture(folder.path / "out" / "green.jpg");
  CHECK(plate.width == 48);
  CHECK(plate.height == 48);
  CHECK(mean(plate, 0) == doctest::Approx(40).epsilon(0.05));
  CHECK(mean(plate, 1) == doctest::Approx(160).epsilon(0.02));
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder.path / "out")) bytes += file.file_size();
  CHECK(report.bytes == bytes);

  options.pictures = {"red.png"};
  CHECK(publish((folder.path / "pack").string(), folder.path / "one", options, unheard).pictures == 1);
  CHECK(read_json(folder.path / "one" / "plates.json")["plates"][0] == red);
  options.pictures = {"bright.png"};
  CHECK_THROWS_WITH_AS(publish((folder.path / "pack").string(), folder.path / "none", options, unheard),
                       doctest::Contains("not one of the 2 held-out"), std::invalid_argument);
}

TEST_CASE("the garden can be published, the same twice") {
  const TemporaryFolder folder;
  PublishOptions options;
  options.size = 32;
  options.draws = 20;
  options.count = 3;
  publish("garden", folder.path / "a", options, unheard);
  publish("garden", folder.path / "b", options, unheard);
  const auto about = read_json(folder.path / "a" / "plates.json");
  CHECK(about["source"] == "garden (procedurally drawn plants)");
  REQUIRE(about["plates"].size() == 3);
  CHECK(about["plates"][0]["file"] != about["plates"][1]["file"]);
  for (const std::string& file : {std::string("average.jpg"), about["plates"][2]["file"].get<std::string>()}) {
    CHECK(read_picture(folder.path / "a" / file).rgb == read_picture(folder.path / "b" / file).rgb);
  }
  CHECK_THROWS_AS(publish((folder.path / "nowhere").string(), folder.path / "c", options, unheard), std::runtime_error);
  options.size = 8;
  CHECK_THROWS_AS(publish("garden", folder.path / "c", options, unheard), std::invalid_argument);
}
