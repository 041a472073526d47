// An index of the pictures in a large folder, so that they are not all read again each time: how
// large each one is, and when its file was written. It lies in the user's cache
// ($XDG_CACHE_HOME/florilegium, ~/.cache/florilegium), never among the pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "trainer/data/read_picture.h"

namespace florilegium {

class PictureIndex {
 public:
  /// So many pictures make a folder large.
  static constexpr std::size_t worth_keeping = 1000;

  /// What is known of the folder; nothing where there is no cache.
  explicit PictureIndex(const std::filesystem::path& folder);

  /// The size of the picture in a file that has not been written since it was added.
  std::optional<PictureSize> find(const std::filesystem::path& file) const;
  void add(const std::filesystem::path& file, const PictureSize& size);

  /// Keeps it, if something was added and it is worth it. A cache that cannot be written is no
  /// reason to stop.
  void save() const;

 private:
  struct Entry {
    std::uintmax_t bytes = 0;
    std::int64_t written = 0;
    PictureSize size;
  };

  std::filesystem::path folder_, file_;  // file_: the index; empty: none is kept
  std::unordered_map<std::string, Entry> entries_;
  bool grown_ = false;
};

}  // namespace florilegium
