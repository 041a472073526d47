#include "trainer/network/denoiser.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include "src/diffusion/noise.h"
#include "trainer/graph/operators.h"

namespace florilegium {
namespace {

constexpr int channels_per_group = 16;
constexpr int level_features = 64;
constexpr int finish_patch = 2;  // side of the finishing layers' pixel blocks

/// Builds the network layer by layer; each layer's parameters carry the layer's name.
struct Builder {
  Graph& graph;
  const NetworkConfig& config;
  Value embedding{};  // of the noise level and the kind of view, [N, E]
  bool hint_added = false;

  Value linear_layer(const std::string& name, Value x, int out, double gain = 1) {
    const std::int64_t in = graph.shape(x).back();
    const Value weight = graph.parameter(name + ".weight", {out, in}, {.gain = gain, .fan_in = in});
    return linear(graph, x, weight, graph.parameter(name + ".bias", {out}, {}));
  }

  Value conv_layer(const std::string& name, Value x, int out, double gain = 1) {
    const std::int64_t in = graph.shape(x).back();
    const Value weight = graph.parameter(name + ".weight", {out, 3, 3, in}, {.gain = gain, .fan_in = 9 * in});
    return conv2d(graph, x, weight, graph.parameter(name + ".bias", {out}, {}));
  }

  /// Scale and shift for a normalisation; zero at the start, so that it begins as a plain
  /// normalisation.
  Value modulation(const std::string& name, Value x) {
    return linear_layer(name, embedding, 2 * static_cast<int>(graph.shape(x).back()), 0);
  }

  Value normalised(const std::string& name, Value x) {
    return group_norm(graph, x, modulation(name, x), static_cast<int>(graph.shape(x).back()) / channels_per_group,
                      true);
  }

  Value residual_block(const std::string& name, Value x, int width) {
    Value h = conv_layer(name + ".conv1", normalised(name + ".norm1", x), width);
    h = conv_layer(name + ".conv2", normalised(name + ".norm2", h), width, 0);
    return add(graph, h, graph.shape(x).back() == width ? x : linear_layer(name + ".skip", x, width));
  }

  Value transformer_block(const std::string& name, Value t) {
    const int width = config.middle_width;
    Value h = layer_norm(graph, t, modulation(name + ".norm1", t));
    h = attention(graph, linear_layer(name + ".qkv", h, 3 * width), width / config.head_width);
    t = add(graph, linear_layer(name + ".out", h, width, 0), t);
    h = layer_norm(graph, t, modulation(name + ".norm2", t));
    h = silu(graph, linear_layer(name + ".mlp1", h, 4 * width));
    return add(graph, linear_layer(name + ".mlp2", h, width, 0), t);
  }

