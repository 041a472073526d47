#include "trainer/data/source.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/folder.h"
#include "trainer/data/read_picture.h"

using namespace florilegium;

namespace {

std::vector<float> drawn(const PictureSource& source, std::uint64_t index, int size) {
  std::vector<float> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3);
  source.draw(3, index, size, values);
  return values;
}

void check_same_on_all_threads(const PictureSource& source, int size) {
  std::vector<std::vector<float>> first(12), second(12);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = drawn(source, i, size);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < second.size(); i += 3) second[i] = drawn(source, i, size);
      });
    }
  }
  CHECK(first == second);
  for (const auto& picture : first)
    CHECK(std::all_of(picture.begin(), picture.end(), [](float value) { return value >= -1 && value <= 1; }));
}

void ignore(const std::string&) {}

}  // namespace

TEST_CASE("a plain folder: every usable picture counts, every other file is named, some are held out") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path / "below");
  for (std::uint64_t i = 0; i < 6; ++i) write_garden_png(folder.path / ("png" + std::to_string(i) + ".png"), i, 40);
  for (std::uint64_t i = 0; i < 4; ++i)
    write_garden_jpeg(folder.path / "below" / ("jpeg" + std::to_string(i) + ".JPEG"), 10 + i, 50);
  write_garden_png(folder.path / "cut.png", 1, 60);
  cut_off(folder.path / "cut.png", 0.6);
  write_garden_jpeg(folder.path / "cut.jpg", 1, 60);
  cut_off(folder.path / "cut.jpg", 0.6);
  write_text(folder.path / "notes.txt", "no picture");

  std::vector<std::string> named;
  const auto source =
      open_source(folder.path.string(), [&](const std::string& sentence) { named.push_back(sentence); });
  CHECK(source->training_count() == 9);
  CHECK(source->held_out_count() == 1);
  REQUIRE(named.size() == 3);
  CHECK(named[0].find("cut.jpg") != std::string::npos);
  CHECK(named[1].find("cut.png") != std::string::npos);
  CHECK(named[2].find(": 1 file of another kind.") != std::string::npos);
  check_same_on_all_threads(*source, 32);
  std::vector<float> held(32 * 32 * 3), again(held.size());
  source->held_out(0, 32, held);
  source->held_out(1, 32, again);
  CHECK(held == again);
}

TEST_CASE("pictures are known by what is in them, linked folders count once, and what is passed over is told") {
  const TemporaryFolder folder, other;
  for (const char* name : {"a.jfif", "b.JPE", "c", "d.jpg"}) write_garden_jpeg(folder.path / name, 1, 40);
  write_garden_png(folder.path / "e.img", 2, 40);
  // A lossless WebP picture, 16 x 16 pixels of (230, 40, 20).
  const std::string webp("RIFF\x1e\0\0\0WEBPVP8L\x11\0\0\0/\x0f\xc0\x03\0\x07P\x94\x9a\x97\xa2\xff\x81\x88\xe8\x7f\0\0",
                         38);
  write_text(folder.path / "f.webp", webp);
  write_text(folder.path / "phone.heic", std::string("\0\0\0\x18"
                                                     "ftypheic\0\0\0\0mif1heic",
                                                     24));
  write_text(folder.path / "notes.txt", "no picture");
  write_text(folder.path / "film.mp4", std::string("\0\0\0\x18"
                                                   "ftypisom",
                                                   12));
  write_text(folder.path / "empty", "");
  std::filesystem::create_directory(folder.path / "real");
  write_garden_png(folder.path / "real" / "g.png", 3, 40);
  write_garden_png(other.path / "h.png", 4, 40);
  std::filesystem::create_directory_symlink(folder.path / "real", folder.path / "again");
  std::filesystem::create_directory_symlink(folder.path, folder.path / "real" / "above");
  std::filesystem::create_directory_symlink(other.path, folder.path / "elsewhere");
  std::filesystem::create_symlink(folder.path / "nowhere", folder.path / "broken.png");

  std::vector<std::string> unusable;
  std::string passed_over;
  const auto pictures = list_pictures(
      folder.path, [&](const std::string& sentence) { unusable.push_back(sentence); },
      [&](const std::string& sentence) { passed_over = sentence; });
  std::vector<std::string> names;
  for (const auto& picture : pictures) names.push_back(picture.file.lexically_relative(folder.path).string());
  CHECK(names ==
        std::vector<std::string>{"a.jfif", "b.JPE", "c", "d.jpg", "e.img", "elsewhere/h.png", "f.webp", "real/g.png"});
  REQUIRE(unusable.size() == 1);
  CHECK(unusable[0].find("phone.heic is a HEIC photo; save it as JPEG first.") != std::string::npos);
  CHECK(passed_over.find(": 3 files of other kinds, 2 linked folders that were looked through already, "
                         "1 link that leads nowhere.") != std::string::npos);
  const RgbPicture red = read_picture(folder.path / "f.webp");
  CHECK(red.width == 16);
  CHECK(std::vector<std::uint8_t>(red.rgb.begin(), red.rgb.begin() + 3) == std::vector<std::uint8_t>{230, 40, 20});
}

