// The settings of a growth: together with a model they say which plate comes out.
#pragma once

#include <cstdint>
#include <string>

namespace florilegium {

struct Settings {
  std::uint64_t seed = 1;
  int steps = 20;
  std::string sampler = "plain";
  std::string schedule = "linear";
  bool operator==(const Settings&) const = default;
};

}  // namespace florilegium
