// The profile of a program: how long each operator took, for whoever makes kernels faster.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

namespace florilegium {

/// Milliseconds spent in each operator so far, printed at the end when FLORILEGIUM_PROFILE is set.
struct Profile {
  bool wanted = std::getenv("FLORILEGIUM_PROFILE") != nullptr;
  std::map<std::string, std::pair<double, std::int64_t>> spent;
  ~Profile() {
    for (const auto& [name, entry] : spent)
      std::fprintf(stderr, "%10.1f ms %8ld calls  %s\n", entry.first, static_cast<long>(entry.second), name.c_str());
  }
};

}  // namespace florilegium
