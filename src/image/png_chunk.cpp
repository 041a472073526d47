#include "src/image/png_chunk.h"

#include <array>
#include <limits>
#include <stdexcept>

namespace florilegium {
namespace {

// CRC-32 as PNG defines it (ISO 3309), a byte at a time.
constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ ((table[i] & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return table;
}();

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) crc = crc >> 8 ^ crc_table[(crc ^ byte) & 255U];
  return ~crc;
}

}  // namespace

void append_big_endian(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_png_chunk(std::vector<std::uint8_t>& png, std::string_view type, std::span<const std::uint8_t> data) {
  if (data.size() > std::numeric_limits<std::int32_t>::max())
    throw std::invalid_argument("A chunk of a PNG file cannot hold more than 2 GB.");
  append_big_endian(png, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = png.size();
  png.insert(png.end(), type.begin(), type.end());
  png.insert(png.end(), data.begin(), data.end());
  append_big_endian(png, crc32(std::span(png).subspan(begin)));
}

std::vector<PngChunk> png_chunks(std::span<const std::uint8_t> png) {
  std::vector<PngChunk> chunks;
  for (std::size_t at = png_signature_length; at < png.size();) {
    const std::size_t length =
        std::size_t{png[at]} << 24 | std::size_t{png[at + 1]} << 16 | std::size_t{png[at + 2]} << 8 | png[at + 3];
    chunks.push_back({{reinterpret_cast<const char*>(&png[at + 4]), 4}, png.subspan(at + 8, length)});
    at += 12 + length;
  }
  return chunks;
}

}  // namespace florilegium
