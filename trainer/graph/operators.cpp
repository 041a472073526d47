// The operators, one section each: shapes, gradient, ONNX. What they compute is said in
// operators.h.
#include "trainer/graph/operators.h"

#include <cmath>
#include <stdexcept>

namespace florilegium {
namespace {

using Tensors = std::vector<Tensor>;
using Given = std::span<const Tensor>;
using Values = std::vector<Value>;
using Gradients = std::span<const Value>;

Tensor result(Shape shape, Type type = Type::f32) { return {"", std::move(shape), type, Role::computed, {}}; }

void require(bool holds, const char* sentence) {
  if (!holds) throw std::invalid_argument(sentence);
}

void require_picture(const Tensor& x) { require(x.shape.size() == 4, "pictures are [N, H, W, C]."); }
void require_tokens(const Tensor& x) { require(x.shape.size() == 3, "tokens are [N, T, D]."); }

std::string reshape(OnnxEmitter& to, const std::string& x, const std::vector<std::int64_t>& shape) {
  return to.emit("Reshape", {x, to.constant(shape)});
}

std::string emit_silu(OnnxEmitter& to, const std::string& x) { return to.emit("Mul", {x, to.emit("Sigmoid", {x})}); }

/// normal * (1 + scale) + shift, where modulation [1, 2 C] holds scale and shift, spread over
/// `spread` ([1, C, 1, 1] or [1, 1, D]).
std::string emit_modulation(OnnxEmitter& to, const std::string& normal, const std::string& modulation,
                            std::int64_t channels, const std::vector<std::int64_t>& spread) {
  const auto part = [&](std::int64_t begin) {
    return reshape(
        to, to.emit("Slice", {modulation, to.constant({begin}), to.constant({begin + channels}), to.constant({1})}),
        spread);
  };
  const std::string scale = to.emit("Add", {part(0), to.constant(std::vector<float>{1.0f}, {1})});
  return to.emit("Add", {to.emit("Mul", {normal, scale}), part(channels)});
}

double rows(const Shape& shape) { return static_cast<double>(elements(shape)) / static_cast<double>(shape.back()); }

// ---- conv2d -------------------------------------------------------------------------------------

const Operator conv2d_input_gradient{.name = "conv2d_input_gradient",  // d_y [N, H, W, O], weight -> d_x [N, H, W, C]
                                     .infer = [](Given in, const Attributes&) -> Tensors {
                                       Shape shape = in[0].shape;
                                       shape[3] = in[1].shape[3];
                                       return {result(shape, in[0].type)};
                                     }};

const Operator conv2d_weight_gradient{
    .name = "conv2d_weight_gradient",  // x, d_y -> d_weight [O, k, k, C], d_bias [O], both f32
    .infer = [](Given in, const Attributes& at) -> Tensors {
      const std::int64_t out = in[1].shape[3];
      return {result({out, at.kernel, at.kernel, in[0].shape[3]}), result({out})};
    }};

const Operator conv2d_operator{
    .name = "conv2d",
    .infer = [](Given in, const Attributes& at) -> Tensors {
      require_picture(in[0]);
      require(
          in[1].shape.size() == 4 && in[1].shape[1] == at.kernel && in[1].shape[2] == at.kernel && at.kernel % 2 == 1,
          "the weight is [O, k, k, C] with an odd k.");
      require(in[1].shape[3] == in[0].shape[3], "picture and weight differ in their channels.");
      require(in[2].shape == Shape{in[1].shape[0]}, "the bias is [O].");
      return {result({in[0].shape[0], in[0].shape[1], in[0].shape[2], in[1].shape[0]}, in[0].type)};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      const Value d_x = graph.add(conv2d_input_gradient, {d[0], node.in[1]}, node.attributes)[0];
      const Values d_parameters = graph.add(conv2d_weight_gradient, {node.in[0], d[0]}, node.attributes);
      return {d_x, d_parameters[0], d_parameters[1]};
    },
    .onnx =
        [](OnnxEmitter& to, const Graph&, const Node& node) {
          const std::int64_t k = node.attributes.kernel, pad = k / 2;
          return to.emit("Conv",
                         {to.name(node.in[0]), to.weight(node.in[1], WeightLayout::convolution),
                          to.weight(node.in[2], WeightLayout::as_is)},
                         {{"kernel_shape", std::vector<std::int64_t>{k, k}},
                          {"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}});
        },
    .operations =
        [](const Graph& graph, const Node& node) {
          return 2.0 * rows(graph.shape(node.out[0])) * static_cast<double>(elements(graph.shape(node.in[1])));
        }};

// ---- linear -------------------------------------------------------------------------------------

const Operator linear_input_gradient{.name = "linear_input_gradient",  // d_y [..., O], weight -> d_x [..., D]
                                     .infer = [](Given in, const Attributes&) -> Tensors {
                                       Shape shape = in[0].shape;
                                       shape.back() = in[1].shape[1];
                                       return {result(shape, in[0].type)};
                                     }};

const Operator linear_weight_gradient{
    .name = "linear_weight_gradient",  // x, d_y -> d_weight [O, D], d_bias [O], both f32
    .infer = [](Given in, const Attributes&) -> Tensors {
      return {result({in[1].shape.back(), in[0].shape.back()}), result({in[1].shape.back()})};
    }};

const Operator linear_operator{
    .name = "linear",
    .infer = [](Given in, const Attributes&) -> Tensors {
      require(!in[0].shape.empty() && in[1].shape.size() == 2, "the weight is [O, D].");
      require(in[1].shape[1] == in[0].shape.back(), "input and weight differ in their width.");
      require(in[2].shape == Shape{in[1].shape[0]}, "the bias is [O].");
      Shape shape = in[0].shape;
      shape.back() = in[1].shape[0];
      return {result(shape, in[0].type)};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      const Value d_x = graph.add(linear_input_gradient, {d[0], node.in[1]})[0];
      const Values d_parameters = graph.add(linear_weight_gradient, {node.in[0], d[0]});
      return {d_x, d_parameters[0], d_parameters[1]};
    },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          const std::string bias = to.weight(node.in[2], WeightLayout::as_is);
          if (graph.shape(node.in[0]).size() == 4)
            return to.emit("Conv", {to.name(node.in[0]), to.weight(node.in[1], WeightLayout::convolution), bias},
                           {{"kernel_shape", std::vector<std::int64_t>{1, 1}}});
          return to.emit(
              "Add", {to.emit("MatMul", {to.name(node.in[0]), to.weight(node.in[1], WeightLayout::transposed)}), bias});
        },
    .operations =
        [](const Graph& graph, const Node& node) {
          return 2.0 * rows(graph.shape(node.out[0])) * static_cast<double>(elements(graph.shape(node.in[1])));
        }};

// ---- add ----------------------------------------------------------------------------------------

const Operator add_operator{.name = "add",
                            .infer = [](Given in, const Attributes&) -> Tensors {
                              require(in[0].shape == in[1].shape && in[0].type == in[1].type,
                                      "both are to have the same shape and type.");
                              return {result(in[0].shape, in[0].type)};
                            },
                            .gradient = [](Graph&, const Node&, Gradients d) -> Values {
                              return {d[0], d[0]};
                            },
                            .onnx =
                                [](OnnxEmitter& to, const Graph&, const Node& node) {
                                  return to.emit("Add", {to.name(node.in[0]), to.name(node.in[1])});
                                },
                            .in_place = true};

// ---- add_positions ------------------------------------------------------------------------------

const Operator sum_over_pictures{.name = "sum_over_pictures",  // d_y [N, T, D] -> [T, D] f32
                                 .infer = [](Given in, const Attributes&) -> Tensors {
                                   return {result({in[0].shape[1], in[0].shape[2]})};
                                 }};

const Operator add_positions_operator{
    .name = "add_positions",
    .infer = [](Given in, const Attributes&) -> Tensors {
      require_tokens(in[0]);
      require(in[1].shape == Shape({in[0].shape[1], in[0].shape[2]}), "the positions are [T, D].");
      return {result(in[0].shape, in[0].type)};
    },
    .gradient = [](Graph& graph, const Node&, Gradients d) -> Values {
      return {d[0], graph.add(sum_over_pictures, {d[0]})[0]};
    },
    .onnx =
        [](OnnxEmitter& to, const Graph&, const Node& node) {
          return to.emit("Add", {to.name(node.in[0]), to.weight(node.in[1], WeightLayout::as_is)});
        },
    .in_place = true};

// ---- silu ---------------------------------------------------------------------------------------

const Operator silu_gradient{
    .name = "silu_gradient",  // d_y, x -> d_x
    .infer = [](Given in, const Attributes&) -> Tensors { return {result(in[0].shape, in[0].type)}; },
    .in_place = true};

const Operator silu_operator{
    .name = "silu",
    .infer = [](Given in, const Attributes&) -> Tensors { return {result(in[0].shape, in[0].type)}; },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return graph.add(silu_gradient, {d[0], node.in[0]});
    },
    .onnx = [](OnnxEmitter& to, const Graph&, const Node& node) { return emit_silu(to, to.name(node.in[0])); },
    .in_place = true};

// ---- group_norm ---------------------------------------------------------------------------------

const Operator group_norm_gradient{
    .name = "group_norm_gradient",  // d_y, x, modulation, statistics -> d_x, d_modulation [N, 2 C] f32
    .infer = [](Given in, const Attributes&) -> Tensors {
      return {result(in[1].shape, in[1].type), result(in[2].shape)};
    }};

const Operator group_norm_operator{
    .name = "group_norm",  // second output: statistics [N, groups, 2] f32, mean and 1 / standard deviation
    .infer = [](Given in, const Attributes& at) -> Tensors {
      require_picture(in[0]);
      require(at.groups > 0 && in[0].shape[3] % at.groups == 0, "the channels do not divide into the groups.");
      require(in[1].shape == Shape({in[0].shape[0], 2 * in[0].shape[3]}) && in[1].type == Type::f32,
              "the modulation is [N, 2 C] in f32.");
      return {result(in[0].shape, in[0].type), result({in[0].shape[0], at.groups, 2})};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return graph.add(group_norm_gradient, {d[0], node.in[0], node.in[1], node.out[1]}, node.attributes);
    },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          const Shape& s = graph.shape(node.in[0]);
          const std::int64_t groups = node.attributes.groups;
          const std::vector<float> ones(static_cast<std::size_t>(groups), 1.0f),
              zeros(static_cast<std::size_t>(groups), 0.0f);
          std::string x = reshape(to, to.name(node.in[0]), {1, groups, s[3] / groups * s[1] * s[2]});
          x = to.emit("InstanceNormalization", {x, to.constant(ones, {groups}), to.constant(zeros, {groups})},
                      {{"epsilon", norm_epsilon}});
          x = reshape(to, x, {1, s[3], s[1], s[2]});
          x = emit_modulation(to, x, to.name(node.in[1]), s[3], {1, s[3], 1, 1});
          return node.attributes.activate ? emit_silu(to, x) : x;
        }};

// ---- layer_norm ---------------------------------------------------------------------------------

const Operator layer_norm_gradient{
    .name = "layer_norm_gradient",  // d_y, x, modulation, statistics -> d_x, d_modulation [N, 2 D] f32
    .infer = [](Given in, const Attributes&) -> Tensors {
      return {result(in[1].shape, in[1].type), result(in[2].shape)};
    }};

const Operator layer_norm_operator{
    .name = "layer_norm",  // second output: statistics [N, T, 2] f32, mean and 1 / standard deviation
    .infer = [](Given in, const Attributes&) -> Tensors {
      require_tokens(in[0]);
      require(in[1].shape == Shape({in[0].shape[0], 2 * in[0].shape[2]}) && in[1].type == Type::f32,
              "the modulation is [N, 2 D] in f32.");
      return {result(in[0].shape, in[0].type), result({in[0].shape[0], in[0].shape[1], 2})};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return graph.add(layer_norm_gradient, {d[0], node.in[0], node.in[1], node.out[1]});
    },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          const std::int64_t width = graph.shape(node.in[0])[2];
          const std::vector<float> ones(static_cast<std::size_t>(width), 1.0f);
          const std::string normal = to.emit("LayerNormalization", {to.name(node.in[0]), to.constant(ones, {width})},
                                             {{"axis", std::int64_t{-1}}, {"epsilon", norm_epsilon}});
          return emit_modulation(to, normal, to.name(node.in[1]), width, {1, 1, width});
        }};

// ---- attention ----------------------------------------------------------------------------------

const Operator attention_gradient{
    .name = "attention_gradient",  // d_y, qkv, probabilities -> d_qkv
    .infer = [](Given in, const Attributes&) -> Tensors { return {result(in[1].shape, in[1].type)}; }};

const Operator attention_operator{
    .name = "attention",  // second output: probabilities [N, heads, T, T], how much each token looks at each
    .infer = [](Given in, const Attributes& at) -> Tensors {
      require_tokens(in[0]);
      require(at.heads > 0 && in[0].shape[2] % (3 * at.heads) == 0, "3 D does not divide into the heads.");
      const std::int64_t n = in[0].shape[0], t = in[0].shape[1];
      return {result({n, t, in[0].shape[2] / 3}, in[0].type), result({n, at.heads, t, t}, in[0].type)};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return graph.add(attention_gradient, {d[0], node.in[0], node.out[1]}, node.attributes);
    },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          // Written out: com.microsoft MultiHeadAttention is no faster as WASM, and wrong on some
          // WebGPU devices (ONNX Runtime 1.30).
          const Shape& shape = graph.shape(node.out[0]);
          const std::int64_t tokens = shape[1], heads = node.attributes.heads, head_width = shape[2] / heads;
          const std::string qkv =
              to.emit("Transpose", {reshape(to, to.name(node.in[0]), {tokens, 3, heads, head_width})},
                      {{"perm", std::vector<std::int64_t>{1, 2, 0, 3}}});
          const auto part = [&](std::int64_t i) {
            return to.emit("Slice", {qkv, to.constant({i}), to.constant({i + 1}), to.constant({0})});
          };
          const std::string scale =
              to.constant(std::vector<float>{1.0f / std::sqrt(static_cast<float>(head_width))}, {1});
          const std::string keys = to.emit("Transpose", {part(1)}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
          const std::string scores = to.emit("MatMul", {to.emit("Mul", {part(0), scale}), keys});
          const std::string mixed =
              to.emit("MatMul", {to.emit("Softmax", {scores}, {{"axis", std::int64_t{-1}}}), part(2)});
          return reshape(to, to.emit("Transpose", {mixed}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}}),
                         {1, tokens, shape[2]});
        },
    .operations =
        [](const Graph& graph, const Node& node) {
          return 4.0 * rows(graph.shape(node.out[0])) *
                 static_cast<double>(graph.shape(node.out[0])[1] * graph.shape(node.out[0])[2]);
        }};

