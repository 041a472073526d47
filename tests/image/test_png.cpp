#include "src/image/png.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace florilegium;

namespace {

std::size_t number_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return std::size_t{bytes[at]} << 24 | std::size_t{bytes[at + 1]} << 16 | std::size_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

struct Chunk {
  std::string type, data;
};

std::vector<Chunk> chunks_of(const std::vector<std::uint8_t>& png) {
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t length = number_at(png, at);
    const std::string body(png.begin() + static_cast<std::ptrdiff_t>(at + 4),
                           png.begin() + static_cast<std::ptrdiff_t>(at + 8 + length));
    chunks.push_back({body.substr(0, 4), body.substr(4)});
    at += 12 + length;
  }
  return chunks;
}

}  // namespace

TEST_CASE("notes stand in a PNG file between header and picture") {
  const Picture picture = blank_picture(3, 2, 10, 20, 30);
  const auto chunks = chunks_of(encode_png(picture, {{"seed", "7"}, {"Title", "Gänseblümchen"}}));
  REQUIRE(chunks.size() == 5);
  CHECK(chunks[0].type == "IHDR");
  CHECK(chunks[1].type == "tEXt");
  CHECK(chunks[1].data == std::string("seed\0007", 6));
  CHECK(chunks[2].type == "iTXt");
  CHECK(chunks[2].data == std::string("Title\0\0\0\0\0", 10) + "Gänseblümchen");
  CHECK(chunks[3].type == "IDAT");
  CHECK(chunks[4].type == "IEND");
}

TEST_CASE("an opaque picture is stored without alpha, another with it") {
  CHECK(chunks_of(encode_png(blank_picture(2, 2, 1, 2, 3)))[0].data[9] == 2);
  CHECK(chunks_of(encode_png(blank_picture(2, 2, 1, 2, 3, 128)))[0].data[9] == 6);
}

TEST_CASE("what cannot become a PNG file is refused") {
  const Picture picture = blank_picture(1, 1, 0, 0, 0);
  CHECK_THROWS_AS(encode_png(Picture{}), std::invalid_argument);
  CHECK_THROWS_AS(encode_png(picture, {{"", "x"}}), std::invalid_argument);
  CHECK_THROWS_AS(encode_png(picture, {{" a", "x"}}), std::invalid_argument);
  CHECK_THROWS_AS(encode_png(picture, {{std::string(80, 'k'), "x"}}), std::invalid_argument);
  CHECK_THROWS_AS(encode_png(picture, {{"a", std::string("x\0y", 3)}}), std::invalid_argument);
}
