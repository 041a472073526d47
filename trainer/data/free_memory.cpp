#include "trainer/data/free_memory.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace florilegium {
namespace {

std::optional<std::size_t> number_in(const std::string& file) {
  std::ifstream in(file);
  std::size_t number = 0;
  return in >> number ? std::optional(number) : std::nullopt;  // "max" is none
}

}  // namespace

std::size_t free_memory() {
  std::size_t free = std::size_t{4} << 30;
  std::ifstream in("/proc/meminfo");
  for (std::string key, rest; in >> key; std::getline(in, rest)) {
    std::size_t kilobytes = 0;
    if (key == "MemAvailable:" && in >> kilobytes) free = kilobytes << 10;
  }
  const char* groups[][2] = {
      {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
      {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"}};
  for (const auto& [limit_file, used_file] : groups)
    if (const auto limit = number_in(limit_file), used = number_in(used_file); limit && used)
      free = std::min(free, *limit > *used ? *limit - *used : 0);
  return free;
}

std::size_t cache_share(int processes) { return free_memory() / 2 / static_cast<std::size_t>(std::max(1, processes)); }

}  // namespace florilegium
