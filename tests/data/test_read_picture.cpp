#include "trainer/data/read_picture.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>

#include <jpeglib.h>
#include <png.h>

#include <stdexcept>
#include <string>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"

using namespace florilegium;

namespace {

/// The sentence that reading ends with; empty when it succeeds.
std::string complaint(const std::filesystem::path& file) {
  try {
    read_picture(file);
  } catch (const std::runtime_error& problem) { return problem.what(); }
  return "";
}

/// Writes `samples`, 20 x 20 pixels of `format`, with libpng itself.
void write_with_libpng(const std::filesystem::path& file, png_uint_32 format, const void* samples) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = 20;
  image.format = format;
  REQUIRE(png_image_write_to_file(&image, file.c_str(), 0, samples, 0, nullptr) != 0);
}

/// A 20 x 20 JPEG in any colour space, with `exif` as its APP1 marker when there is one.
void write_with_libjpeg(const std::filesystem::path& file, J_COLOR_SPACE space, int components,
                        const std::string& exif = "") {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  std::FILE* out = std::fopen(file.c_str(), "wb");
  REQUIRE(out != nullptr);
  jpeg_stdio_dest(&info, out);
  info.image_width = 20;
  info.image_height = 30;
  info.input_components = components;
  info.in_color_space = space;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  if (!exif.empty())
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
  for (int y = 0; y < 30; ++y) {
    std::vector<JSAMPLE> row(static_cast<std::size_t>(20 * components),
                             static_cast<JSAMPLE>(y < 15 ? 220 : 40));  // light above, dark below
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&info, &rows, 1);
  }
  jpeg_finish_compress(&info);
  std::fclose(out);
  jpeg_destroy_compress(&info);
}

}  // namespace

TEST_CASE("a PNG file that we wrote reads back the same through libpng, notes included") {
  const TemporaryFolder folder;
  const Picture picture = garden_picture(1, 40);
  write_png(folder.path / "a.png", picture, {{"seed", "7"}, {"Title", "Gänseblümchen"}});
  CHECK(read_picture(folder.path / "a.png").rgb == without_alpha(picture).rgb);

  std::FILE* file = std::fopen((folder.path / "a.png").c_str(), "rb");
  REQUIRE(file != nullptr);
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_read_info(png, info);  // checks every CRC
  png_textp notes = nullptr;
  int count = 0;
  png_get_text(png, info, &notes, &count);
  REQUIRE(count == 2);
  CHECK(std::string(notes[0].key) == "seed");
  CHECK(std::string(notes[0].text) == "7");
  CHECK(std::string(notes[1].text) == "Gänseblümchen");
  png_destroy_read_struct(&png, &info, nullptr);
  std::fclose(file);
}

TEST_CASE("grey, 16-bit and transparent PNG files become 8-bit RGB on white paper") {
  const TemporaryFolder folder;
  write_with_libpng(folder.path / "grey.png", PNG_FORMAT_GRAY, std::vector<png_byte>(400, 77).data());
  CHECK(read_picture(folder.path / "grey.png").rgb == std::vector<std::uint8_t>(1200, 77));

  std::vector<png_byte> clear(1600, 0);  // transparent black
  write_with_libpng(folder.path / "clear.png", PNG_FORMAT_RGBA, clear.data());
  CHECK(read_picture(folder.path / "clear.png").rgb == std::vector<std::uint8_t>(1200, 255));

  write_with_libpng(folder.path / "deep.png", PNG_FORMAT_LINEAR_RGB, std::vector<png_uint_16>(1200, 65535).data());
  CHECK(read_picture(folder.path / "deep.png").rgb == std::vector<std::uint8_t>(1200, 255));
}