  /// Adds the hint on the first grid that is no finer than the hint's own.
  Value with_hint(Value x, Value hint, Type compute) {
    if (!hint || hint_added) return x;
    const auto ratio = static_cast<int>(graph.shape(hint)[1] / graph.shape(x)[1]);
    if (ratio < 1) return x;
    hint_added = true;
    Value cells = cast(graph, hint, compute);
    if (ratio > 1) cells = space_to_depth(graph, cells, ratio);
    return add(graph, linear_layer("hint", cells, static_cast<int>(graph.shape(x).back())), x);
  }
};

/// Throws std::invalid_argument with a sentence when no network can be built like this.
void check(const NetworkConfig& c) {
  const auto require = [&](bool holds, const std::string& what) {
    if (!holds) throw std::invalid_argument("The network '" + c.name + "' cannot be built: " + what + ".");
  };
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  require(within(c.patch, 1, 64) && c.widths.size() <= 6,
          "patches have 1 to 64 pixels a side, and there are at most 6 stages");
  const int cell = c.patch << c.widths.size();
  require(within(c.image_size, 8, 4096) && c.image_size % cell == 0 && c.image_size % 8 == 0,
          "its pictures are multiples of " + std::to_string(std::max(cell, 8)) + " pixels a side, not " +
              std::to_string(c.image_size));
  for (const int width : c.widths)
    require(within(width, 16, 4096) && width % channels_per_group == 0, "widths are multiples of 16");
  require(within(c.head_width, 1, 1024) && within(c.middle_width, 16, 8192) && c.middle_width % c.head_width == 0,
          "the middle's width is a multiple of the heads'");
  require(within(c.blocks, 0, 64) && within(c.middle_blocks, 0, 256) && within(c.embedding, 1, 8192),
          "it has an impossible number of blocks or embedding width");
  require(c.detail == 0 || (within(c.detail, 16, 4096) && c.detail % channels_per_group == 0),
          "the detail layers' width is 0 or a multiple of 16");
  require(c.finish == 0 || (within(c.finish, 16, 4096) && c.finish % channels_per_group == 0),
          "the finishing layers' width is 0 or a multiple of 16");
  require(within(c.hint_cell, 1, 64) && c.image_size % c.hint_cell == 0,
          "a hint's cells have 1 to 64 pixels a side and fill the picture");
  const int larger = std::max(c.patch, c.hint_cell), smaller = std::min(c.patch, c.hint_cell);
  require(!c.hint || (larger % smaller == 0 && cell >= c.hint_cell),
          "a hint needs a grid whose cells are its own or made of them");
}

}  // namespace

NetworkConfig network_config(const std::string& name, int image_size) {
  static const std::vector<NetworkConfig> known = {
      {.name = "botanical",
       .image_size = 512,
       .patch = 8,
       .widths = {64, 128},
       .middle_width = 256,
       .middle_blocks = 6,
       .detail = 192,
       .finish = 16,
       .hint = true},
      {.name = "coarse",  // of the averages of 64 x 64 blocks: plans the plate (ladder.h)
       .image_size = 64,
       .patch = 2,
       .widths = {64, 128},
       .middle_width = 256,
       .middle_blocks = 6,
       .hint = true,
       .hint_cell = 1,
       .view = true},
      {.name = "fine",  // of the pixels, whole or a crop of them: draws what is planned
       .image_size = 512,
       .patch = 4,
       .widths = {48, 96, 192},
       .blocks = 1,
       .middle_width = 256,
       .middle_blocks = 2,
       .hint = true,
       .positions = false,
       .view = true},
      {.name = "garden",
       .image_size = 64,
       .patch = 4,
       .widths = {64},
       .middle_width = 128,
       .middle_blocks = 4,
       .embedding = 128},
      {.name = "guide",  // the coarse network's worse twin, which shows it what to avoid (rungs.h)
       .image_size = 64,
       .patch = 4,
       .widths = {64},
       .middle_width = 128,
       .middle_blocks = 4,
       .embedding = 128,
       .hint = true,
       .hint_cell = 1,
       .view = true},
      {.name = "tiny",
       .image_size = 16,
       .patch = 4,
       .widths = {16},
       .blocks = 1,
       .middle_width = 32,
       .middle_blocks = 1,
       .head_width = 16,
       .embedding = 32,
       .detail = 32,
       .finish = 16,
       .hint = true},
  };
  std::string names;
  for (NetworkConfig config : known) {
    names += (names.empty() ? "" : ", ") + config.name;
    if (config.name != name) continue;
    if (image_size > 0) config.image_size = image_size;
    check(config);
    return config;
  }
  throw std::invalid_argument("There is no network configuration called '" + name + "'; known are " + names + ".");
}

std::vector<std::string> network_config_names() { return {"botanical", "coarse", "fine", "garden", "guide", "tiny"}; }

std::string to_json(const NetworkConfig& c) {
  nlohmann::json j{{"name", c.name}};
  for_each_field(c, [&](const char* key, const auto& member, auto standard) {
    // What came later is written only where it is used: descriptions without it stay as they were.
    const bool later =
        std::string_view(key) == "hint_cell" || std::string_view(key) == "positions" || std::string_view(key) == "view";
    if constexpr (!std::is_same_v<decltype(standard), std::nullopt_t>)
      if (later && member == *standard) return;
    j[key] = member;
  });
  return j.dump();
}

NetworkConfig network_config_from_json(const std::string& text) {
  try {
    const auto j = nlohmann::json::parse(text);
    NetworkConfig config;
    config.name = j.at("name");
    for_each_field(config, [&](const char* key, auto& member, auto standard) {
      using Member = std::remove_reference_t<decltype(member)>;
      if constexpr (std::is_same_v<decltype(standard), std::nullopt_t>) member = j.at(key).template get<Member>();
      else member = j.value(key, *standard);
    });
    check(config);
    return config;
  } catch (const nlohmann::json::exception& problem) {
    throw std::invalid_argument(std::string("The description of the network cannot be read: ") + problem.what());
  }
}

Denoiser build_denoiser(Graph& graph, const NetworkConfig& config, int batch, Type compute) {
  const int size = config.image_size;
  Denoiser network;
  network.x = graph.input("x", {batch, size, size, 3});
  network.noise_level = graph.input("noise_level", {batch});
  if (config.hint) network.hint = graph.input("hint", {batch, size / config.hint_cell, size / config.hint_cell, 4});
  if (config.view) network.view = graph.input("view", {batch});

  Builder build{graph, config};
  const Value features = noise_features(graph, network.noise_level, level_features);
  Value embedded = build.linear_layer("level1", features, config.embedding);
  if (network.view)  // nothing yet in a new network, which so begins as one without
    embedded =
        add(graph, build.linear_layer("view", noise_features(graph, network.view, level_features), config.embedding, 0),
            embedded);
  embedded = silu(graph, embedded);
  build.embedding = silu(graph, build.linear_layer("level2", embedded, config.embedding));

  const Value patches = space_to_depth(graph, cast(graph, network.x, compute), config.patch);
  Value x = build.linear_layer("stem", patches, config.widths.empty() ? config.middle_width : config.widths[0]);
  x = build.with_hint(x, network.hint, compute);

  std::vector<Value> skips;
  for (std::size_t stage = 0; stage < config.widths.size(); ++stage) {
    const std::string name = "down" + std::to_string(stage);
    for (int b = 0; b < config.blocks; ++b)
      x = build.residual_block(name + ".block" + std::to_string(b), x, config.widths[stage]);
    skips.push_back(x);
    const int next = stage + 1 < config.widths.size() ? config.widths[stage + 1] : config.middle_width;
    x = build.linear_layer(name + ".half", space_to_depth(graph, x, 2), next);
    x = build.with_hint(x, network.hint, compute);
  }

  const std::int64_t side = graph.shape(x)[1];
  Value t = to_tokens(graph, x);
  if (config.positions)
    t = add_positions(graph, t, graph.parameter("middle.positions", {side * side, config.middle_width}, {.gain = 0.1}));
  for (int b = 0; b < config.middle_blocks; ++b) t = build.transformer_block("middle.block" + std::to_string(b), t);
  x = to_grid(graph, t);

  for (std::size_t stage = config.widths.size(); stage-- > 0;) {
    const std::string name = "up" + std::to_string(stage);
    x = depth_to_space(graph, build.linear_layer(name + ".double", x, 4 * config.widths[stage]), 2);
    x = concat(graph, x, skips[stage]);
    for (int b = 0; b < config.blocks; ++b)
      x = build.residual_block(name + ".block" + std::to_string(b), x, config.widths[stage]);
  }

  const int patch_numbers = 3 * config.patch * config.patch;
  Value out = build.conv_layer("last.conv", build.normalised("last.norm", x), patch_numbers, 0);
  if (config.detail > 0) {
    const Value seen = build.linear_layer("detail.in", concat(graph, x, patches), config.detail);
    out = add(graph, build.linear_layer("detail.out", build.normalised("detail.norm", seen), patch_numbers, 0), out);
  }
  out = depth_to_space(graph, out, config.patch);
  if (config.finish > 0) {
    const Value drawn = space_to_depth(graph, out, finish_patch),
                noisy = space_to_depth(graph, cast(graph, network.x, compute), finish_patch);
    const Value seen = build.conv_layer("finish.in", concat(graph, drawn, noisy), config.finish);
    const int numbers = 3 * finish_patch * finish_patch;
    out = depth_to_space(
        graph, add(graph, build.conv_layer("finish.out", build.normalised("finish.norm", seen), numbers, 0), drawn),
        finish_patch);
  }
  network.denoised = cast(graph, out, Type::f32);
  return network;
}

std::vector<float> initial_parameters(const Graph& graph, std::uint64_t seed) {
  std::vector<float> all;
  std::uint32_t stream = 0x70617261;  // "para"
  for (const Value value : graph.parameters()) {
    const Tensor& tensor = graph[value];
    const std::size_t begin = all.size();
    all.resize(begin + static_cast<std::size_t>(elements(tensor.shape)), static_cast<float>(tensor.initial.constant));
    if (tensor.initial.gain != 0) {
      const std::span<float> values(all.data() + begin, all.size() - begin);
      fill_noise(NoiseKind::gaussian, seed, stream, 0, values);
      const double scale = tensor.initial.gain / std::sqrt(static_cast<double>(tensor.initial.fan_in));
      for (float& v : values) v = static_cast<float>(v * scale);
    }
    ++stream;
  }
  return all;
}

}  // namespace florilegium
