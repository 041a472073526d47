#include "trainer/onnx/onnx_graph.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string_view>

#include "trainer/graph/operators.h"
#include "trainer/onnx/half.h"

namespace florilegium {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX keeps numbers little-endian, as raw_data does below.");

constexpr std::int64_t smallest_half_tensor = 1024;

/// The layers whose outputs are pixels (denoiser.cpp). An output that is always a little off is a
/// pattern on empty paper, repeated in each patch: their weights are kept as halves where others
/// become bytes.
bool writes_pixels(std::string_view parameter) {
  return parameter == "last.conv.weight" || parameter == "detail.out.weight" || parameter == "finish.out.weight";
}

Shape laid_out(const Shape& shape, WeightLayout layout) {
  switch (layout) {
    case WeightLayout::transposed: return {shape.at(1), shape.at(0)};
    case WeightLayout::convolution:
      return shape.size() == 2 ? Shape{shape[0], shape[1], 1, 1}
                               : Shape{shape.at(0), shape.at(3), shape.at(1), shape.at(2)};
    default: return shape;
  }
}

/// Calls move(trainer's position, file's position) for every element of a parameter.
template <class Move>
void for_each_element(const Shape& shape, WeightLayout layout, Move&& move) {
  const auto all = static_cast<std::size_t>(elements(shape));
  std::size_t out = 1, inner = 1,
              channels = all;  // the trainer's [out, inner, channels] is the file's order with two axes swapped
  bool swap_all = false;
  if (layout == WeightLayout::transposed) {
    inner = static_cast<std::size_t>(shape.at(0));
    channels = static_cast<std::size_t>(shape.at(1));
    swap_all = true;
  } else if (layout == WeightLayout::convolution && shape.size() == 4) {
    out = static_cast<std::size_t>(shape[0]);
    inner = static_cast<std::size_t>(shape[1] * shape[2]);
    channels = static_cast<std::size_t>(shape[3]);
    swap_all = true;
  }
  if (!swap_all) {
    for (std::size_t i = 0; i < all; ++i) move(i, i);
    return;
  }
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < inner; ++i)
      for (std::size_t c = 0; c < channels; ++c) move((o * inner + i) * channels + c, (o * channels + c) * inner + i);
}

template <class Number>
void set_data(onnx::TensorProto& tensor, onnx::TensorProto::DataType type, const Shape& shape,
              const std::vector<Number>& numbers) {
  for (const std::int64_t side : shape) tensor.add_dims(side);
  tensor.set_data_type(type);
  tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(Number));
}

class Writer final : public OnnxEmitter {
 public:
  Writer(onnx::GraphProto& to, const Graph& graph, std::span<const float> parameters, WeightPrecision precision,
         const Placement& placement)
      : to_(to),
        graph_(graph),
        placement_(placement),
        names_(graph.tensors.size()),
        numbers_(graph.tensors.size()),
        precision_(precision) {
    for (const Value value : graph.parameters()) {
      const auto size = static_cast<std::size_t>(elements(graph.shape(value)));
      if (size > parameters.size())
        throw std::invalid_argument("There are fewer numbers than the network has parameters.");
      numbers_[static_cast<std::size_t>(value.index)] = parameters.first(size);
      parameters = parameters.subspan(size);
    }
    if (!parameters.empty()) throw std::invalid_argument("There are more numbers than the network has parameters.");
  }

  std::string name(Value value) override {
    const Tensor& tensor = graph_[value];
    if (tensor.role == Role::input) {
      const auto other = placement_.inputs_from.find(tensor.name);
      return other == placement_.inputs_from.end() ? tensor.name : other->second;
    }
    const std::string& known = names_[static_cast<std::size_t>(value.index)];
    if (known.empty())
      throw std::logic_error("'" + tensor.name + "' has no ONNX form: it is no first result of an operator.");
    return known;
  }

  void remember(Value value, std::string name) { names_[static_cast<std::size_t>(value.index)] = std::move(name); }