// ---- space_to_depth, depth_to_space -------------------------------------------------------------

Tensors infer_space_to_depth(Given in, const Attributes& at) {
  require_picture(in[0]);
  const Shape& s = in[0].shape;
  require(at.block > 0 && s[1] % at.block == 0 && s[2] % at.block == 0, "the sides do not divide into the blocks.");
  return {result({s[0], s[1] / at.block, s[2] / at.block, s[3] * at.block * at.block}, in[0].type)};
}

Tensors infer_depth_to_space(Given in, const Attributes& at) {
  require_picture(in[0]);
  const Shape& s = in[0].shape;
  require(at.block > 0 && s[3] % (at.block * at.block) == 0, "the channels do not divide into the blocks.");
  return {result({s[0], s[1] * at.block, s[2] * at.block, s[3] / (at.block * at.block)}, in[0].type)};
}

const Operator space_to_depth_operator{
    .name = "space_to_depth",
    .infer = infer_space_to_depth,
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return {depth_to_space(graph, d[0], node.attributes.block)};
    },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          // SpaceToDepth written out: the WebGPU provider has none, and would send the picture to
          // the CPU and back.
          const Shape& s = graph.shape(node.in[0]);
          const std::int64_t b = node.attributes.block;
          const std::string blocks =
              to.emit("Transpose", {reshape(to, to.name(node.in[0]), {s[3], s[1] / b, b, s[2] / b, b})},
                      {{"perm", std::vector<std::int64_t>{2, 4, 0, 1, 3}}});
          return reshape(to, blocks, {1, s[3] * b * b, s[1] / b, s[2] / b});
        }};

