#include "trainer/data/picture_index.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "src/files/sha256.h"
#include "src/files/write_file.h"

namespace florilegium {
namespace {

namespace fs = std::filesystem;

fs::path cache_folder() {
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache != nullptr && cache[0] == '/') return fs::path(cache) / "florilegium";
  return home != nullptr && home[0] == '/' ? fs::path(home) / ".cache" / "florilegium" : fs::path();
}

/// Bytes and time of the last writing; false when the file is not there.
bool look_at(const fs::path& file, std::uintmax_t& bytes, std::int64_t& written) {
  std::error_code error;
  bytes = fs::file_size(file, error);
  if (error) return false;
  written = fs::last_write_time(file, error).time_since_epoch().count();
  return !error;
}

}  // namespace

PictureIndex::PictureIndex(const fs::path& folder) : folder_(folder) {
  std::error_code error;
  const fs::path cache = cache_folder(), place = fs::canonical(folder, error);
  if (cache.empty() || error) return;
  file_ = cache / (sha256(place.string()).substr(0, 32) + ".tsv");
  std::ifstream in(file_, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    std::istringstream cells(line);
    Entry entry;
    std::string name;
    if (cells >> entry.bytes >> entry.written >> entry.size.width >> entry.size.height && cells.get() == '\t' &&
        std::getline(cells, name) && entry.size.width >= smallest_side && entry.size.height >= smallest_side)
      entries_[name] = entry;
  }
}

std::optional<PictureSize> PictureIndex::find(const fs::path& file) const {
  if (entries_.empty()) return {};
  const auto found = entries_.find(file.lexically_relative(folder_).string());
  std::uintmax_t bytes = 0;
  std::int64_t written = 0;
  if (found == entries_.end() || !look_at(file, bytes, written)) return {};
  return found->second.bytes == bytes && found->second.written == written ? std::optional(found->second.size)
                                                                          : std::nullopt;
}

void PictureIndex::add(const fs::path& file, const PictureSize& size) {
  const std::string name = file.lexically_relative(folder_).string();
  Entry entry{0, 0, size};
  if (name.find('\n') != std::string::npos || !look_at(file, entry.bytes, entry.written)) return;
  entries_[name] = entry;
  grown_ = true;
}

void PictureIndex::save() const try {
  if (file_.empty() || !grown_ || entries_.size() < worth_keeping) return;
  std::ostringstream out;
  for (const auto& [name, entry] : entries_)
    out << entry.bytes << '\t' << entry.written << '\t' << entry.size.width << '\t' << entry.size.height << '\t' << name
        << '\n';
  fs::create_directories(file_.parent_path());
  write_file(file_, out.str());
} catch (const std::exception&) {}  // without it the next search takes as long as this one

}  // namespace florilegium
