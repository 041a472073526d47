// PNG files out of pictures, with notes (the seed, the model, ...) inside.
//
// stb_image_write compresses: files are some 10-30 % larger than an optimising encoder's. Reading
// is trainer/data's affair.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/image/picture.h"

namespace florilegium {

/// A note in a PNG file: "Title", "Software", "Comment" and such, or a name of one's own.
struct PngNote {
  std::string key;    ///< 1 to 79 printable ASCII characters, no space at either end
  std::string value;  ///< UTF-8 without zero bytes
};

/// The bytes of a PNG file: RGB when the picture is opaque, else RGBA; an ASCII note as a tEXt
/// chunk, any other as iTXt. Throws std::invalid_argument with a sentence for an empty picture or
/// an impossible key.
std::vector<std::uint8_t> encode_png(const Picture& picture, const std::vector<PngNote>& notes = {});

/// The same into a file, as a whole or not at all. Throws std::runtime_error with a sentence when
/// it cannot be written.
void write_png(const std::filesystem::path& file, const Picture& picture, const std::vector<PngNote>& notes = {});

}  // namespace florilegium
