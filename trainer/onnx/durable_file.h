// A file that is either the old one or the new one, whole, whatever happens in between: a crash, a
// full disk, a power cut.
#pragma once

#include <filesystem>
#include <string_view>

namespace florilegium {

/// Writes `content` to path + ".partial", syncs it, and renames it to `path`. Throws
/// std::runtime_error with a sentence that names the file and the reason; what was at `path` before
/// is then still there, and the partial file is gone.
void write_durably(const std::filesystem::path& path, std::string_view content);

}  // namespace florilegium