TEST_CASE("JPEG files: grey is read, EXIF turns, CMYK is refused, reduction halves") {
  const TemporaryFolder folder;
  write_with_libjpeg(folder.path / "grey.jpg", JCS_GRAYSCALE, 1);
  const RgbPicture grey = read_picture(folder.path / "grey.jpg");
  CHECK(grey.width == 20);
  CHECK(grey.height == 30);
  CHECK(std::abs(grey.rgb[0] - 220) <= 3);

  // Big-endian TIFF header, one entry: orientation (0x0112), short, 1 value, 6 (turn a quarter to
  // the right).
  const std::string exif("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 32);
  write_with_libjpeg(folder.path / "turned.jpg", JCS_RGB, 3, exif);
  const RgbPicture turned = read_picture(folder.path / "turned.jpg");
  CHECK(turned.width == 30);
  CHECK(turned.height == 20);
  CHECK(turned.rgb[0] < 60);  // what was below is left now
  CHECK(turned.rgb[29 * 3] > 200);
  CHECK(check_picture(folder.path / "turned.jpg").width == 30);

  write_with_libjpeg(folder.path / "cmyk.jpg", JCS_CMYK, 4);
  CHECK(complaint(folder.path / "cmyk.jpg").find("CMYK") != std::string::npos);

  write_garden_jpeg(folder.path / "plate.jpg", 1, 100);
  CHECK(read_picture(folder.path / "plate.jpg", 1).width == 50);
  CHECK(read_picture(folder.path / "plate.jpg", 2).width == 25);
  CHECK(read_picture(folder.path / "plate.jpg", 5).width == 4);
}

TEST_CASE("files that are no whole pictures are refused with a sentence that names them") {
  const TemporaryFolder folder;
  write_garden_jpeg(folder.path / "cut.jpg", 1, 100);
  cut_off(folder.path / "cut.jpg", 0.5);
  write_garden_png(folder.path / "cut.png", 1, 100);
  cut_off(folder.path / "cut.png", 0.7);
  write_garden_png(folder.path / "small.png", 1, 12);
  write_text(folder.path / "text.jpg", "roses are red");
  write_text(folder.path / "empty.png", "");
  write_text(folder.path / "film.jpg", "GIF89a and so on");
  std::filesystem::create_directory(folder.path / "folder.png");
  for (const std::string name :
       {"cut.jpg", "cut.png", "small.png", "text.jpg", "empty.png", "film.jpg", "missing.png", "folder.png"}) {
    CAPTURE(std::string(name));
    CHECK(complaint(folder.path / name).find(name) != std::string::npos);
    CHECK_THROWS_AS(check_picture(folder.path / name), std::runtime_error);
  }
  CHECK(complaint(folder.path / "film.jpg").find("GIF") != std::string::npos);
  CHECK(complaint(folder.path / "small.png").find("12x12") != std::string::npos);
}

namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Where the first marker of this kind stands.
std::size_t marker(const std::string& jpeg, char kind) { return jpeg.find(std::string("\xff") + kind); }

}  // namespace

TEST_CASE("JPEG files with slips that viewers pass over are read as they are without them") {
  const TemporaryFolder folder;
  const auto file = folder.path / "a.jpg";
  write_garden_jpeg(file, 1, 100);
  const std::string whole = content(file);
  const auto as_it_was = read_picture(file).rgb;
  const std::size_t tables = marker(whole, '\xc4'), scan = marker(whole, '\xda'), end = whole.rfind("\xff\xd9");
  const auto with = [&](std::size_t at, const std::string& more) {
    return whole.substr(0, at) + more + whole.substr(at);
  };
  std::string spectral = whole;
  const std::size_t header = scan + 2 + static_cast<std::size_t>(whole[scan + 3]);
  REQUIRE(whole.substr(header - 3, 3) == std::string("\0\x3f\0", 3));
  spectral.replace(header - 3, 3, std::string(3, '\0'));
  std::string version = whole;
  version[marker(whole, '\xe0') + 9] = 3;  // of JFIF
  const std::pair<const char*, std::string> slips[] = {
      {"spectral bytes of 0, 0, 0", spectral},
      {"a JFIF version of the future", version},
      {"bytes before a marker of the header", with(tables, "something")},
      {"fill bytes before a marker", with(tables, std::string(5, '\xff'))},
      {"zeros after the scan", with(end, std::string(300, '\0'))},
      {"a byte too much after the scan", with(end, "x")},
      {"a film after the end", whole + std::string(5000, 'm')},
  };
  for (const auto& [name, bytes] : slips) {
    CAPTURE(std::string(name));
    write_text(file, bytes);
    CHECK(complaint(file) == "");
    CHECK(check_picture(file).width == 100);
    CHECK(read_picture(file).rgb == as_it_was);
  }
}

TEST_CASE("JPEG files that lack something are refused, and what the list refuses the decoder does too") {
  const TemporaryFolder folder;
  const auto file = folder.path / "a.jpg";
  write_garden_jpeg(file, 1, 100);
  const std::string whole = content(file);
  const std::size_t data = marker(whole, '\xda') + 20, end = whole.rfind("\xff\xd9");
  const std::pair<const char*, std::string> damages[] = {
      {"the end is missing", whole.substr(0, end)},
      {"half is missing", whole.substr(0, whole.size() / 2)},
      {"half of the scan is missing", whole.substr(0, (data + end) / 2) + whole.substr(end)},
      {"a stretch of the scan is no code",
       whole.substr(0, (data + end) / 2) + std::string(200, '\xff') + whole.substr((data + end) / 2 + 200)},
      {"a stretch of the scan is twice there",
       whole.substr(0, (data + end) / 2) + whole.substr((data + end) / 3, 300) + whole.substr((data + end) / 2)},
  };
  for (const auto& [name, bytes] : damages) {
    CAPTURE(std::string(name));
    write_text(file, bytes);
    CHECK(complaint(file).find("damaged JPEG") != std::string::npos);
  }
  for (std::size_t at = 2; at < marker(whole, '\xda') + 14; ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    write_text(file, bytes);
    bool listed = true;
    try {
      check_picture(file);
    } catch (const std::runtime_error&) { listed = false; }
    CAPTURE(at);
    if (!listed) CHECK(complaint(file) != "");
  }
}
