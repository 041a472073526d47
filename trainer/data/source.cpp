#include "trainer/data/source.h"

#include <filesystem>
#include <utility>

#include "src/files/name_text.h"
#include "trainer/data/folder_source.h"
#include "trainer/data/garden.h"

namespace florilegium {

std::unique_ptr<PictureSource> open_source(const std::string& where, std::function<void(const std::string&)> report,
                                           std::size_t cache_bytes) {
  if (where == "garden") return std::make_unique<GardenSource>();
  if (!report) report = [](const std::string&) {};
  const std::filesystem::path folder = std::filesystem::absolute(where).lexically_normal();
  auto pictures = list_pictures(folder, report, report, report);
  const auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  return std::make_unique<FolderSource>(folder, shown_name(name.string()), std::move(pictures), std::move(report),
                                        cache_bytes);
}

}  // namespace florilegium
