#include "trainer/judge/encoder.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <stdexcept>

#include "src/files/write_file.h"
#include "src/image/resize.h"
#include "trainer/graph/operators.h"
#include "trainer/onnx/onnx_graph.h"

namespace florilegium {
namespace {

constexpr int first_block = 4;
constexpr std::array<int, 3> widths = {32, 64, 128};  // of the grids of 32, 16 and 8 cells a side
constexpr int joined_width = 128;                     // of those of 4 and 2
constexpr std::size_t batch = 16;
constexpr double after_silu = 1.6;  // makes up for the spread that SiLU takes from normal numbers
constexpr const char *kind_key = "florilegium.judge", *kind = "1", *trained_key = "trained_on",
                     *samples_key = "train_samples";

struct Layers {
  Graph& graph;

  Value linear_layer(const std::string& name, Value x, int out, double gain) {
    const std::int64_t in = graph.shape(x).back();
    const Value weight = graph.parameter(name + ".weight", {out, in}, {.gain = gain, .fan_in = in});
    return linear(graph, x, weight, graph.parameter(name + ".bias", {out}, {}));
  }

  Value conv_layer(const std::string& name, Value x, double gain) {
    const std::int64_t width = graph.shape(x).back();
    const Value weight = graph.parameter(name + ".weight", {width, 3, 3, width}, {.gain = gain, .fan_in = 9 * width});
    return conv2d(graph, x, weight, graph.parameter(name + ".bias", {width}, {}));
  }

  /// Adds nothing at first.
  Value residual_block(const std::string& name, Value x) {
    const Value seen = conv_layer(name + ".conv1", silu(graph, x), after_silu);
    return add(graph, conv_layer(name + ".conv2", silu(graph, seen), 0), x);
  }

  Value half(const std::string& name, Value x, int width) {
    return linear_layer(name, space_to_depth(graph, silu(graph, x), 2), width, after_silu);
  }
};

/// The encoder alone, for a batch.
struct Alone {
  Graph graph;
  Value picture, features;
  explicit Alone(std::int64_t count) {
    picture = graph.input("picture", {count, encoder_side, encoder_side, 3});
    features = build_encoder(graph, picture, Type::f32);
  }
};

void add_metadata(onnx::ModelProto& model, const std::string& key, const std::string& value) {
  auto& entry = *model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

/// What read_encoder() throws names the file; here only what is wrong with it.
Encoder parsed(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw std::runtime_error("there is no such file");
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&file) || !model.has_graph())
    throw std::runtime_error("it is not an ONNX model, or it is cut short");
  std::map<std::string, std::string> metadata;
  for (const auto& entry : model.metadata_props()) metadata[entry.key()] = entry.value();
  if (metadata[kind_key] != kind)
    throw std::runtime_error("it is no encoder of this version; 'florilegium judge encoder' makes one");
  Encoder encoder;
  encoder.trained_on = metadata[trained_key];
  const std::string& samples = metadata[samples_key];
  std::from_chars(samples.data(), samples.data() + samples.size(), encoder.train_samples);

  std::map<std::string, const onnx::TensorProto*> initializers;
  for (const auto& one : model.graph().initializer()) initializers[one.name()] = &one;
  const Alone alone(1);
  for (const Value value : alone.graph.parameters()) {
    const Tensor& tensor = alone.graph[value];
    const std::size_t begin = encoder.parameters.size();
    encoder.parameters.resize(begin + static_cast<std::size_t>(elements(tensor.shape)));
    bool found = false;
    for (const WeightLayout layout : {WeightLayout::as_is, WeightLayout::transposed, WeightLayout::convolution}) {
      const auto one = initializers.find(initializer_name(tensor.name, layout));
      if (found || one == initializers.end()) continue;
      read_initializer(*one->second, layout, tensor.shape, std::span(encoder.parameters).subspan(begin));
      found = true;
    }
    if (!found) throw std::runtime_error("it has no '" + tensor.name + "'");
  }
  return encoder;
}

}  // namespace

Value build_encoder(Graph& graph, Value picture, Type compute) {
  Layers layers{graph};
  Value x = layers.linear_layer("encoder.stem", space_to_depth(graph, cast(graph, picture, compute), first_block),
                                widths[0], 1);
  for (std::size_t grid = 0; grid < widths.size(); ++grid) {
    const std::string name = "encoder.grid" + std::to_string(grid);
    if (grid > 0) x = layers.half(name + ".half", x, widths[grid]);
    x = layers.residual_block(name, x);
  }
  for (const char* name : {"encoder.join0", "encoder.join1"}) x = layers.half(name, x, joined_width);
  return cast(graph, layers.half("encoder.features", x, encoder_features), Type::f32);
}

void write_encoder(const std::filesystem::path& path, const Encoder& encoder) {
  const Alone alone(1);
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("florilegium");
  auto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(17);
  model.mutable_graph()->set_name("encoder");
  write_graph(*model.mutable_graph(), alone.graph, alone.features, "features", encoder.parameters,
              WeightPrecision::f16);
  add_metadata(model, kind_key, kind);
  add_metadata(model, trained_key, encoder.trained_on);
  add_metadata(model, samples_key, std::to_string(encoder.train_samples));
  write_durably(path, model.SerializeAsString());
}

Encoder read_encoder(const std::filesystem::path& path) {
  try {
    return parsed(path);
  } catch (const std::runtime_error& problem) {
    throw std::runtime_error("The encoder '" + path.string() + "' cannot be read: " + problem.what() + ".");
  }
}

std::vector<Features> features_of(Backend& backend, const Encoder& encoder, std::span<const Picture> pictures,
                                  const std::function<void(double)>& report) {
  const Alone alone(batch);
  const Value keep[] = {alone.features};
  const auto program = backend.compile(alone.graph, keep);
  program->write_state(State::parameters, encoder.parameters);
  constexpr std::size_t size = static_cast<std::size_t>(encoder_side) * encoder_side * 3;
  std::vector<float> values(batch * size);
  std::vector<Features> all;
  for (std::size_t first = 0; first < pictures.size(); first += batch) {
    const std::size_t count = std::min(batch, pictures.size() - first);
#pragma omp parallel for schedule(dynamic)
    for (std::size_t i = 0; i < count; ++i) {
      const Picture small = resized(middle_square(pictures[first + i]), encoder_side, encoder_side);
      for (std::size_t p = 0; p < size; ++p)
        values[i * size + p] = static_cast<float>(small.rgba[p / 3 * 4 + p % 3]) / 127.5f - 1;
    }
    program->write(alone.picture, values);
    program->run();
    const auto numbers = program->read(alone.features);
    for (std::size_t i = 0; i < count; ++i)
      all.emplace_back(&numbers[i * encoder_features], &numbers[i * encoder_features] + encoder_features);
    report(static_cast<double>(first + count) / static_cast<double>(pictures.size()));
  }
  return all;
}

}  // namespace florilegium
