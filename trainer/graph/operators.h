// The operators: what each computes, its shapes, its gradient and its ONNX form, all in
// operators.cpp, one section each.
//
// To add one:
//   1. here: a declaration and a builder; in operators.cpp: a section with infer, gradient, onnx;
//   2. one kernel a backend (trainer/backend/cpu/kernels_*.cpp, registered by name);
//   3. one line in tests/graph/operator_cases.h: its gradient is then checked against finite
//   differences.
//
// Operators with `_gradient` in their name only appear when a graph is differentiated; they have no
// gradient and no ONNX form.
#pragma once

#include "trainer/graph/graph.h"
#include "trainer/graph/onnx_emitter.h"

namespace florilegium {

struct Operator {
  const char* name;
  /// Shapes and types of the outputs; throws std::invalid_argument with what is wrong.
  std::vector<Tensor> (*infer)(std::span<const Tensor> in, const Attributes& attributes);
  /// Appends nodes for d loss / d in given d loss / d out; an absent Value where there is none.
  /// Null: not differentiable.
  std::vector<Value> (*gradient)(Graph& graph, const Node& node, std::span<const Value> d_out) = nullptr;
  /// Writes the node down and returns the ONNX name of out[0]. Null: has no ONNX form.
  std::string (*onnx)(OnnxEmitter& to, const Graph& graph, const Node& node) = nullptr;
  /// out[0] is the same memory as in[0] under another shape.
  bool view = false;
  /// out[0] may take over the memory of in[0] when nobody needs that any more.
  bool in_place = false;
  /// Multiplications and additions, counted as two operations each, in units of one; null: not
  /// counted.
  double (*operations)(const Graph& graph, const Node& node) = nullptr;
};

/// Same-size convolution, stride 1, zero padding. x [N, H, W, C], weight [O, k, k, C], bias [O] ->
/// [N, H, W, O].
Value conv2d(Graph& graph, Value x, Value weight, Value bias);
/// y = x weight^T + bias over the last axis. x [..., D], weight [O, D], bias [O] -> [..., O].
Value linear(Graph& graph, Value x, Value weight, Value bias);
/// a + b, same shape.
Value add(Graph& graph, Value a, Value b);
/// x [N, T, D] + positions [T, D], positions stored in f32.
Value add_positions(Graph& graph, Value x, Value positions);
/// x times sigmoid(x).
Value silu(Graph& graph, Value x);
/// Group normalisation (Wu & He 2018) over H, W and the channels of a group, then y = normal * (1 +
/// scale) + shift, then SiLU when `activate`. x [N, H, W, C]; modulation [N, 2 C] f32: scale, then
/// shift -> [N, H, W, C].
Value group_norm(Graph& graph, Value x, Value modulation, int groups, bool activate);
/// Layer normalisation (Ba et al. 2016) of every token, then y = normal * (1 + scale) + shift.
/// x [N, T, D]; modulation [N, 2 D] f32: scale, then shift -> [N, T, D].
Value layer_norm(Graph& graph, Value x, Value modulation);
/// Multi-head self-attention (Vaswani et al. 2017). qkv [N, T, 3 D]: queries, keys, values, each
/// [heads, D / heads] -> [N, T, D].
Value attention(Graph& graph, Value qkv, int heads);
/// Pixel blocks become channels: [N, H, W, C] -> [N, H/b, W/b, b b C]; channel (row * b + column) *
/// C + c, as in ONNX.
Value space_to_depth(Graph& graph, Value x, int block);
/// The reverse: [N, H, W, b b C] -> [N, H b, W b, C].
Value depth_to_space(Graph& graph, Value x, int block);
/// Channels of a, then channels of b: [N, H, W, A], [N, H, W, B] -> [N, H, W, A + B].
Value concat(Graph& graph, Value a, Value b);
/// [N, H, W, C] -> [N, H W, C], the same memory.
Value to_tokens(Graph& graph, Value x);
/// [N, T, D] -> [N, side, side, D] with side * side = T, the same memory.
Value to_grid(Graph& graph, Value x);
/// How much brighter the neighbours are: [N, H, W, C] -> [N, H, W, 2 C], right minus here, then
/// below minus here; 0 where there is no neighbour.
Value neighbour_differences(Graph& graph, Value x);
/// Changes the number type; the gradient comes back in the type of x.
Value cast(Graph& graph, Value x, Type type);
/// Fourier features of noise levels: level [N] -> [N, F]; with phase = 2 pi f level and F / 2
/// frequencies f from 1/4 to 64, geometrically spaced: cosines, then sines. Not differentiable.
Value noise_features(Graph& graph, Value level, int features);
/// sum over n of weight[n] * mean over everything else of (prediction - target)^2, divided by N.
/// prediction, target [N, ...] f32, weight [N]. out: {loss [1], mean squared error of each picture
/// [N]}.
struct Loss {
  Value loss, squared_error;
};
Loss weighted_squared_error(Graph& graph, Value prediction, Value target, Value weight);

/// Frequency number i of noise_features with the given number of features.
double noise_frequency(int i, int features);

/// Epsilon under the root of both normalisations.
inline constexpr float norm_epsilon = 1e-5f;

/// All operators, for tables and tests.
std::span<const Operator* const> all_operators();

/// Floating-point operations of the counted nodes (a multiplication and an addition are two).
double operations(const Graph& graph);

}  // namespace florilegium
