#include "trainer/onnx/model_file.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "src/files/name_text.h"
#include "src/files/write_file.h"
#include "trainer/graph/operators.h"

namespace florilegium {
namespace {

constexpr int format_version = 1;
constexpr std::string_view version_key = "florilegium.version", network_key = "florilegium.network",
                           ladder_key = "florilegium.ladder";

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

/// Fetches what stands beside the model in a file of its own, as programs write weights that are
/// large. Only files in the model's folder are taken.
void fetch_external(onnx::TensorProto& tensor, const std::filesystem::path& folder) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
  std::string location;
  std::uint64_t offset = 0, length = 0;
  bool has_length = false;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    std::uint64_t* number = nullptr;
    if (entry.key() == "offset") number = &offset;
    if (entry.key() == "length") number = &length;
    if (number == nullptr) continue;
    const char* const end = entry.value().data() + entry.value().size();
    const auto [read, problem] = std::from_chars(entry.value().data(), end, *number);
    if (problem != std::errc() || read != end)
      throw std::runtime_error("'" + tensor.name() + "' lies in another file, at the place '" +
                               shown_name(entry.value()) + "', which is none");
    has_length = has_length || number == &length;
  }
  const std::filesystem::path name(location);
  if (location.empty() || location.find('\0') != std::string::npos || name.filename() != name || name == "..")
    throw std::runtime_error("its weights lie in '" + shown_name(location) + "', which is no file beside it");
  std::ifstream file(folder / name, std::ios::binary | std::ios::ate);
  if (!file || std::filesystem::is_directory(folder / name))
    throw std::runtime_error("its weights lie in a second file, '" + shown_name(location) +
                             "', which is missing: put it beside the model, into " +
                             (folder.empty() ? "the same folder" : "'" + folder.string() + "'"));
  const auto size = static_cast<std::uint64_t>(file.tellg());
  if (!has_length && offset <= size) length = size - offset;
  if (offset > size || length > size - offset)
    throw std::runtime_error("the second file with its weights, '" + shown_name(location) +
                             "', is too short: it is cut off, or belongs to another model");
  std::string bytes(static_cast<std::size_t>(length), '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file.read(bytes.data(), static_cast<std::streamsize>(length)))
    throw std::runtime_error("the second file with its weights, '" + shown_name(location) + "', cannot be read");
  tensor.set_raw_data(std::move(bytes));
}

void fetch_external(onnx::GraphProto& graph, const std::filesystem::path& folder) {
  for (auto& tensor : *graph.mutable_initializer()) fetch_external(tensor, folder);
  for (auto& node : *graph.mutable_node())
    for (auto& attribute : *node.mutable_attribute())
      if (attribute.has_g()) fetch_external(*attribute.mutable_g(), folder);
}

using Initializers = std::map<std::string, const onnx::TensorProto*>;

/// The inputs and the output of a model's graph, with their shapes as they stand in the file.
struct Signature {
  std::vector<std::pair<std::string, Shape>> inputs;
  Shape output;
};

Signature signature_of(const TrainedModel& model) {
  const std::int64_t side = model.info.network.image_size;
  Signature signature{{{"x", {1, 3, side, side}}, {"noise_level", {1}}}, {1, 3, side, side}};
  if (const auto cell = model.hint_cell()) signature.inputs.push_back({"hint", {1, 4, side / *cell, side / *cell}});
  if (model.takes_view()) signature.inputs.push_back({"view", {1}});
  return signature;
}

void check_signature(const onnx::GraphProto& found, const Signature& expected) {
  const auto fits = [&](const onnx::ValueInfoProto& info, const std::string& name, const Shape& shape) {
    const auto& type = info.type().tensor_type();
    bool same = info.name() == name && type.elem_type() == onnx::TensorProto::FLOAT &&
                type.shape().dim_size() == static_cast<int>(shape.size());
    for (int i = 0; same && i < type.shape().dim_size(); ++i)
      same = type.shape().dim(i).dim_value() == shape[static_cast<std::size_t>(i)];
    if (!same) throw std::runtime_error("'" + info.name() + "' is not the expected '" + name + "' " + text_of(shape));
  };
  const auto inputs = static_cast<int>(expected.inputs.size());
  if (found.input_size() != inputs || found.output_size() != 1)
    throw std::runtime_error("it has " + std::to_string(found.input_size()) + " inputs and " +
                             std::to_string(found.output_size()) + " outputs instead of " + std::to_string(inputs) +
                             " and 1");
  for (int i = 0; i < inputs; ++i) {
    const auto& [name, shape] = expected.inputs[static_cast<std::size_t>(i)];
    fits(found.input(i), name, shape);
  }
  fits(found.output(0), "denoised", expected.output);
}

/// Of a graph and of the graphs in its nodes.
void collect_initializers(const onnx::GraphProto& graph, Initializers& into) {
  for (const onnx::TensorProto& tensor : graph.initializer()) into[tensor.name()] = &tensor;
  for (const onnx::NodeProto& node : graph.node())
    for (const onnx::AttributeProto& attribute : node.attribute())
      if (attribute.has_g()) collect_initializers(attribute.g(), into);
}

std::vector<float> read_parameters(const Initializers& initializers, const NetworkConfig& network,
                                   const std::string& prefix) {
  Graph graph;
  build_denoiser(graph, network, 1, Type::f32);
  std::size_t bytes = 0;  // each number takes one at least: a file cannot ask for more memory than it has numbers
  for (const auto& [name, tensor] : initializers) bytes += tensor->raw_data().size();
  if (static_cast<std::size_t>(graph.parameter_elements()) > bytes)
    throw std::runtime_error("the weights of a network like '" + network.name + "' are not all there");
  std::vector<float> numbers(static_cast<std::size_t>(graph.parameter_elements()));
  std::span<float> rest = numbers;
  for (const Value parameter : graph.parameters()) {
    const Tensor& tensor = graph[parameter];
    const auto size = static_cast<std::size_t>(elements(tensor.shape));
    bool read = false;
    for (const WeightLayout layout : {WeightLayout::as_is, WeightLayout::transposed, WeightLayout::convolution}) {
      const auto initializer = initializers.find(prefix + initializer_name(tensor.name, layout));
      if (read || initializer == initializers.end()) continue;
      const auto scales = initializers.find(scales_name(initializer->first));
      read_initializer(*initializer->second, layout, tensor.shape, rest.first(size),
                       scales == initializers.end() ? nullptr : scales->second);
      read = true;
    }
    if (!read) throw std::runtime_error("the weights '" + prefix + tensor.name + "' are missing");
    rest = rest.subspan(size);
  }
  return numbers;
}

/// The ladder as JSON, without the finest network: {"network", "averaged", "from_level", ...} of
/// each.
std::string ladder_json(const TrainedModel& model) {
  auto list = nlohmann::json::array();
  for (const CoarserNetwork& one : model.coarser) {
    list.push_back({{"network", nlohmann::json::parse(to_json(one.network))},
                    {"averaged", one.averaged},
                    {"from_level", one.from_level},
                    {"train_samples", one.train_samples},
                    {"held_out_loss", one.held_out_loss},
                    {"gflop_per_step", one.gflop_per_step}});
    if (!one.guide) continue;
    list.back()["guide"] = {{"network", nlohmann::json::parse(to_json(one.guide->network))},
                            {"weight", one.guide->weight},
                            {"train_samples", one.guide->train_samples},
                            {"held_out_loss", one.guide->held_out_loss}};
  }
  return list.dump();
}

std::vector<CoarserNetwork> ladder_from_json(const std::string& text) try {
  std::vector<CoarserNetwork> coarser;
  for (const auto& j : nlohmann::json::parse(text)) {
    CoarserNetwork one;
    one.network = network_config_from_json(j.at("network").dump());
    one.averaged = j.at("averaged");
    one.from_level = j.at("from_level");
    one.train_samples = j.at("train_samples");
    one.held_out_loss = j.at("held_out_loss");
    one.gflop_per_step = j.at("gflop_per_step");
    if (j.contains("guide")) {
      const auto& guide = j.at("guide");
      one.guide = Guide{.network = network_config_from_json(guide.at("network").dump()),
                        .weight = guide.at("weight"),
                        .train_samples = guide.at("train_samples"),
                        .held_out_loss = guide.at("held_out_loss"),
                        .parameters = {}};
    }
    coarser.push_back(std::move(one));
  }
  return coarser;
} catch (const nlohmann::json::exception& problem) {
  throw std::runtime_error(std::string("the description of its ladder cannot be read: ") + problem.what());
}

/// The nodes of a ladder from network number `rung` on (the finest comes last), appended to `to`;
/// returns the name of the prediction.
std::string write_rungs(onnx::GraphProto& to, const TrainedModel& model, std::size_t rung, WeightPrecision precision) {
  if (rung == model.coarser.size()) {
    Graph graph;
    const Denoiser network = build_denoiser(graph, model.info.network, 1, Type::f32);
    return write_nodes(to, graph, network.denoised, model.parameters, precision, {model.info.network.name + "/"});
  }
  const CoarserNetwork& one = model.coarser[rung];
  const std::string prefix = one.network.name + "/", level = prefix + "from_level", above = prefix + "above";
  const auto add_constant = [](onnx::GraphProto& graph, const std::string& name, const std::vector<float>& values) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  };
  const auto add_node = [](onnx::GraphProto& graph, const char* type, const std::vector<std::string>& inputs,
                           const std::string& output) -> onnx::NodeProto& {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(type);
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  };
  const auto add_sides = [](onnx::NodeProto& node, const char* name, int side) {
    onnx::AttributeProto& sides = *node.add_attribute();
    sides.set_name(name);
    sides.set_type(onnx::AttributeProto::INTS);
    for (int axis = 0; axis < 2; ++axis) sides.add_ints(side);
  };
  const Shape picture{1, model.info.network.image_size, model.info.network.image_size, 3};

