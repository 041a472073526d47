// Where the coins were flipped again on the way to a plate: together with its settings and its
// model this says which plate comes out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace florilegium {

/// At this step fresh noise of the step's level, from the seed `coins`, was laid over the step's
/// prediction; from there the plate grew on.
struct Flip {
  int step = 0;
  std::uint64_t coins = 0;
  bool operator==(const Flip&) const = default;
};

/// "3:5,7:123": step and coins of each, in their order; empty without any. So they stand in
/// addresses and in saved files.
std::string text_of(const std::vector<Flip>& flips);

/// The other way round. Throws std::invalid_argument with a sentence for any other text.
std::vector<Flip> flips_of(std::string_view text);

}  // namespace florilegium
