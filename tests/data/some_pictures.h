// Pictures for the tests of trainer/data: garden plates as files, and damage done to them.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/image/picture.h"
#include "src/image/png.h"
#include "trainer/data/garden.h"
#include "trainer/data/write_jpeg.h"

namespace florilegium {

inline Picture garden_picture(std::uint64_t index, int size) {
  std::vector<float> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3);
  GardenSource().draw(5, index, size, values);
  return picture_from_rgb(values, size, size);
}

inline RgbPicture without_alpha(const Picture& picture) {
  RgbPicture out{picture.width, picture.height, {}};
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4)
    out.rgb.insert(out.rgb.end(), &picture.rgba[i], &picture.rgba[i] + 3);
  return out;
}

inline void write_garden_png(const std::filesystem::path& file, std::uint64_t index, int size) {
  write_png(file, garden_picture(index, size));
}

inline void write_garden_jpeg(const std::filesystem::path& file, std::uint64_t index, int size) {
  write_jpeg(file, without_alpha(garden_picture(index, size)), 90);
}

/// Keeps only this share of a file.
inline void cut_off(const std::filesystem::path& file, double share) {
  std::filesystem::resize_file(
      file, static_cast<std::uintmax_t>(share * static_cast<double>(std::filesystem::file_size(file))));
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace florilegium
