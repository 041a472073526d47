#include "trainer/data/folder.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>

#include <sys/stat.h>  // which folder it is, by whatever name

#include "trainer/data/picture_index.h"
#include "trainer/data/read_picture.h"
#include "trainer/data/table.h"

namespace florilegium {
namespace {

namespace fs = std::filesystem;

/// The rows of a pack's table, sizes still unknown.
std::vector<FolderPicture> read_table(const fs::path& folder) {
  const fs::path table = folder / "plates.tsv";
  const auto rows = read_table_rows(table);
  const std::vector<std::string> columns = rows.empty() ? std::vector<std::string>() : rows.front().cells;
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  const std::size_t file = column("file"), split = column("split"), weight = column("weight");
  if (file == columns.size()) throw std::runtime_error(table.string() + " has no column 'file' in its first line.");

  std::vector<FolderPicture> pictures;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    const auto wrong = [&](const std::string& what) {
      throw std::runtime_error(table.string() + " line " + std::to_string(rows[i].line) + ": " + what);
    };
    if (cells.size() <= file || cells[file].empty()) wrong("the file name is missing.");
    FolderPicture picture;
    picture.file = fs::exists(folder / "plates") ? folder / "plates" / cells[file] : folder / cells[file];
    if (split < cells.size()) {
      if (cells[split] != "train" && cells[split] != "heldout")
        wrong("the split is '" + cells[split] + "'; it must be 'train' or 'heldout'.");
      picture.held_out = cells[split] == "heldout";
    }
    if (weight < cells.size()) {
      const auto number = table_number(cells[weight]);
      if (!number || !(*number >= 0) || *number > 1e6)
        wrong("the weight is '" + cells[weight] + "'; it must be a number from 0 to 1000000, written like 0.5.");
      picture.weight = *number;
    }
    pictures.push_back(picture);
  }
  return pictures;
}

/// A look through a plain folder and the folders below it. Folders that are linked to are looked
/// through after those that lie there, each once.
class Search {
 public:
  explicit Search(const fs::path& folder) {
    look_through(folder);
    while (!links_.empty()) {
      const std::vector<fs::path> links(links_.begin(), links_.end());
      links_.clear();
      for (const auto& link : links)
        if (!look_through(link)) ++again_;
    }
  }

  std::vector<FolderPicture> pictures;

  /// What was passed over, and why; empty when nothing was.
  std::string passed_over() const {
    std::string text;
    const auto add = [&](std::size_t count, const char* one, const char* many) {
      if (count == 0) return;
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + (count == 1 ? one : many);
    };
    add(others_, "file of another kind", "files of other kinds");
    add(again_, "linked folder that was looked through already", "linked folders that were looked through already");
    add(closed_, "folder that may not be read", "folders that may not be read");
    add(broken_, "link that leads nowhere", "links that lead nowhere");
    return text;
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  /// False when that was done before.
  bool look_through(const fs::path& folder) {
    struct stat about {};
    if (::stat(folder.c_str(), &about) != 0 || !seen_.insert(Identity(about.st_dev, about.st_ino)).second) return false;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    if (error && seen_.size() == 1) throw fs::filesystem_error("", folder, error);
    if (error) ++closed_;
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const auto& entry = *entries;
      std::error_code unknown;
      const fs::file_status status = entry.status(unknown);
      if (fs::is_directory(status) && entry.is_symlink(unknown)) links_.insert(entry.path());
      else if (fs::is_directory(status)) look_through(entry.path());
      else if (!fs::exists(status)) ++broken_;
      else if (!fs::is_regular_file(status) || kind_of_file(entry.path()) == PictureKind::other) ++others_;
      else pictures.push_back({entry.path()});
    }
    return true;
  }

  std::set<Identity> seen_;
  std::set<fs::path> links_;
  std::size_t others_ = 0, again_ = 0, closed_ = 0, broken_ = 0;
};

void hold_some_out(std::vector<FolderPicture>& pictures) {
  if (pictures.size() < 2) return;
  const auto hash = [](const FolderPicture& picture) { return stable_hash(picture.file.filename().string()); };
  std::size_t held_out = 0;
  if (pictures.size() >= 40) {
    for (auto& picture : pictures) held_out += picture.held_out = hash(picture) % 20 == 0;
  }
  if (held_out > 0 && held_out < pictures.size()) return;
  for (auto& picture : pictures) picture.held_out = false;
  std::min_element(pictures.begin(), pictures.end(), [&](const auto& a, const auto& b) {
    return hash(a) < hash(b);
  })->held_out = true;
}

}  // namespace

std::uint64_t stable_hash(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15ULL;
  return hash ^ hash >> 29;
}

std::vector<FolderPicture> list_pictures(const fs::path& folder, const std::function<void(const std::string&)>& report,
                                         const std::function<void(const std::string&)>& note,
                                         const std::function<void(const std::string&)>& progress) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw std::runtime_error("The folder " + folder.string() + " does not exist.");
  if (!fs::is_directory(folder, error)) throw std::runtime_error(folder.string() + " is not a folder.");
  const bool is_pack = fs::exists(folder / "plates.tsv", error);
  std::vector<FolderPicture> usable;
  std::size_t found = 0;
  std::string passed_over;
  try {
    std::vector<FolderPicture> pictures;
    if (is_pack) {
      pictures = read_table(folder);
    } else {
      Search search(folder);
      pictures = std::move(search.pictures);
      passed_over = search.passed_over();
    }
    std::sort(pictures.begin(), pictures.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
    found = pictures.size();
    using Clock = std::chrono::steady_clock;
    auto told = Clock::now();
    PictureIndex index(folder);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      FolderPicture& picture = pictures[i];
      if (progress && Clock::now() - told > std::chrono::seconds(5)) {
        progress("Looking at the pictures in " + folder.string() + ": " + std::to_string(i) + " of " +
                 std::to_string(found) + ".");
        told = Clock::now();
      }
      try {
        const auto known = index.find(picture.file);
        const PictureSize size = known ? *known : check_picture(picture.file);
        if (!known) index.add(picture.file, size);
        picture.width = size.width;
        picture.height = size.height;
        usable.push_back(picture);
      } catch (const std::runtime_error& problem) { report(problem.what()); }
    }
    index.save();
  } catch (const fs::filesystem_error& problem) {
    throw std::runtime_error("The folder " + folder.string() + " cannot be read: " + problem.code().message() + ".");
  }
  if (usable.empty()) {
    throw std::runtime_error("The folder " + folder.string() + " has no usable JPEG, PNG or WebP picture" +
                             (found > 0 ? " (" + std::to_string(found) + " unusable)" : "") +
                             (passed_over.empty() ? "." : "; passed over: " + passed_over + "."));
  }
  if (note && !passed_over.empty()) note("Passed over in " + folder.string() + ": " + passed_over + ".");
  if (!is_pack) hold_some_out(usable);
  return usable;
}

}  // namespace florilegium