const Operator depth_to_space_operator{
    .name = "depth_to_space",
    .infer = infer_depth_to_space,
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return {space_to_depth(graph, d[0], node.attributes.block)};
    },
    .onnx =
        [](OnnxEmitter& to, const Graph&, const Node& node) {
          return to.emit("DepthToSpace", {to.name(node.in[0])},
                         {{"blocksize", std::int64_t{node.attributes.block}}, {"mode", std::string("DCR")}});
        }};

// ---- concat -------------------------------------------------------------------------------------

const Operator concat_gradient{.name = "concat_gradient",  // d_y, a, b -> d_a, d_b
                               .infer = [](Given in, const Attributes&) -> Tensors {
                                 return {result(in[1].shape, in[1].type), result(in[2].shape, in[2].type)};
                               }};

const Operator concat_operator{
    .name = "concat",
    .infer = [](Given in, const Attributes&) -> Tensors {
      require_picture(in[0]);
      require_picture(in[1]);
      for (std::size_t axis = 0; axis < 3; ++axis)
        require(in[0].shape[axis] == in[1].shape[axis], "only the channels may differ.");
      require(in[0].type == in[1].type, "both are to have the same type.");
      Shape shape = in[0].shape;
      shape[3] += in[1].shape[3];
      return {result(shape, in[0].type)};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return graph.add(concat_gradient, {d[0], node.in[0], node.in[1]});
    },
    .onnx =
        [](OnnxEmitter& to, const Graph&, const Node& node) {
          return to.emit("Concat", {to.name(node.in[0]), to.name(node.in[1])}, {{"axis", std::int64_t{1}}});
        }};

