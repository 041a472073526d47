#include "trainer/data/folder.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "trainer/data/read_picture.h"

namespace florilegium {
namespace {

namespace fs = std::filesystem;

/// The rows of a pack's table, sizes still unknown.
std::vector<FolderPicture> read_table(const fs::path& folder) {
  const fs::path table = folder / "plates.tsv";
  std::ifstream in(table);
  if (!in) throw std::runtime_error(table.string() + " cannot be opened (may you read it?).");
  std::string line;
  std::getline(in, line);
  const auto columns = table_cells(line);
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  const std::size_t file = column("file"), split = column("split"), weight = column("weight");
  if (file == columns.size()) throw std::runtime_error(table.string() + " has no column 'file' in its first line.");

  std::vector<FolderPicture> pictures;
  for (int row = 2; std::getline(in, line); ++row) {
    const auto cells = table_cells(line);
    if (cells.empty()) continue;
    const auto wrong = [&](const std::string& what) {
      throw std::runtime_error(table.string() + " line " + std::to_string(row) + ": " + what);
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
      std::istringstream number(cells[weight]);
      if (!(number >> picture.weight) || !(picture.weight >= 0) || picture.weight > 1e6) {
        wrong("the weight is '" + cells[weight] + "'; it must be a number from 0 to 1000000.");
      }
    }
    pictures.push_back(picture);
  }
  return pictures;
}

std::vector<FolderPicture> search(const fs::path& folder) {
  std::vector<FolderPicture> pictures;
  for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
    if (!entry.is_regular_file() || !has_picture_name(entry.path())) continue;
    FolderPicture picture;
    picture.file = entry.path();
    pictures.push_back(picture);
  }
  return pictures;
}

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

std::vector<std::string> table_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  if (!cells.empty() && !cells.back().empty() && cells.back().back() == '\r') cells.back().pop_back();
  return cells;
}

std::uint64_t stable_hash(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15ULL;
  return hash ^ hash >> 29;
}

std::vector<FolderPicture> list_pictures(const fs::path& folder,
                                         const std::function<void(const std::string&)>& report) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw std::runtime_error("The folder " + folder.string() + " does not exist.");
  if (!fs::is_directory(folder, error)) throw std::runtime_error(folder.string() + " is not a folder.");
  const bool is_pack = fs::exists(folder / "plates.tsv", error);
  std::vector<FolderPicture> usable;
  std::size_t found = 0;
  try {
    auto pictures = is_pack ? read_table(folder) : search(folder);
    std::sort(pictures.begin(), pictures.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
    found = pictures.size();
    for (auto& picture : pictures) {
      try {
        const PictureSize size = check_picture(picture.file);
        picture.width = size.width;
        picture.height = size.height;
        usable.push_back(picture);
      } catch (const std::runtime_error& problem) { report(problem.what()); }
    }
  } catch (const fs::filesystem_error& problem) {
    throw std::runtime_error("The folder " + folder.string() + " cannot be read: " + problem.code().message() + ".");
  }
  if (usable.empty()) {
    throw std::runtime_error("The folder " + folder.string() + " has no usable JPEG or PNG picture" +
                             (found > 0 ? " (" + std::to_string(found) + " unusable)." : "."));
  }
  if (!is_pack) hold_some_out(usable);
  return usable;
}

}  // namespace florilegium
