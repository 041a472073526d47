// A folder of pictures: which files there are, which of them are held out, how often each is shown.
//
// A pack is a folder with a plates.tsv: a table with a first line of column names, of which `file`
// (inside plates/ or the folder itself) is needed, `split` ("train" or "heldout"; "train" when
// absent) and `weight` (1 when absent) are used. A plain folder is searched recursively for JPEG,
// PNG and WebP files, whatever they are called, each of weight 1; linked folders count once. Of 40
// pictures or more, those are held out whose file name hashes to 0 modulo 20; of 2 to 39 (or when
// no name does), the one with the smallest hash; of a single picture none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace florilegium {

struct FolderPicture {
  std::filesystem::path file;
  int width = 0, height = 0;
  double weight = 1.0;  ///< how often it is drawn, relative to others
  bool held_out = false;
};

/// A hash of a text (FNV-1a, its bits mixed once more) that is the same on every machine. It
/// decides splits.
std::uint64_t stable_hash(const std::string& text);

/// The usable pictures, sorted by path; report gets a sentence for each other one, note one on what
/// was passed over because it is no picture, progress every few seconds how far the list is. Throws
/// std::runtime_error with a sentence when the folder cannot be read, its table makes no sense, or
/// it has no usable picture.
std::vector<FolderPicture> list_pictures(const std::filesystem::path& folder,
                                         const std::function<void(const std::string&)>& report,
                                         const std::function<void(const std::string&)>& note = {},
                                         const std::function<void(const std::string&)>& progress = {});

}  // namespace florilegium
