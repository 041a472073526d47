// Writing a file so that it is there as a whole or not at all: the old one or the new one, never
// half of it, whatever happens in between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace florilegium {

/// Writes to path + ".partial", then renames that to `path`. Throws std::runtime_error with a
/// sentence that names the file and the reason (disk full, folder missing, no permission); what was
/// at `path` before is then still there, and the partial file is gone.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file(const std::filesystem::path& path, std::string_view content);

/// The same, and synced before it is renamed, so that it survives a power cut too: for what took
/// long to compute.
void write_durably(const std::filesystem::path& path, std::string_view content);

}  // namespace florilegium
