// Writing a file so that it is there as a whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace florilegium {

/// Writes to a temporary name beside `file`, then renames: whoever looks sees the old file or the
/// new one, never half of it. Throws std::runtime_error with a sentence (disk full, folder missing,
/// no permission) and leaves no temporary file then.
void write_file(const std::filesystem::path& file, std::span<const std::uint8_t> bytes);

}  // namespace florilegium
