// The settings of a growth: together with a model they say which plate comes out.
#pragma once

#include <cstdint>
#include <string>

namespace florilegium {

/// Seeds that chance chooses lie below this: up to six digits, so that people can read them out.
constexpr std::uint32_t chosen_seeds = 1000000;

struct Settings {
  std::uint64_t seed = 1;
  int steps = 20;
  std::string sampler = "plain";
  std::string schedule = "linear";
  bool operator==(const Settings&) const = default;
};

}  // namespace florilegium
