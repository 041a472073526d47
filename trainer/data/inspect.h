// Inspecting a folder of pictures before training on it: how many, how large, which are unusable,
// which are nearly the same.
//
// Near duplicates are found with a difference hash: the picture is reduced to 17 x 16 grey pixels,
// and each of 256 bits says whether a pixel is darker than its right neighbour. Pictures whose
// hashes differ in few bits are alike; each is compared mirrored, too. Two unrelated pictures
// differ in about 128 bits.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/image/picture.h"
#include "trainer/data/folder.h"
#include "trainer/data/read_picture.h"

namespace florilegium {

using PictureHash = std::array<std::uint64_t, 4>;

PictureHash difference_hash(const RgbPicture& picture);
RgbPicture mirrored(const RgbPicture& picture);
/// In how many of 256 bits they differ.
int distance(const PictureHash& a, const PictureHash& b);

struct InspectOptions {
  int near_duplicate_bits = 20;  ///< report pairs that differ in at most so many bits
  int sheet_pictures = 100;      ///< on the contact sheet, spread evenly over the folder; 0 for no sheet
  int sheet_side = 128;          ///< longest side of a picture there, pixels
};

struct NearDuplicate {
  std::size_t first = 0, second = 0;  ///< positions in InspectReport::pictures
  int bits = 0;                       ///< that differ
  bool mirrored = false;
};

/// Pictures whose shorter side is at least `from` pixels and less than the next row's `from`.
struct SizeRow {
  int from = 0;
  std::size_t count = 0;
};

struct InspectReport {
  std::vector<FolderPicture> pictures;  ///< the usable ones
  std::vector<std::string> unusable;    ///< a sentence for each other file
  std::string passed_over;              ///< a sentence on what is no picture; empty when nothing was
  std::size_t training = 0, held_out = 0;
  std::vector<SizeRow> sizes;                  ///< smallest first
  std::vector<NearDuplicate> near_duplicates;  ///< most alike first
  Picture sheet;                               ///< empty when none was asked for
};

/// Decodes every picture once, reduced. Throws std::runtime_error with a sentence when the folder
/// has nothing usable.
InspectReport inspect_folder(const std::filesystem::path& folder, const InspectOptions& options = {});

/// The report as text for a terminal, files named relative to `folder`.
std::string describe(const InspectReport& report, const std::filesystem::path& folder);

}  // namespace florilegium
