#include "trainer/run/inventory.h"

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "src/files/write_file.h"

namespace florilegium {
namespace {

std::map<std::string, std::string> lines_by_picture(const std::string& inventory) {
  std::map<std::string, std::string> lines;
  std::istringstream in(inventory);
  for (std::string line; std::getline(in, line);) lines[line.substr(0, line.find('\t'))] = line;
  return lines;
}

/// How many there were, and the first of them.
struct Counted {
  std::size_t count = 0;
  std::string first;
  void add(const std::string& name) {
    if (count++ == 0) first = name;
  }
};

}  // namespace

std::string difference(const std::string& before, const std::string& now) {
  const auto old_lines = lines_by_picture(before), new_lines = lines_by_picture(now);
  Counted missing, added, changed;
  for (const auto& [name, line] : old_lines) {
    const auto found = new_lines.find(name);
    if (found == new_lines.end()) missing.add(name);
    else if (found->second != line) changed.add(name);
  }
  for (const auto& [name, line] : new_lines)
    if (!old_lines.contains(name)) added.add(name);
  std::string text;
  const auto tell = [&](const Counted& some, const char* one, const char* many) {
    if (some.count == 0) return;
    text += (text.empty() ? "" : ", ") + std::to_string(some.count) + " " +
            (some.count == 1 ? one + std::string(" (") : many + std::string(" (the first: ")) + some.first + ")";
  };
  tell(missing, "is missing", "are missing");
  tell(added, "is new", "are new");
  tell(changed, "has another size, weight or side", "have another size, weight or side");
  return text;
}

std::string read_inventory(const std::filesystem::path& run) {
  std::ifstream in(run / "pictures.tsv", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_inventory(const std::filesystem::path& run, const std::string& inventory) {
  if (!inventory.empty()) write_durably(run / "pictures.tsv", inventory);
}

}  // namespace florilegium
