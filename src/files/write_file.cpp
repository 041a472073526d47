#include "src/files/write_file.h"

#include <fcntl.h>   // open
#include <unistd.h>  // write, fsync, close, unlink

#include <cerrno>
#include <cstdio>  // rename
#include <stdexcept>
#include <string>
#include <system_error>

namespace florilegium {
namespace {

/// Closes at the end of the scope.
struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& partial, int reason) {
  if (!partial.empty()) ::unlink(partial.c_str());
  std::error_code ignored;
  throw std::runtime_error("Cannot write '" + path.string() + "': " + std::generic_category().message(reason) + "." +
                           (std::filesystem::exists(path, ignored) ? " What was there before is unchanged." : ""));
}

enum class Sync { no, yes };

void write(const std::filesystem::path& path, std::string_view content, Sync sync) {
  const std::string partial = path.string() + ".partial";
  {
    const Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.number < 0) fail(path, "", errno);
    while (!content.empty()) {
      const ssize_t written = ::write(file.number, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(path, partial, written < 0 ? errno : ENOSPC);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (sync == Sync::yes && ::fsync(file.number) != 0) fail(path, partial, errno);
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) fail(path, partial, errno);
}

}  // namespace

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void write_file(const std::filesystem::path& path, std::string_view content) { write(path, content, Sync::no); }

void write_durably(const std::filesystem::path& path, std::string_view content) {
  write(path, content, Sync::yes);
  // The folder's new entry is to survive a power cut as well; not every file system can sync a
  // folder, and then none needs to.
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const Descriptor entry(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (entry.number >= 0) ::fsync(entry.number);
}

}  // namespace florilegium
