#include "trainer/network/discriminator.h"

#include <array>
#include <stdexcept>

#include "trainer/graph/operators.h"

namespace florilegium {
namespace {

constexpr int first_block = 2;                                      // side of the pixel blocks that it sees first
constexpr std::array<int, 4> widths = {32, 64, 128, 160};           // of the grids of 2, 4, 8 and 16 pixels
constexpr std::array<bool, 4> judges = {false, true, false, true};  // whether scores are given on that grid
constexpr int level_features = 64, embedding_width = 128, channels_per_group = 16;

}  // namespace

Discriminator::Discriminator(Graph& graph, Value x, Value noise_level, Type compute)
    : graph_(graph), compute_(compute) {
  if (x) noisy_ = space_to_depth(graph, cast(graph, x, compute), first_block);
  const Value features = noise_features(graph, noise_level, level_features);
  embedding_ = silu(graph, linear_layer("judge.level", features, embedding_width));
}

std::vector<Value> Discriminator::scores(Value picture) {
  const std::int64_t side = graph_.shape(picture)[1], smallest = first_block << (widths.size() - 1);
  if (side % smallest != 0)
    throw std::invalid_argument("Pictures that a discriminator judges are multiples of " + std::to_string(smallest) +
                                " pixels a side, not " + std::to_string(side) + ".");
  std::vector<Value> found;
  Value x = space_to_depth(graph_, cast(graph_, picture, compute_), first_block);
  if (noisy_) x = concat(graph_, x, noisy_);
  for (std::size_t grid = 0; grid < widths.size(); ++grid) {
    const std::string name = "judge.grid" + std::to_string(grid);
    if (grid == 0) {
      x = silu(graph_, conv_layer(name + ".conv", x, widths[grid]));
    } else {
      x = linear_layer(name + ".half", space_to_depth(graph_, x, 2), widths[grid]);
      const Value seen = conv_layer(name + ".conv", normalised(name + ".norm", x), widths[grid]);
      x = add(graph_, seen, x);
    }
    if (judges[grid]) found.push_back(score(name + ".score", x));
  }
  return found;
}

Value Discriminator::parameter(const std::string& name, Shape shape, Initial initial) {
  const auto [at, is_new] = known_.try_emplace(name);
  if (is_new) parameters_.push_back(at->second = graph_.parameter(name, std::move(shape), initial));
  return at->second;
}

Value Discriminator::linear_layer(const std::string& name, Value x, int out, double gain) {
  const std::int64_t in = graph_.shape(x).back();
  const Value weight = parameter(name + ".weight", {out, in}, {.gain = gain, .fan_in = in});
  return linear(graph_, x, weight, parameter(name + ".bias", {out}, {}));
}

Value Discriminator::conv_layer(const std::string& name, Value x, int out) {
  const std::int64_t in = graph_.shape(x).back();
  const Value weight = parameter(name + ".weight", {out, 3, 3, in}, {.gain = 1, .fan_in = 9 * in});
  return conv2d(graph_, x, weight, parameter(name + ".bias", {out}, {}));
}

Value Discriminator::normalised(const std::string& name, Value x) {
  const int width = static_cast<int>(graph_.shape(x).back());
  return group_norm(graph_, x, linear_layer(name, embedding_, 2 * width, 0), width / channels_per_group, true);
}

Value Discriminator::score(const std::string& name, Value x) {
  const Value seen = normalised(name + ".norm", x);
  return cast(graph_, linear_layer(name + ".linear", seen, 1), Type::f32);
}

}  // namespace florilegium
