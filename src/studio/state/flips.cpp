#include "src/studio/state/flips.h"

#include <charconv>
#include <stdexcept>

namespace florilegium {

std::string text_of(const std::vector<Flip>& flips) {
  std::string text;
  for (const Flip& one : flips)
    text += (text.empty() ? "" : ",") + std::to_string(one.step) + ":" + std::to_string(one.coins);
  return text;
}

std::vector<Flip> flips_of(std::string_view text) {
  std::vector<Flip> flips;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto read = [&](auto& number, char after) {  // a number and what ends it; nothing needs to end the last one
    const auto [rest, error] = std::from_chars(at, end, number);
    if (error != std::errc() || (rest != end && *rest != after) || (rest == end && after == ':'))
      throw std::invalid_argument("Branches are written like 3:5,7:123, a step and a seed each, not '" +
                                  std::string(text) + "'.");
    at = rest == end ? end : rest + 1;
  };
  while (at != end) {
    Flip& one = flips.emplace_back();
    read(one.step, ':');
    read(one.coins, ',');
  }
  return flips;
}

}  // namespace florilegium
