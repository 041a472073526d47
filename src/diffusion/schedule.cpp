#include "src/diffusion/schedule.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace florilegium {

Schedule Schedule::parse(std::string_view text) {
  if (text == "linear") return {};
  constexpr std::string_view prefix = "shifted:";
  if (text.starts_with(prefix)) {
    const std::string number(text.substr(prefix.size()));
    char* end = nullptr;
    const double shift = std::strtod(number.c_str(), &end);
    const bool decimal =
        !number.empty() && number.find_first_not_of("0123456789.eE+-") == std::string::npos && *end == '\0';
    if (decimal && std::isfinite(shift) && shift > 0) return {shift};
  }
  throw std::invalid_argument("There is no schedule called '" + std::string(text) +
                              "'; use 'linear' or 'shifted:S' with a number S above 0, for example 'shifted:3'.");
}

std::string Schedule::text() const {
  if (shift == 1.0) return "linear";
  char number[32];  // the shortest digits that give the same number back
  return std::string("shifted:").append(number, std::to_chars(number, number + sizeof number, shift).ptr);
}

std::vector<float> Schedule::noise_levels(int steps) const {
  if (steps < 1) throw std::invalid_argument("Denoising needs at least 1 step.");
  std::vector<float> levels(static_cast<std::size_t>(steps) + 1);
  for (int k = 0; k <= steps; ++k) {
    const double even = 1.0 - static_cast<double>(k) / steps;
    levels[static_cast<std::size_t>(k)] = static_cast<float>(shift * even / (1.0 + (shift - 1.0) * even));
  }
  return levels;
}

int Schedule::first_step(int steps, float noise_level) const {
  const std::vector<float> levels = noise_levels(steps);
  int first = 0;
  while (first < steps - 1 && levels[static_cast<std::size_t>(first)] > noise_level + 1e-6f) ++first;
  return first;
}

}  // namespace florilegium
