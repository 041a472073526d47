// The decoders behind read_picture, one for each format; bytes are a whole file's, `file` is its
// name for sentences.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "trainer/data/read_picture.h"

namespace florilegium {

using Bytes = std::span<const std::uint8_t>;

/// Throws std::runtime_error: the file's name, the reason, a full stop.
[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason);

/// Refuses pictures that are too small or too large.
void check_size(const std::filesystem::path& file, std::uint64_t width, std::uint64_t height);

/// Of the file's header, whose picture may be damaged all the same.
PictureSize png_size(const std::filesystem::path& file, Bytes bytes);
PictureSize webp_size(const std::filesystem::path& file, Bytes bytes);

/// Whether nothing of the file is missing at its end.
bool png_is_whole(Bytes bytes);

RgbPicture read_png(const std::filesystem::path& file, Bytes bytes);
RgbPicture read_webp(const std::filesystem::path& file, Bytes bytes);

}  // namespace florilegium