  add_constant(to, level, {static_cast<float>(one.from_level)});
  add_node(to, "Greater", {"noise_level", level}, above);
  onnx::NodeProto& choice = add_node(to, "If", {above}, prefix + "or_finer");
  const auto branch = [&](const char* attribute, const std::string& name) -> onnx::GraphProto& {
    onnx::AttributeProto& holder = *choice.add_attribute();
    holder.set_name(attribute);
    holder.set_type(onnx::AttributeProto::GRAPH);
    holder.mutable_g()->set_name(name);
    return *holder.mutable_g();
  };

  onnx::GraphProto& coarse = branch("then_branch", one.network.name);
  const std::string averages = prefix + "averages";
  onnx::NodeProto& average = add_node(coarse, "AveragePool", {"x"}, averages);
  add_sides(average, "kernel_shape", one.averaged);
  add_sides(average, "strides", one.averaged);
  const auto predict = [&](const NetworkConfig& config, const std::vector<float>& parameters) {
    Graph graph;
    const Denoiser network = build_denoiser(graph, config, 1, Type::f32);
    return write_nodes(coarse, graph, network.denoised, parameters, precision, {config.name + "/", {{"x", averages}}});
  };
  std::string denoised = predict(one.network, one.parameters);
  if (one.guide) {
    const std::string weight = prefix + "guide_weight", apart = prefix + "apart", tint = prefix + "tint",
                      shape = prefix + "shape", away = prefix + "away";
    add_constant(coarse, weight, {static_cast<float>(one.guide->weight)});
    add_node(coarse, "Sub", {denoised, predict(one.guide->network, one.guide->parameters)}, apart);
    add_node(coarse, "GlobalAveragePool", {apart}, tint);
    add_node(coarse, "Sub", {apart, tint}, shape);
    add_node(coarse, "Mul", {shape, weight}, away);
    add_node(coarse, "Add", {denoised, away}, prefix + "guided");
    denoised = prefix + "guided";
  }
  // Enlarged as enlarge() in trainer/sample/forward_model.h does.
  const auto factor = static_cast<float>(one.averaged);
  add_constant(coarse, prefix + "scales", {1, 1, factor, factor});
  const auto add_text = [](onnx::NodeProto& node, const char* name, const char* text) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(text);
  };
  const std::string smooth = prefix + "smooth", blurred = prefix + "blurred", missing = prefix + "missing";
  add_text(add_node(coarse, "Resize", {denoised, "", prefix + "scales"}, smooth), "mode", "linear");
  onnx::NodeProto& again = add_node(coarse, "AveragePool", {smooth}, blurred);
  add_sides(again, "kernel_shape", one.averaged);
  add_sides(again, "strides", one.averaged);
  add_node(coarse, "Sub", {denoised, blurred}, missing);
  onnx::NodeProto& evenly = add_node(coarse, "Resize", {missing, "", prefix + "scales"}, prefix + "evenly");
  add_text(evenly, "mode", "nearest");
  add_text(evenly, "nearest_mode", "floor");
  add_text(evenly, "coordinate_transformation_mode", "asymmetric");
  add_node(coarse, "Add", {smooth, prefix + "evenly"}, prefix + "denoised");
  describe(*coarse.add_output(), prefix + "denoised", picture);

  onnx::GraphProto& finer = branch("else_branch", one.network.name + " or finer");
  const std::string result = write_rungs(finer, model, rung + 1, precision);
  describe(*finer.add_output(), result, picture);
  return prefix + "or_finer";
}

