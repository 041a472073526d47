// Which pictures a run was begun with: a text with one line for each (PictureSource::inventory), in
// the run folder, so that a run goes on wherever its pictures lie now, and changes are told.
#pragma once

#include <filesystem>
#include <string>

namespace florilegium {

/// "2 pictures are missing (the first: a.jpg), 1 is new (b.jpg)"; empty when nothing differs. Of
/// each line the first cell names the picture.
std::string difference(const std::string& before, const std::string& now);

/// Empty for runs that were begun without one.
std::string read_inventory(const std::filesystem::path& run);
void write_inventory(const std::filesystem::path& run, const std::string& inventory);

}  // namespace florilegium