  std::string weight(Value parameter, WeightLayout layout) override {
    const Tensor& tensor = graph_[parameter];
    const std::string stored = placement_.prefix + initializer_name(tensor.name, layout);
    if (const auto known = written_.find(stored); known != written_.end()) return known->second;

    const std::span<const float> numbers = numbers_[static_cast<std::size_t>(parameter.index)];
    const Shape shape = laid_out(tensor.shape, layout);
    onnx::TensorProto& initializer = *to_.add_initializer();
    initializer.set_name(stored);
    std::string usable = stored;
    const bool large = elements(shape) >= smallest_half_tensor;
    const bool halves =
        (precision_ == WeightPrecision::f16 || (precision_ == WeightPrecision::i8 && writes_pixels(tensor.name))) &&
        large && std::all_of(numbers.begin(), numbers.end(), [](float v) { return std::abs(v) <= largest_half; });
    if (precision_ == WeightPrecision::i8 && large && shape.size() > 1 && !writes_pixels(tensor.name)) {
      usable = write_as_bytes(initializer, stored, tensor.shape, layout, numbers);
    } else if (halves) {
      std::vector<std::uint16_t> ordered(numbers.size());
      for_each_element(tensor.shape, layout,
                       [&](std::size_t ours, std::size_t theirs) { ordered[theirs] = half_of(numbers[ours]); });
      set_data(initializer, onnx::TensorProto::FLOAT16, shape, ordered);
      usable = emit("Cast", {stored}, {{"to", std::int64_t{onnx::TensorProto::FLOAT}}}, "");
    } else {
      std::vector<float> ordered(numbers.size());
      for_each_element(tensor.shape, layout,
                       [&](std::size_t ours, std::size_t theirs) { ordered[theirs] = numbers[ours]; });
      set_data(initializer, onnx::TensorProto::FLOAT, shape, ordered);
    }
    return written_[stored] = usable;
  }

  std::string constant(const std::vector<std::int64_t>& values) override {
    return constant_tensor(onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())}, values);
  }

  std::string constant(const std::vector<float>& values, const Shape& shape) override {
    return constant_tensor(onnx::TensorProto::FLOAT, shape, values);
  }

  std::string emit(const std::string& type, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes, const std::string& domain) override {
    onnx::NodeProto& node = *to_.add_node();
    node.set_op_type(type);
    if (!domain.empty()) node.set_domain(domain);
    const std::string result = placement_.prefix + type + "_" + std::to_string(to_.node_size());
    node.set_name(result);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(result);
    for (const auto& [name, value] : attributes) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(*number);
      } else if (const auto* real = std::get_if<float>(&value)) {
        attribute.set_type(onnx::AttributeProto::FLOAT);
        attribute.set_f(*real);
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        attribute.set_type(onnx::AttributeProto::STRING);
        attribute.set_s(*text);
      } else {
        attribute.set_type(onnx::AttributeProto::INTS);
        for (const std::int64_t each : std::get<std::vector<std::int64_t>>(value)) attribute.add_ints(each);
      }
    }
    return result;
  }

 private:
  /// The same constant is written once, however many nodes use it.
  template <class Number>
  std::string constant_tensor(onnx::TensorProto::DataType type, const Shape& shape, const std::vector<Number>& values) {
    onnx::TensorProto tensor;
    set_data(tensor, type, shape, values);
    std::string& known = constants_[tensor.SerializeAsString()];
    if (known.empty()) {
      known = placement_.prefix + "constant_" + std::to_string(constants_.size());
      tensor.set_name(known);
      *to_.add_initializer() = std::move(tensor);
    }
    return known;
  }

  /// Whole numbers from -127 to 127, and a scale for each output (the first axis of ours): [O, ...]
  /// * scale[O].
  std::string write_as_bytes(onnx::TensorProto& initializer, const std::string& stored, const Shape& ours,
                             WeightLayout layout, std::span<const float> numbers) {
    const auto outputs = static_cast<std::size_t>(ours.at(0)), each = numbers.size() / outputs;
    std::vector<float> scales(outputs);
    std::vector<std::int8_t> whole(numbers.size());
    for (std::size_t o = 0; o < outputs; ++o) {
      const auto row = numbers.subspan(o * each, each);
      float largest = 0;
      for (const float v : row) largest = std::max(largest, std::abs(v));
      scales[o] = largest > 0 ? largest / 127 : 1;
      for (std::size_t i = 0; i < each; ++i)
        whole[o * each + i] = static_cast<std::int8_t>(std::lround(std::clamp(row[i] / scales[o], -127.0f, 127.0f)));
    }
    std::vector<std::int8_t> ordered(numbers.size());
    for_each_element(ours, layout, [&](std::size_t from, std::size_t to) { ordered[to] = whole[from]; });
    const Shape shape = laid_out(ours, layout);
    set_data(initializer, onnx::TensorProto::INT8, shape, ordered);
    Shape beside(shape.size(), 1);  // the scales' shape, which spreads over the weights
    beside[layout == WeightLayout::transposed ? 1 : 0] = static_cast<std::int64_t>(outputs);
    onnx::TensorProto& scale = *to_.add_initializer();
    scale.set_name(scales_name(stored));
    set_data(scale, onnx::TensorProto::FLOAT, beside, scales);
    const std::string floats = emit("Cast", {stored}, {{"to", std::int64_t{onnx::TensorProto::FLOAT}}}, "");
    return emit("Mul", {floats, scales_name(stored)}, {}, "");
  }

  onnx::GraphProto& to_;
  const Graph& graph_;
  const Placement& placement_;
  std::vector<std::string> names_;               // of each tensor that has been emitted
  std::vector<std::span<const float>> numbers_;  // of each parameter
  WeightPrecision precision_;
  std::map<std::string, std::string> written_, constants_;  // initializer -> name of the floats; content -> name
};

