#include "src/image/animation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "src/image/png_chunk.h"

using namespace florilegium;

namespace {

std::uint32_t number_at(std::span<const std::uint8_t> data, std::size_t at) {
  return std::uint32_t{data[at]} << 24 | std::uint32_t{data[at + 1]} << 16 | std::uint32_t{data[at + 2]} << 8 |
         data[at + 3];
}

}  // namespace

TEST_CASE("an animation is a still picture with its notes, then frames numbered on") {
  const std::vector<Picture> frames = {blank_picture(4, 3, 10, 20, 30), blank_picture(4, 3, 40, 50, 60),
                                       blank_picture(4, 3, 70, 80, 90)};
  const auto file =
      encode_animation(frames, {.frame_milliseconds = 80, .last_milliseconds = 2500}, {{"florilegium.seed", "7"}});
  const auto chunks = png_chunks(file);
  std::string order;
  for (const PngChunk& chunk : chunks) order += std::string(chunk.type) + " ";
  CHECK(order == "IHDR tEXt acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND ");
  CHECK(number_at(chunks[2].data, 0) == 3);
  CHECK(number_at(chunks[2].data, 4) == 0);
  std::uint32_t expected = 0;
  for (const PngChunk& chunk : chunks)
    if (chunk.type == "fcTL" || chunk.type == "fdAT") CHECK(number_at(chunk.data, 0) == expected++);
  for (const std::size_t i : {3U, 5U, 7U}) {
    REQUIRE(chunks[i].data.size() == 26);
    CHECK(number_at(chunks[i].data, 4) == 4);
    CHECK(number_at(chunks[i].data, 8) == 3);
    CHECK(number_at(chunks[i].data, 20) == ((i == 7 ? 2500U : 80U) << 16 | 1000U));
  }
  // A frame's data is what a still picture of it holds.
  const auto still = encode_png(frames[2]);
  const auto picture = png_chunks(still)[1];
  CHECK(picture.type == "IDAT");
  CHECK(std::equal(picture.data.begin(), picture.data.end(), chunks[8].data.begin() + 4, chunks[8].data.end()));
}

TEST_CASE("checksums of chunks are PNG's") {
  std::vector<std::uint8_t> end;
  append_png_chunk(end, "IEND", {});
  CHECK(end == std::vector<std::uint8_t>{0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82});
}

TEST_CASE("what cannot become an animation is refused") {
  const Picture picture = blank_picture(2, 2, 1, 2, 3);
  CHECK_THROWS_AS(encode_animation({}, {}), std::invalid_argument);
  CHECK_THROWS_AS(encode_animation(std::vector<Picture>{picture, blank_picture(2, 3, 1, 2, 3)}, {}),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode_animation(std::vector<Picture>{picture, blank_picture(2, 2, 1, 2, 3, 100)}, {}),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode_animation(std::vector<Picture>{picture}, {.frame_milliseconds = 0}), std::invalid_argument);
  CHECK_THROWS_AS(encode_animation(std::vector<Picture>{picture}, {.last_milliseconds = 70000}), std::invalid_argument);
}
