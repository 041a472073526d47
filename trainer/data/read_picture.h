// Reading JPEG, PNG and WebP files into plain RGB, with every fault of a file told as a sentence
// that names the file.
//
// JPEG: greyscale and colour, baseline and progressive, turned upright as its EXIF orientation
// says; not CMYK; with the slips in a header that viewers pass over. PNG: all kinds, in the colours
// that browsers show (read_png.cpp). WebP: still ones. Transparent places show white paper. Other
// formats are refused by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace florilegium {

/// width * height * 3 bytes, row by row from the top, RGB interleaved, sRGB values.
struct RgbPicture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};

/// How large the picture in a file is, upright, without decoding it.
struct PictureSize {
  int width = 0, height = 0;
};

/// A picture with a shorter side than this cannot be used.
inline constexpr int smallest_side = 16;

/// Looks at the header and the end of the file only. Throws std::runtime_error with a sentence when
/// the file is not a picture that read_picture could read, is cut off, or has a side outside 16 to
/// 32767 pixels (or over 400 megapixels).
PictureSize check_picture(const std::filesystem::path& file);

/// The picture, reduced `halvings` times by a factor of two, each side rounded up; JPEG files are
/// reduced while decoding. Throws std::runtime_error as check_picture does, and when the file turns
/// out to be damaged.
RgbPicture read_picture(const std::filesystem::path& file, int halvings = 0);

/// Half the width and height, rounded up: every pixel is the mean of up to 2x2.
RgbPicture halved(const RgbPicture& picture);

/// Whether a file is a picture, readable or not, or says so by its name; its first bytes are looked
/// at.
enum class PictureKind : std::uint8_t { picture, other };
PictureKind kind_of_file(const std::filesystem::path& file);

}  // namespace florilegium