// ---- neighbour_differences ----------------------------------------------------------------------

const Operator neighbour_differences_gradient{.name = "neighbour_differences_gradient",  // d_y -> d_x
                                              .infer = [](Given in, const Attributes&) -> Tensors {
                                                Shape shape = in[0].shape;
                                                shape[3] /= 2;
                                                return {result(shape, in[0].type)};
                                              }};

const Operator neighbour_differences_operator{.name = "neighbour_differences",
                                              .infer = [](Given in, const Attributes&) -> Tensors {
                                                require_picture(in[0]);
                                                Shape shape = in[0].shape;
                                                shape[3] *= 2;
                                                return {result(shape, in[0].type)};
                                              },
                                              .gradient = [](Graph& graph, const Node&, Gradients d) -> Values {
                                                return graph.add(neighbour_differences_gradient, {d[0]});
                                              }};

// ---- to_tokens, to_grid -------------------------------------------------------------------------

Tensors infer_to_tokens(Given in, const Attributes&) {
  require_picture(in[0]);
  const Shape& s = in[0].shape;
  return {result({s[0], s[1] * s[2], s[3]}, in[0].type)};
}

Tensors infer_to_grid(Given in, const Attributes&) {
  require_tokens(in[0]);
  const Shape& s = in[0].shape;
  const std::int64_t side = std::lround(std::sqrt(static_cast<double>(s[1])));
  require(side * side == s[1], "the tokens do not fill a square.");
  return {result({s[0], side, side, s[2]}, in[0].type)};
}