TEST_CASE("a larger folder holds out about every 20th picture, a single picture none") {
  const TemporaryFolder folder;
  write_garden_png(folder.path / "0.png", 0, 16);
  const auto single = open_source(folder.path.string(), ignore);
  CHECK(single->training_count() == 1);
  CHECK(single->held_out_count() == 0);
  std::vector<float> out(16 * 16 * 3);
  CHECK_THROWS_AS(single->held_out(0, 16, out), std::logic_error);
  for (int i = 1; i < 200; ++i)
    std::filesystem::copy_file(folder.path / "0.png", folder.path / (std::to_string(i) + ".png"));
  const auto many = open_source(folder.path.string(), ignore);
  CHECK(many->held_out_count() >= 3);
  CHECK(many->held_out_count() <= 22);
  CHECK(many->training_count() + many->held_out_count() == 200);
}

TEST_CASE("a picture that turns out to be damaged is replaced and named once") {
  const TemporaryFolder folder;
  for (std::uint64_t i = 0; i < 3; ++i) write_garden_png(folder.path / (std::to_string(i) + ".png"), i, 64);
  std::vector<std::string> named;
  const auto source =
      open_source(folder.path.string(), [&](const std::string& sentence) { named.push_back(sentence); });
  CHECK(named.empty());
  for (const auto& picture : list_pictures(folder.path, ignore)) {
    if (picture.held_out) continue;
    cut_off(picture.file, 0.5);
    break;
  }
  for (std::uint64_t i = 0; i < 10; ++i) drawn(*source, i, 32);
  CHECK(named.size() == 1);
}

TEST_CASE("a pack: split and weight come from its table") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path / "plates");
  for (std::uint64_t i = 0; i < 4; ++i) write_garden_jpeg(folder.path / "plates" / (std::to_string(i) + ".jpg"), i, 64);
  write_text(folder.path / "plates.tsv",
             "file\tsplit\tweight\n0.jpg\ttrain\t1\n1.jpg\ttrain\t0\n2.jpg\theldout\t1\n3.jpg\theldout\t0.4\nabsent."
             "jpg\ttrain\t1\n");
  std::vector<std::string> named;
  const auto source =
      open_source(folder.path.string(), [&](const std::string& sentence) { named.push_back(sentence); });
  CHECK(source->training_count() == 1);
  CHECK(source->held_out_count() == 2);
  REQUIRE(named.size() == 1);
  CHECK(named[0].find("absent.jpg") != std::string::npos);

  write_text(folder.path / "plates.tsv", "file\tsplit\n0.jpg\tpractice\n");
  CHECK_THROWS_WITH_AS(open_source(folder.path.string(), ignore), doctest::Contains("line 2"), std::runtime_error);
  write_text(folder.path / "plates.tsv", "file\tweight\n0.jpg\tmuch\n");
  CHECK_THROWS_WITH_AS(open_source(folder.path.string(), ignore), doctest::Contains("much"), std::runtime_error);
  write_text(folder.path / "plates.tsv", "name\n0.jpg\n");
  CHECK_THROWS_WITH_AS(open_source(folder.path.string(), ignore), doctest::Contains("'file'"), std::runtime_error);
}

TEST_CASE("training pictures can be had as they are: the centre view, whatever the seed") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path / "plates");
  for (std::uint64_t i = 0; i < 3; ++i) write_garden_jpeg(folder.path / "plates" / (std::to_string(i) + ".jpg"), i, 64);
  const auto as_held_out = [&](int held_out) {  // the same pictures, one of them held out
    std::string table = "file\tsplit\n";
    for (int i = 0; i < 3; ++i) table += std::to_string(i) + (i == held_out ? ".jpg\theldout\n" : ".jpg\ttrain\n");
    write_text(folder.path / "plates.tsv", table);
    return open_source(folder.path.string(), ignore);
  };
  std::vector<float> trained(32 * 32 * 3), other(trained.size()), held(trained.size());
  const auto source = as_held_out(0);
  source->training_picture(1, 1, 32, trained);
  source->training_picture(9, 3, 32, other);  // two training pictures: number 3 is number 1
  CHECK(trained == other);
  CHECK(drawn(*source, 1, 32) != trained);  // draw() varies them
  as_held_out(2)->held_out(0, 32, held);
  CHECK(trained == held);
}

TEST_CASE("places without pictures are refused with a sentence") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(open_source((folder.path / "nowhere").string(), ignore), doctest::Contains("does not exist"),
                       std::runtime_error);
  CHECK_THROWS_WITH_AS(open_source(folder.path.string(), ignore), doctest::Contains("no usable"), std::runtime_error);
  write_text(folder.path / "file", "x");
  CHECK_THROWS_WITH_AS(open_source((folder.path / "file").string(), ignore), doctest::Contains("not a folder"),
                       std::runtime_error);
}

TEST_CASE("the plates pack, where it is at hand") {
  const char* named = std::getenv("FLORILEGIUM_PLATES");
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  const std::filesystem::path plates =
      named != nullptr ? std::filesystem::path(named) : root / ".." / "shared" / "plates";
  if (!std::filesystem::exists(plates / "plates.tsv")) {
    MESSAGE("skipped: no plates pack at " << plates.string() << " (set FLORILEGIUM_PLATES)");
    return;
  }
  std::vector<std::string> unusable;
  const auto source = open_source(plates.string(), [&](const std::string& sentence) { unusable.push_back(sentence); });
  CHECK(source->training_count() == 1871);
  CHECK(source->held_out_count() == 211);
  CHECK(unusable.empty());
  check_same_on_all_threads(*source, 64);
}
