// A trainer's graph as an ONNX graph: every node writes itself down through the `onnx` function of
// its operator.
//
// Pictures change from channels last to channels first on the way; the inputs and the output keep
// their names, and a parameter becomes an initializer whose name tells the parameter and its layout
// (initializer_name), so that it can be read back without knowing which operator uses it.
#pragma once

#include <map>
#include <span>
#include <string>

#include "trainer/graph/graph.h"
#include "trainer/graph/onnx_emitter.h"

namespace onnx {
class GraphProto;
class TensorProto;
class ValueInfoProto;
}  // namespace onnx

namespace florilegium {

enum class WeightPrecision : std::uint8_t {
  f32,
  f16,  ///< weights with at least 1024 elements are stored as halves, and a Cast makes them floats again; half the file
  i8,   ///< those as whole numbers from -127 to 127, with a scale for each output, but halves in layers that write
        ///< pixels; a quarter of the file
};

/// Name of the initializer that holds a parameter in a layout: "stem.weight",
/// "stem.weight:transposed", "stem.weight:convolution".
std::string initializer_name(const std::string& parameter, WeightLayout layout);

/// How a graph stands inside another one.
struct Placement {
  std::string prefix;                                ///< before every name that is not an input's
  std::map<std::string, std::string> inputs_from{};  ///< the names that stand for inputs; others keep their own
};

/// Appends the nodes and initializers that compute `output`, and returns the name of the result.
std::string write_nodes(onnx::GraphProto& to, const Graph& graph, Value output, std::span<const float> parameters,
                        WeightPrecision precision, const Placement& placement);

/// Fills `to` with the part of the graph that computes `output`, which gets the name `output_name`.
/// parameters: the numbers of graph.parameters(), one after the other. Throws std::logic_error when
/// an operator has no ONNX form.
void write_graph(onnx::GraphProto& to, const Graph& graph, Value output, const std::string& output_name,
                 std::span<const float> parameters, WeightPrecision precision);

/// The numbers of a parameter as the trainer orders them, from an initializer (float, float16, or
/// int8 with its `scales`) in any layout. Throws std::runtime_error with what does not fit.
void read_initializer(const onnx::TensorProto& from, WeightLayout layout, const Shape& shape, std::span<float> to,
                      const onnx::TensorProto* scales = nullptr);

/// Name of the initializer with the scales of an int8 one.
std::string scales_name(const std::string& initializer);

/// A tensor of floats, as channels first, that goes into or out of a graph.
void describe(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape);

/// Gives a result another name, wherever it is used.
void rename(onnx::GraphProto& graph, const std::string& from, const std::string& to);

/// The shape of a picture, [N, H, W, C] -> [N, C, H, W]; other ranks stay.
Shape channels_first(const Shape& shape);

}  // namespace florilegium
