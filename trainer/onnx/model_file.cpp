#include "trainer/onnx/model_file.h"

#include <onnx/onnx_pb.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "src/files/write_file.h"
#include "trainer/graph/operators.h"

namespace florilegium {
namespace {

constexpr int format_version = 1;
constexpr std::string_view version_key = "florilegium.version", network_key = "florilegium.network";

template <class Number>
std::string shortest(Number number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

/// The metadata of a file, asked for by key; what is missing or unreadable becomes a sentence.
struct Metadata {
  std::map<std::string, std::string, std::less<>> values;

  const std::string& text(std::string_view key) const {
    const auto found = values.find(key);
    if (found == values.end()) throw std::runtime_error("its metadata have no '" + std::string(key) + "'");
    return found->second;
  }

  template <class Number>
  Number number(std::string_view key) const {
    const std::string& written = text(key);
    Number number{};
    const auto [end, problem] = std::from_chars(written.data(), written.data() + written.size(), number);
    if (problem != std::errc{} || end != written.data() + written.size())
      throw std::runtime_error("its metadata '" + std::string(key) + "' are '" + written +
                               "', which is not a number that fits there");
    return number;
  }
};

onnx::ModelProto parse(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::generic_category().message(errno));
  if (std::filesystem::is_directory(path)) throw std::runtime_error("it is a folder");
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (content.empty()) throw std::runtime_error("it is empty");
  onnx::ModelProto model;
  if (!model.ParseFromString(content)) {
    // A model begins with the field ir_version: tag 8, then a small number.
    const bool begins_well = content.size() >= 2 && content[0] == 8 && content[1] > 0 && content[1] < 32;
    throw std::runtime_error(begins_well ? "it begins like an ONNX model, but is cut short or damaged"
                                         : "it is not an ONNX model");
  }
  if (!model.has_graph()) throw std::runtime_error("there is no graph in it; it is cut short or not an ONNX model");
  return model;
}

void check_signature(const onnx::GraphProto& found, const Graph& graph, const Denoiser& network) {
  const auto fits = [&](const onnx::ValueInfoProto& info, const std::string& name, Value value) {
    const auto& type = info.type().tensor_type();
    const Shape shape = channels_first(graph.shape(value));
    bool same = info.name() == name && type.elem_type() == onnx::TensorProto::FLOAT &&
                type.shape().dim_size() == static_cast<int>(shape.size());
    for (int i = 0; same && i < type.shape().dim_size(); ++i)
      same = type.shape().dim(i).dim_value() == shape[static_cast<std::size_t>(i)];
    if (!same) throw std::runtime_error("'" + info.name() + "' is not the expected '" + name + "' " + text_of(shape));
  };
  const int inputs = 2 + (network.hint ? 1 : 0) + (network.view ? 1 : 0);
  if (found.input_size() != inputs || found.output_size() != 1)
    throw std::runtime_error("it has " + std::to_string(found.input_size()) + " inputs and " +
                             std::to_string(found.output_size()) + " outputs instead of " + std::to_string(inputs) +
                             " and 1");
  fits(found.input(0), "x", network.x);
  fits(found.input(1), "noise_level", network.noise_level);
  if (network.hint) fits(found.input(2), "hint", network.hint);
  if (network.view) fits(found.input(inputs - 1), "view", network.view);
  fits(found.output(0), "denoised", network.denoised);
}

std::vector<float> read_parameters(const onnx::GraphProto& found, const Graph& graph) {
  std::map<std::string, const onnx::TensorProto*> initializers;
  for (const onnx::TensorProto& tensor : found.initializer()) initializers[tensor.name()] = &tensor;

  std::vector<float> numbers(static_cast<std::size_t>(graph.parameter_elements()));
  std::span<float> rest = numbers;
  for (const Value parameter : graph.parameters()) {
    const Tensor& tensor = graph[parameter];
    const auto size = static_cast<std::size_t>(elements(tensor.shape));
    bool read = false;
    for (const WeightLayout layout : {WeightLayout::as_is, WeightLayout::transposed, WeightLayout::convolution}) {
      const auto initializer = initializers.find(initializer_name(tensor.name, layout));
      if (read || initializer == initializers.end()) continue;
      read_initializer(*initializer->second, layout, tensor.shape, rest.first(size));
      read = true;
    }
    if (!read) throw std::runtime_error("the weights '" + tensor.name + "' are missing");
    rest = rest.subspan(size);
  }
  return numbers;
}

ModelInfo read_info(const onnx::ModelProto& model) {
  Metadata metadata;
  for (const auto& entry : model.metadata_props()) metadata.values[entry.key()] = entry.value();
  if (!metadata.values.contains(version_key))
    throw std::runtime_error("it is an ONNX model, but not one that Florilegium wrote: its metadata have no '" +
                             std::string(version_key) + "'");

  ModelInfo info;
  info.version = metadata.number<int>(version_key);
  if (info.version != format_version)
    throw std::runtime_error("it has the format version " + std::to_string(info.version) + ", and only version " +
                             std::to_string(format_version) + " is known here");
  info.image_size = metadata.number<int>("image_size");
  info.noise = noise_kind(metadata.text("noise"));
  info.noise_scale = metadata.number<double>("noise_scale");
  info.schedule = Schedule::parse(metadata.text("schedule"));
  info.default_steps = metadata.number<int>("default_steps");
  if (metadata.values.contains("default_sampler")) info.default_sampler = sampler(metadata.text("default_sampler"));
  info.title = metadata.text("title");
  info.trained_on = metadata.text("trained_on");
  info.train_samples = metadata.number<std::int64_t>("train_samples");
  info.held_out_loss = metadata.number<double>("held_out_loss");
  info.parameters = metadata.number<std::int64_t>("parameters");
  info.gflop_per_step = metadata.number<double>("gflop_per_step");
  info.network = network_config_from_json(metadata.text(network_key));
  if (info.image_size != info.network.image_size)
    throw std::runtime_error("its metadata name two different image sizes");
  return info;
}

}  // namespace

void write_model(const std::filesystem::path& path, const TrainedModel& trained, WeightPrecision precision) {
  const ModelInfo& info = trained.info;
  Graph graph;
  const Denoiser network = build_denoiser(graph, info.network, 1, Type::f32);

  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("florilegium");
  model.add_opset_import()->set_version(17);

  model.mutable_graph()->set_name("denoiser");
  write_graph(*model.mutable_graph(), graph, network.denoised, "denoised", trained.parameters, precision);

  const auto add_metadata = [&](std::string_view key, std::string value) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(std::string(key));
    entry.set_value(std::move(value));
  };
  add_metadata(version_key, shortest(format_version));
  add_metadata("image_size", shortest(info.network.image_size));
  add_metadata("noise", std::string(name_of(info.noise)));
  add_metadata("noise_scale", shortest(info.noise_scale));
  add_metadata("schedule", info.schedule.text());
  add_metadata("default_steps", shortest(info.default_steps));
  add_metadata("default_sampler", std::string(name_of(info.default_sampler)));
  add_metadata("title", info.title);
  add_metadata("trained_on", info.trained_on);
  add_metadata("train_samples", shortest(info.train_samples));
  add_metadata("held_out_loss", shortest(info.held_out_loss));
  add_metadata("parameters", shortest(graph.parameter_elements()));
  add_metadata("gflop_per_step", shortest(operations(graph) / 1e9));
  add_metadata(network_key, to_json(info.network));

  write_durably(path, model.SerializeAsString());
}

TrainedModel read_model(const std::filesystem::path& path) {
  try {
    const onnx::ModelProto model = parse(path);
    TrainedModel trained{.info = read_info(model), .parameters = {}};
    Graph graph;
    const Denoiser network = build_denoiser(graph, trained.info.network, 1, Type::f32);
    check_signature(model.graph(), graph, network);
    trained.parameters = read_parameters(model.graph(), graph);
    return trained;
  } catch (const std::exception& problem) {
    std::string reason = problem.what();
    if (!reason.ends_with('.')) reason += '.';
    throw std::runtime_error("The model '" + path.string() + "' cannot be used: " + reason);
  }
}

}  // namespace florilegium
