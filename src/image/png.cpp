#include "src/image/png.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <span>
#include <stdexcept>
#include <string_view>

#include "src/image/write_file.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace florilegium {
namespace {

constexpr std::size_t length_of_signature_and_header = 8 + 25;  // notes stand right after these

/// CRC-32 as PNG defines it (ISO 3309), over the chunk's type and data.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

void append_big_endian(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::vector<std::uint8_t> note_chunk(const PngNote& note) {
  const auto is_ascii = [](char c) { return c >= ' ' && c <= '~'; };
  const bool usable = !note.key.empty() && note.key.size() <= 79 && std::all_of(note.key.begin(), note.key.end(), is_ascii) &&
                      note.key.front() != ' ' && note.key.back() != ' ';
  if (!usable) throw std::invalid_argument("'" + note.key + "' cannot name a note in a PNG file: 1 to 79 ASCII characters can.");
  if (note.value.find('\0') != std::string::npos) throw std::invalid_argument("The PNG note '" + note.key + "' contains a zero byte.");
  const bool plain = std::all_of(note.value.begin(), note.value.end(), [&](char c) { return is_ascii(c) || c == '\n'; });
  using namespace std::string_view_literals;
  // iTXt: after the key's end not compressed, method 0, no language, no translated key.
  const std::string body = std::string(plain ? "tEXt" : "iTXt") + note.key + std::string(plain ? "\0"sv : "\0\0\0\0\0"sv) + note.value;
  if (note.value.size() > std::numeric_limits<std::int32_t>::max() - 1000) throw std::invalid_argument("The PNG note '" + note.key + "' is too long.");
  std::vector<std::uint8_t> chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(body.size() - 4));
  chunk.insert(chunk.end(), body.begin(), body.end());
  append_big_endian(chunk, crc32(std::span(chunk).subspan(4)));
  return chunk;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Picture& picture, const std::vector<PngNote>& notes) {
  const std::size_t pixels = static_cast<std::size_t>(std::max(picture.width, 0)) * static_cast<std::size_t>(std::max(picture.height, 0));
  if (pixels == 0 || picture.rgba.size() != pixels * 4) throw std::invalid_argument("A picture without pixels cannot become a PNG file.");
  bool opaque = true;
  for (std::size_t i = 0; i < pixels && opaque; ++i) opaque = picture.rgba[i * 4 + 3] == 255;
  std::vector<std::uint8_t> rgb;
  if (opaque) {
    rgb.reserve(pixels * 3);
    for (std::size_t i = 0; i < pixels; ++i) rgb.insert(rgb.end(), &picture.rgba[i * 4], &picture.rgba[i * 4] + 3);
  }
  const int channels = opaque ? 3 : 4;
  std::vector<std::uint8_t> png;
  const auto append = [](void* to, void* bytes, int count) {
    const auto* first = static_cast<const std::uint8_t*>(bytes);
    static_cast<std::vector<std::uint8_t>*>(to)->insert(static_cast<std::vector<std::uint8_t>*>(to)->end(), first, first + count);
  };
  if (stbi_write_png_to_func(append, &png, picture.width, picture.height, channels, opaque ? rgb.data() : picture.rgba.data(),
                             picture.width * channels) == 0) {
    throw std::bad_alloc();
  }
  std::vector<std::uint8_t> chunks;
  for (const PngNote& note : notes) {
    const auto chunk = note_chunk(note);
    chunks.insert(chunks.end(), chunk.begin(), chunk.end());
  }
  png.insert(png.begin() + length_of_signature_and_header, chunks.begin(), chunks.end());
  return png;
}

void write_png(const std::filesystem::path& file, const Picture& picture, const std::vector<PngNote>& notes) {
  write_file(file, encode_png(picture, notes));
}

}  // namespace florilegium