TrainedModel read_info(const onnx::ModelProto& model) {
  Metadata metadata;
  for (const auto& entry : model.metadata_props()) metadata.values[entry.key()] = entry.value();
  if (!metadata.values.contains(version_key))
    throw std::runtime_error("it is an ONNX model, but not one that Florilegium wrote: its metadata have no '" +
                             std::string(version_key) + "'");

  TrainedModel trained;
  ModelInfo& info = trained.info;
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
  info.title = shown_name(metadata.text("title"));
  info.trained_on = shown_name(metadata.text("trained_on"));
  info.train_samples = metadata.number<std::int64_t>("train_samples");
  info.held_out_loss = metadata.number<double>("held_out_loss");
  info.parameters = metadata.number<std::int64_t>("parameters");
  if (metadata.values.contains(ladder_key)) {
    trained.coarser = ladder_from_json(metadata.text(ladder_key));
    std::string& each = metadata.values["gflop_per_step"];  // of the finest network last
    each = each.substr(each.rfind(' ') + 1);
  }
  info.gflop_per_step = metadata.number<double>("gflop_per_step");
  info.network = network_config_from_json(metadata.text(network_key));
  const auto within = [](double number, double from, double to) { return number >= from && number <= to; };
  if (!within(info.noise_scale, 1e-3, 1e3) || !within(info.default_steps, 1, 10000) ||
      !within(info.held_out_loss, 0, 1e9) || info.train_samples < 0)
    throw std::runtime_error(
        "its metadata have a noise_scale outside 0.001 to 1000, default_steps outside 1 to 10000, "
        "a held_out_loss that is no loss or train_samples below 0");
  if (info.image_size != info.network.image_size)
    throw std::runtime_error("its metadata name two different image sizes");
  check_ladder(trained);
  return trained;
}

}  // namespace

