// A network's parameters for another image size, or with new detail or finishing layers; declared
// in model_file.h.
#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "trainer/onnx/model_file.h"

namespace florilegium {
namespace {

std::string text_of_field(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text.empty() ? std::string("none") : text;
}
std::string text_of_field(int number) { return std::to_string(number); }
std::string text_of_field(bool yes) { return yes ? "yes" : "no"; }

/// Which setting differs, as "patch 8 instead of 4"; empty when only size and name may differ,
/// layers or inputs are new, or positions are no longer used.
std::string difference(const NetworkConfig& from, const NetworkConfig& to) {
  std::string found;
  std::map<std::string, std::string> wanted;
  for_each_field(to, [&](const char* key, const auto& member, auto) { wanted[key] = text_of_field(member); });
  const auto may_be_new = [](const std::string& key) {
    return key == "detail" || key == "finish" || key == "hint" || key == "view";
  };
  for_each_field(from, [&](const std::string& key, const auto& member, auto) {
    const std::string has = text_of_field(member);
    if (!found.empty() || has == wanted[key] || key == "image_size" || key == "positions") return;
    if (may_be_new(key) && (has == "0" || has == "no")) return;
    if (key == "hint_cell") return;
    found = key + " " + has + " instead of " + wanted[key];
  });
  return found;
}

std::int64_t square_side(std::int64_t tokens) {
  const std::int64_t side = std::lround(std::sqrt(static_cast<double>(tokens)));
  return side * side == tokens ? side : 0;
}

/// [side, side, D] -> [new_side, new_side, D]; both grids cover the same square, values stand at
/// the cells' centres.
void resize_grid(std::span<const float> from, std::int64_t side, std::span<float> to, std::int64_t new_side,
                 std::int64_t width) {
  struct Between {
    std::int64_t low, high;
    float part;  // of high
  };
  const auto between = [&](std::int64_t i) {
    const double at = (static_cast<double>(i) + 0.5) * static_cast<double>(side) / static_cast<double>(new_side) - 0.5;
    const double inside = std::clamp(at, 0.0, static_cast<double>(side - 1));
    const auto low = static_cast<std::int64_t>(inside);
    return Between{low, std::min(low + 1, side - 1), static_cast<float>(inside - static_cast<double>(low))};
  };
  const auto at = [&](std::int64_t y, std::int64_t x, std::int64_t d) {
    return from[static_cast<std::size_t>((y * side + x) * width + d)];
  };
  for (std::int64_t y = 0; y < new_side; ++y)
    for (std::int64_t x = 0; x < new_side; ++x) {
      const Between v = between(y), h = between(x);
      for (std::int64_t d = 0; d < width; ++d) {
        const float top = at(v.low, h.low, d) * (1 - h.part) + at(v.low, h.high, d) * h.part;
        const float bottom = at(v.high, h.low, d) * (1 - h.part) + at(v.high, h.high, d) * h.part;
        to[static_cast<std::size_t>((y * new_side + x) * width + d)] = top * (1 - v.part) + bottom * v.part;
      }
    }
}

}  // namespace

std::vector<float> adapt_parameters(const TrainedModel& from, const NetworkConfig& to) {
  if (const std::string found = difference(from.info.network, to); !found.empty())
    throw std::invalid_argument("The model's network '" + from.info.network.name + "' is not the network '" + to.name +
                                "': it has " + found + ".");
  Graph old_graph, new_graph;
  build_denoiser(old_graph, from.info.network, 1, Type::f32);
  build_denoiser(new_graph, to, 1, Type::f32);
  if (static_cast<std::int64_t>(from.parameters.size()) != old_graph.parameter_elements())
    throw std::invalid_argument("The model has " + std::to_string(from.parameters.size()) +
                                " parameters; its network has " + std::to_string(old_graph.parameter_elements()) + ".");

  std::map<std::string, std::pair<Shape, std::span<const float>>> known;
  std::span<const float> old_rest = from.parameters;
  for (const Value parameter : old_graph.parameters()) {
    const Shape& shape = old_graph.shape(parameter);
    const auto numbers = static_cast<std::size_t>(elements(shape));
    known[old_graph[parameter].name] = {shape, old_rest.first(numbers)};
    old_rest = old_rest.subspan(numbers);
  }
  std::vector<float> adapted = initial_parameters(new_graph, 1);
  std::span<float> new_rest = adapted;
  for (const Value parameter : new_graph.parameters()) {
    const Shape& shape = new_graph.shape(parameter);
    const auto numbers = new_rest.first(static_cast<std::size_t>(elements(shape)));
    new_rest = new_rest.subspan(numbers.size());
    const std::string& name = new_graph[parameter].name;
    const bool other_cells = name.starts_with("hint.") && from.info.network.hint_cell != to.hint_cell;
    const auto found = other_cells ? known.end() : known.find(name);
    if (found == known.end()) {  // of new layers, which keep their initial numbers; a new hint changes nothing yet
      if (name == "hint.weight") std::fill(numbers.begin(), numbers.end(), 0.0f);
      continue;
    }
    const auto& [old_shape, old_numbers] = found->second;
    if (old_shape == shape) {
      std::copy(old_numbers.begin(), old_numbers.end(), numbers.begin());
    } else {
      const std::int64_t old_side = square_side(old_shape[0]), side = square_side(shape[0]);
      if (old_shape.size() != 2 || shape.size() != 2 || old_shape[1] != shape[1] || old_side == 0 || side == 0)
        throw std::logic_error("'" + name + "' changes with the image size, but is not a grid of positions.");
      resize_grid(old_numbers, old_side, numbers, side, shape[1]);
    }
  }
  return adapted;
}

}  // namespace florilegium