const Operator to_tokens_operator{
    .name = "to_tokens",
    .infer = infer_to_tokens,
    .gradient = [](Graph& graph, const Node&, Gradients d) -> Values { return {to_grid(graph, d[0])}; },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          const Shape& s = graph.shape(node.out[0]);
          return to.emit("Transpose", {reshape(to, to.name(node.in[0]), {1, s[2], s[1]})},
                         {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
        },
    .view = true};

const Operator to_grid_operator{
    .name = "to_grid",
    .infer = infer_to_grid,
    .gradient = [](Graph& graph, const Node&, Gradients d) -> Values { return {to_tokens(graph, d[0])}; },
    .onnx =
        [](OnnxEmitter& to, const Graph& graph, const Node& node) {
          const Shape& s = graph.shape(node.out[0]);
          const std::string swapped =
              to.emit("Transpose", {to.name(node.in[0])}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
          return reshape(to, swapped, {1, s[3], s[1], s[2]});
        },
    .view = true};

// ---- cast ---------------------------------------------------------------------------------------

const Operator cast_operator{
    .name = "cast",
    .infer = [](Given in, const Attributes& at) -> Tensors { return {result(in[0].shape, at.type)}; },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      return {cast(graph, d[0], graph[node.in[0]].type)};
    },
    .onnx = [](OnnxEmitter& to, const Graph&, const Node& node) { return to.name(node.in[0]); }};

// ---- noise_features -----------------------------------------------------------------------------

const Operator noise_features_operator{
    .name = "noise_features",
    .infer = [](Given in, const Attributes& at) -> Tensors {
      require(in[0].shape.size() == 1 && in[0].type == Type::f32, "noise levels are [N] in f32.");
      require(at.groups > 0 && at.groups % 2 == 0, "the number of features is even.");
      return {result({in[0].shape[0], at.groups})};
    },
    .onnx =
        [](OnnxEmitter& to, const Graph&, const Node& node) {
          const int features = node.attributes.groups;
          std::vector<float> frequencies;
          for (int i = 0; i < features / 2; ++i)
            frequencies.push_back(static_cast<float>(noise_frequency(i, features)));
          const std::string level = to.emit("Reshape", {to.name(node.in[0]), to.constant({1, 1})});
          // Whole turns are taken off first: cosine and sine on a GPU are only good near zero.
          const std::string turns = to.emit("Mul", {level, to.constant(frequencies, {1, features / 2})});
          const std::string whole =
              to.emit("Floor", {to.emit("Add", {turns, to.constant(std::vector<float>{0.5f}, {1})})});
          const std::string phase =
              to.emit("Mul", {to.emit("Sub", {turns, whole}), to.constant(std::vector<float>{6.2831853f}, {1})});
          return to.emit("Concat", {to.emit("Cos", {phase}), to.emit("Sin", {phase})}, {{"axis", std::int64_t{1}}});
        }};

// ---- weighted_squared_error ---------------------------------------------------------------------

const Operator weighted_squared_error_gradient{
    .name = "weighted_squared_error_gradient",  // d_loss [1], prediction, target, weight -> d_prediction
    .infer = [](Given in, const Attributes&) -> Tensors { return {result(in[1].shape)}; }};

const Operator weighted_squared_error_operator{
    .name = "weighted_squared_error",
    .infer = [](Given in, const Attributes&) -> Tensors {
      require(in[0].shape == in[1].shape && in[0].type == Type::f32 && in[1].type == Type::f32,
              "prediction and target have one shape, in f32.");
      require(in[2].shape == Shape{in[0].shape[0]}, "the weights are [N].");
      return {result({1}), result({in[0].shape[0]})};
    },
    .gradient = [](Graph& graph, const Node& node, Gradients d) -> Values {
      const Values made = graph.add(weighted_squared_error_gradient, {d[0], node.in[0], node.in[1], node.in[2]});
      return {made[0], Value{}, Value{}};
    }};

constexpr const Operator* operators[] = {&conv2d_operator,
                                         &conv2d_input_gradient,
                                         &conv2d_weight_gradient,
                                         &linear_operator,
                                         &linear_input_gradient,
                                         &linear_weight_gradient,
                                         &add_operator,
                                         &add_positions_operator,
                                         &sum_over_pictures,
                                         &silu_operator,
                                         &silu_gradient,
                                         &group_norm_operator,
                                         &group_norm_gradient,
                                         &layer_norm_operator,
                                         &layer_norm_gradient,
                                         &attention_operator,
                                         &attention_gradient,
                                         &space_to_depth_operator,
                                         &depth_to_space_operator,
                                         &concat_operator,
                                         &concat_gradient,
                                         &neighbour_differences_operator,
                                         &neighbour_differences_gradient,
                                         &to_tokens_operator,
                                         &to_grid_operator,
                                         &cast_operator,
                                         &noise_features_operator,
                                         &weighted_squared_error_operator,
                                         &weighted_squared_error_gradient};

}  // namespace