std::optional<int> TrainedModel::hint_cell() const {
  if (info.network.hint) return info.network.hint_cell;
  for (const CoarserNetwork& one : coarser)
    if (one.network.hint) return one.network.hint_cell * one.averaged;
  return {};
}

bool TrainedModel::takes_view() const {
  return info.network.view ||
         std::any_of(coarser.begin(), coarser.end(), [](const CoarserNetwork& one) { return one.network.view; });
}

void check_ladder(const TrainedModel& model) {
  double level = 1;
  std::vector<std::string> names{model.info.network.name};
  for (const CoarserNetwork& one : model.coarser) {
    const auto require = [&](bool holds, const std::string& what) {
      if (!holds) throw std::invalid_argument("'" + one.network.name + "' is no rung of this ladder: " + what + ".");
    };
    require(one.averaged > 1 && one.network.image_size * one.averaged == model.info.network.image_size,
            "it sees " + std::to_string(one.network.image_size) + " averages a side over " +
                std::to_string(one.averaged) + " pixels each, of a picture of " +
                std::to_string(model.info.network.image_size));
    require(one.from_level > 0 && one.from_level < level,
            "noise levels fall from one to the next, and lie between 0 and 1");
    require(std::find(names.begin(), names.end(), one.network.name) == names.end(), "two have the same name");
    require(!one.network.hint || one.network.hint_cell * one.averaged == *model.hint_cell(),
            "two take hints of different cells");
    if (one.guide) {
      const NetworkConfig &guide = one.guide->network, &own = one.network;
      require(guide.image_size == own.image_size, "its guide sees pictures of " + std::to_string(guide.image_size) +
                                                      " pixels a side instead of " + std::to_string(own.image_size));
      require((!guide.hint || (own.hint && guide.hint_cell == own.hint_cell)) && (!guide.view || own.view),
              "its guide is told more than it");
      require(one.guide->weight > 0 && one.guide->weight <= 100, "its guide's weight lies between 0 and 100");
      require(std::find(names.begin(), names.end(), guide.name) == names.end() && guide.name != own.name,
              "two have the same name");
      names.push_back(guide.name);
    }
    level = one.from_level;
    names.push_back(one.network.name);
  }
}

