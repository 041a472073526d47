// Writing JPEG files, for packs.
#pragma once

#include <filesystem>

#include "trainer/data/read_picture.h"

namespace florilegium {

/// quality: 1 to 100; colour at half resolution (4:2:0). The file is there as a whole or not at
/// all. Throws std::runtime_error with a sentence when it cannot be written.
void write_jpeg(const std::filesystem::path& file, const RgbPicture& picture, int quality);

}  // namespace florilegium