Value conv2d(Graph& graph, Value x, Value weight, Value bias) {
  const Shape& shape = graph.shape(weight);
  return graph.add(conv2d_operator, {x, weight, bias},
                   {.kernel = shape.size() == 4 ? static_cast<int>(shape[1]) : 0})[0];
}
Value linear(Graph& graph, Value x, Value weight, Value bias) {
  return graph.add(linear_operator, {x, weight, bias})[0];
}
Value add(Graph& graph, Value a, Value b) { return graph.add(add_operator, {a, b})[0]; }
Value add_positions(Graph& graph, Value x, Value positions) {
  return graph.add(add_positions_operator, {x, positions})[0];
}
Value silu(Graph& graph, Value x) { return graph.add(silu_operator, {x})[0]; }
Value group_norm(Graph& graph, Value x, Value modulation, int groups, bool activate) {
  return graph.add(group_norm_operator, {x, modulation}, {.groups = groups, .activate = activate})[0];
}
Value layer_norm(Graph& graph, Value x, Value modulation) { return graph.add(layer_norm_operator, {x, modulation})[0]; }
Value attention(Graph& graph, Value qkv, int heads) {
  return graph.add(attention_operator, {qkv}, {.heads = heads})[0];
}
Value space_to_depth(Graph& graph, Value x, int block) {
  return graph.add(space_to_depth_operator, {x}, {.block = block})[0];
}
Value depth_to_space(Graph& graph, Value x, int block) {
  return graph.add(depth_to_space_operator, {x}, {.block = block})[0];
}
Value concat(Graph& graph, Value a, Value b) { return graph.add(concat_operator, {a, b})[0]; }
Value neighbour_differences(Graph& graph, Value x) { return graph.add(neighbour_differences_operator, {x})[0]; }
Value to_tokens(Graph& graph, Value x) { return graph.add(to_tokens_operator, {x})[0]; }
Value to_grid(Graph& graph, Value x) { return graph.add(to_grid_operator, {x})[0]; }
Value cast(Graph& graph, Value x, Type type) {
  return graph[x].type == type ? x : graph.add(cast_operator, {x}, {.type = type})[0];
}
Value noise_features(Graph& graph, Value level, int features) {
  return graph.add(noise_features_operator, {level}, {.groups = features})[0];
}
Loss weighted_squared_error(Graph& graph, Value prediction, Value target, Value weight) {
  const auto out = graph.add(weighted_squared_error_operator, {prediction, target, weight});
  return {out[0], out[1]};
}

double noise_frequency(int i, int features) {
  return 0.25 * std::pow(256.0, features > 2 ? static_cast<double>(i) / (features / 2 - 1) : 0.0);
}

std::span<const Operator* const> all_operators() { return operators; }

double operations(const Graph& graph) {
  double total = 0;
  for (const Node& node : graph.nodes)
    if (node.op->operations) total += node.op->operations(graph, node);
  return total;
}

}  // namespace florilegium