/// The nodes that `output` depends on.
std::vector<bool> needed_nodes(const Graph& graph, Value output) {
  std::vector<bool> tensor(graph.tensors.size(), false), node(graph.nodes.size(), false);
  tensor[static_cast<std::size_t>(output.index)] = true;
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    for (const Value out : graph.nodes[n].out) node[n] = node[n] || tensor[static_cast<std::size_t>(out.index)];
    if (!node[n]) continue;
    for (const Value in : graph.nodes[n].in)
      if (in) tensor[static_cast<std::size_t>(in.index)] = true;
  }
  return node;
}

}  // namespace

std::string initializer_name(const std::string& parameter, WeightLayout layout) {
  switch (layout) {
    case WeightLayout::transposed: return parameter + ":transposed";
    case WeightLayout::convolution: return parameter + ":convolution";
    default: return parameter;
  }
}

Shape channels_first(const Shape& shape) {
  return shape.size() == 4 ? Shape{shape[0], shape[3], shape[1], shape[2]} : shape;
}

std::string scales_name(const std::string& initializer) { return initializer + ":scales"; }

std::string write_nodes(onnx::GraphProto& to, const Graph& graph, Value output, std::span<const float> parameters,
                        WeightPrecision precision, const Placement& placement) {
  Writer writer(to, graph, parameters, precision, placement);
  const std::vector<bool> needed = needed_nodes(graph, output);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (!needed[n]) continue;
    if (!node.op->onnx) throw std::logic_error(std::string(node.op->name) + " has no ONNX form.");
    writer.remember(node.out[0], node.op->onnx(writer, graph, node));
  }
  return writer.name(output);
}

void rename(onnx::GraphProto& graph, const std::string& from, const std::string& to) {
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (std::string& name : *node.mutable_input())
      if (name == from) name = to;
    for (std::string& name : *node.mutable_output())
      if (name == from) name = to;
  }
}

void describe(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape) {
  info.set_name(name);
  auto& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t side : channels_first(shape)) type.mutable_shape()->add_dim()->set_dim_value(side);
}

void write_graph(onnx::GraphProto& to, const Graph& graph, Value output, const std::string& output_name,
                 std::span<const float> parameters, WeightPrecision precision) {
  for (const Tensor& tensor : graph.tensors)
    if (tensor.role == Role::input) describe(*to.add_input(), tensor.name, tensor.shape);
  describe(*to.add_output(), output_name, graph.shape(output));
  rename(to, write_nodes(to, graph, output, parameters, precision, {}), output_name);
}

void read_initializer(const onnx::TensorProto& from, WeightLayout layout, const Shape& shape, std::span<float> to,
                      const onnx::TensorProto* scales) {
  if (!std::ranges::equal(from.dims(), laid_out(shape, layout)))
    throw std::runtime_error("'" + from.name() + "' has the shape " +
                             text_of({from.dims().begin(), from.dims().end()}) + " instead of " +
                             text_of(laid_out(shape, layout)));
  const std::string& raw = from.raw_data();
  const auto read_as = [&]<class Number>(Number, auto&& convert) {
    if (raw.size() != to.size() * sizeof(Number))
      throw std::runtime_error("the numbers of '" + from.name() + "' are not all there");
    for_each_element(shape, layout, [&](std::size_t ours, std::size_t theirs) {
      Number number;
      std::memcpy(&number, raw.data() + theirs * sizeof(Number), sizeof(Number));
      to[ours] = convert(number);
    });
  };
  if (from.data_type() == onnx::TensorProto::FLOAT) {
    read_as(0.0f, [](float number) { return number; });
  } else if (from.data_type() == onnx::TensorProto::FLOAT16) {
    read_as(std::uint16_t{}, float_of);
  } else if (from.data_type() == onnx::TensorProto::INT8 && scales) {
    read_as(std::int8_t{}, [](std::int8_t number) { return static_cast<float>(number); });
    const auto outputs = static_cast<std::size_t>(shape.at(0)), each = to.size() / outputs;
    if (scales->data_type() != onnx::TensorProto::FLOAT || scales->raw_data().size() != outputs * sizeof(float))
      throw std::runtime_error("the scales of '" + from.name() + "' are not all there");
    std::vector<float> scale(outputs);
    std::memcpy(scale.data(), scales->raw_data().data(), outputs * sizeof(float));
    for (std::size_t i = 0; i < to.size(); ++i) to[i] *= scale[i / each];
  } else {
    throw std::runtime_error("'" + from.name() + "' holds neither floats, halves nor bytes with scales");
  }
}

}  // namespace florilegium
