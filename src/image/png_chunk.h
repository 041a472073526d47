// The chunks of which a PNG file consists: length, type, data, checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace florilegium {

constexpr std::size_t png_signature_length = 8,
                      png_header_length = 25;  // the header chunk stands right after the signature

struct PngChunk {
  std::string_view type;  ///< four letters
  std::span<const std::uint8_t> data;
};

void append_big_endian(std::vector<std::uint8_t>& bytes, std::uint32_t value);

/// Throws std::invalid_argument when data is longer than a chunk can be (2^31 - 1 bytes).
void append_png_chunk(std::vector<std::uint8_t>& png, std::string_view type, std::span<const std::uint8_t> data);

/// The chunks of a whole PNG file as encode_png() writes it; views into `png`.
std::vector<PngChunk> png_chunks(std::span<const std::uint8_t> png);

}  // namespace florilegium
