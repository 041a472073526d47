#include "src/image/png.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string_view>

#include "src/files/write_file.h"
#include "src/image/png_chunk.h"

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

void append_note(std::vector<std::uint8_t>& chunks, const PngNote& note) {
  const auto is_ascii = [](char c) { return c >= ' ' && c <= '~'; };
  const bool usable = !note.key.empty() && note.key.size() <= 79 &&
                      std::all_of(note.key.begin(), note.key.end(), is_ascii) && note.key.front() != ' ' &&
                      note.key.back() != ' ';
  if (!usable)
    throw std::invalid_argument("'" + note.key + "' cannot name a note in a PNG file: 1 to 79 ASCII characters can.");
  if (note.value.find('\0') != std::string::npos)
    throw std::invalid_argument("The PNG note '" + note.key + "' contains a zero byte.");
  const bool plain =
      std::all_of(note.value.begin(), note.value.end(), [&](char c) { return is_ascii(c) || c == '\n'; });
  using namespace std::string_view_literals;
  // iTXt: after the key's end not compressed, method 0, no language, no translated key.
  const std::string body = note.key + std::string(plain ? "\0"sv : "\0\0\0\0\0"sv) + note.value;
  append_png_chunk(chunks, plain ? "tEXt" : "iTXt", {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Picture& picture, const std::vector<PngNote>& notes) {
  const std::size_t pixels =
      static_cast<std::size_t>(std::max(picture.width, 0)) * static_cast<std::size_t>(std::max(picture.height, 0));
  if (pixels == 0 || picture.rgba.size() != pixels * 4)
    throw std::invalid_argument("A picture without pixels cannot become a PNG file.");
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
    static_cast<std::vector<std::uint8_t>*>(to)->insert(static_cast<std::vector<std::uint8_t>*>(to)->end(), first,
                                                        first + count);
  };
  if (stbi_write_png_to_func(append, &png, picture.width, picture.height, channels,
                             opaque ? rgb.data() : picture.rgba.data(), picture.width * channels) == 0) {
    throw std::bad_alloc();
  }
  std::vector<std::uint8_t> chunks;
  for (const PngNote& note : notes) append_note(chunks, note);
  png.insert(png.begin() + png_signature_length + png_header_length, chunks.begin(), chunks.end());
  return png;
}

void write_png(const std::filesystem::path& file, const Picture& picture, const std::vector<PngNote>& notes) {
  write_file(file, encode_png(picture, notes));
}

}  // namespace florilegium