TrainedModel network_of(const TrainedModel& model, const std::string& name) {
  if (model.coarser.empty()) return model;
  TrainedModel one{model.info, {}, {}};
  if (model.info.network.name == name) {
    one.parameters = model.parameters;
    return one;
  }
  std::string names = model.info.network.name;
  for (const CoarserNetwork& coarser : model.coarser) {
    names = coarser.network.name + ", " + names;
    const auto take = [&](const auto& network) {
      one.info.network = network.network;
      one.info.noise_scale /= coarser.averaged;
      one.info.train_samples = network.train_samples;
      one.info.held_out_loss = network.held_out_loss;
      one.parameters = network.parameters;
      return one;
    };
    if (coarser.network.name == name) return take(coarser);
    if (!coarser.guide) continue;
    names = coarser.guide->network.name + ", " + names;
    if (coarser.guide->network.name == name) return take(*coarser.guide);
  }
  throw std::invalid_argument("The model is a ladder of the networks " + names + "; there is no '" + name +
                              "' among them. Say with --part which one is wanted.");
}

void write_model(const std::filesystem::path& path, const TrainedModel& trained, WeightPrecision precision) {
  check_ladder(trained);
  const ModelInfo& info = trained.info;
  Graph graph;
  const Denoiser network = build_denoiser(graph, info.network, 1, Type::f32);

  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("florilegium");
  model.add_opset_import()->set_version(17);

  model.mutable_graph()->set_name("denoiser");
  std::int64_t parameters = graph.parameter_elements();
  std::string gflop;  // of each network, the coarsest first
  std::vector<CoarserNetwork> coarser = trained.coarser;
  for (CoarserNetwork& one : coarser) {
    one.gflop_per_step = 0;
    const auto count = [&](const NetworkConfig& network) {
      Graph its;
      build_denoiser(its, network, 1, Type::f32);
      parameters += its.parameter_elements();
      one.gflop_per_step += operations(its) / 1e9;
    };
    count(one.network);
    if (one.guide) count(one.guide->network);
    gflop += shortest(one.gflop_per_step) + " ";
  }
  gflop += shortest(operations(graph) / 1e9);
  if (coarser.empty()) {
    write_graph(*model.mutable_graph(), graph, network.denoised, "denoised", trained.parameters, precision);
  } else {
    const Signature signature = signature_of(trained);
    const auto unplaced = [](const Shape& s) { return s.size() == 4 ? Shape{s[0], s[2], s[3], s[1]} : s; };
    for (const auto& [name, shape] : signature.inputs)
      describe(*model.mutable_graph()->add_input(), name, unplaced(shape));
    describe(*model.mutable_graph()->add_output(), "denoised", unplaced(signature.output));
    rename(*model.mutable_graph(), write_rungs(*model.mutable_graph(), trained, 0, precision), "denoised");
  }

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
  add_metadata("parameters", shortest(parameters));
  add_metadata("gflop_per_step", gflop);
  add_metadata(network_key, to_json(info.network));
  if (!coarser.empty()) {
    TrainedModel counted{info, {}, std::move(coarser)};
    add_metadata(ladder_key, ladder_json(counted));
  }

  write_durably(path, model.SerializeAsString());
}

TrainedModel read_model(const std::filesystem::path& path) {
  try {
    onnx::ModelProto model = parse(path);
    TrainedModel trained = read_info(model);
    check_signature(model.graph(), signature_of(trained));
    fetch_external(*model.mutable_graph(), path.parent_path());
    Initializers initializers;
    collect_initializers(model.graph(), initializers);
    for (CoarserNetwork& one : trained.coarser) {
      one.parameters = read_parameters(initializers, one.network, one.network.name + "/");
      if (one.guide)
        one.guide->parameters = read_parameters(initializers, one.guide->network, one.guide->network.name + "/");
    }
    const std::string prefix = trained.coarser.empty() ? "" : trained.info.network.name + "/";
    trained.parameters = read_parameters(initializers, trained.info.network, prefix);
    return trained;
  } catch (const std::exception& problem) {
    std::string reason = problem.what();
    if (!reason.ends_with('.')) reason += '.';
    throw std::runtime_error("The model '" + path.string() + "' cannot be used: " + reason);
  }
}

}  // namespace florilegium
