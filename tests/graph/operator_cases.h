// The one list of operator test cases: every operator in the shapes that could go wrong. Gradients,
// backends against each other and speed all take their cases from here.
//
// To add a case: one line in operator_cases(). Everything the operator reads is made with
// case_parameter(), so that it is filled with random numbers and its gradient is checked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "trainer/graph/operators.h"

namespace florilegium {

struct OperatorCase {
  std::string name;
  std::function<Value(Graph&)> build;  ///< returns the operator's first output
};

inline Value case_parameter(Graph& graph, Shape shape) {
  return graph.parameter(std::string("p").append(std::to_string(graph.tensors.size())), std::move(shape), {.gain = 1});
}

inline std::vector<OperatorCase> operator_cases() {
  const auto p = case_parameter;
  return {
      {"conv2d 3x3",
       [=](Graph& g) {
         return conv2d(g, p(g, {2, 5, 6, 16}), p(g, {32, 3, 3, 16}), p(g, {32}));
       }},
      {"conv2d 1x1",
       [=](Graph& g) {
         return conv2d(g, p(g, {1, 4, 4, 16}), p(g, {16, 1, 1, 16}), p(g, {16}));
       }},
      {"conv2d 5x5, few channels",
       [=](Graph& g) {
         return conv2d(g, p(g, {2, 7, 7, 3}), p(g, {5, 5, 5, 3}), p(g, {5}));
       }},
      {"linear on tokens",
       [=](Graph& g) {
         return linear(g, p(g, {2, 5, 24}), p(g, {16, 24}), p(g, {16}));
       }},
      {"linear on a picture",
       [=](Graph& g) {
         return linear(g, p(g, {2, 3, 3, 12}), p(g, {7, 12}), p(g, {7}));
       }},
      {"linear on vectors",
       [=](Graph& g) {
         return linear(g, p(g, {3, 8}), p(g, {4, 8}), p(g, {4}));
       }},
      {"add",
       [=](Graph& g) {
         return add(g, p(g, {2, 3, 5}), p(g, {2, 3, 5}));
       }},
      {"add of one value to itself",
       [=](Graph& g) {
         const Value x = p(g, {2, 3});
         return add(g, x, x);
       }},
      {"add_positions",
       [=](Graph& g) {
         return add_positions(g, p(g, {3, 4, 5}), p(g, {4, 5}));
       }},
      {"silu",
       [=](Graph& g) {
         return silu(g, p(g, {4, 37}));
       }},
      {"group_norm",
       [=](Graph& g) {
         return group_norm(g, p(g, {2, 4, 5, 12}), p(g, {2, 24}), 3, false);
       }},
      {"group_norm with SiLU",
       [=](Graph& g) {
         return group_norm(g, p(g, {2, 9, 9, 32}), p(g, {2, 64}), 2, true);
       }},
      {"layer_norm",
       [=](Graph& g) {
         return layer_norm(g, p(g, {2, 9, 20}), p(g, {2, 40}));
       }},
      {"attention, one head",
       [=](Graph& g) {
         return attention(g, p(g, {1, 6, 24}), 1);
       }},
      {"attention, heads",
       [=](Graph& g) {
         return attention(g, p(g, {2, 9, 48}), 4);
       }},
      {"space_to_depth",
       [=](Graph& g) {
         return space_to_depth(g, p(g, {2, 6, 4, 3}), 2);
       }},
      {"depth_to_space",
       [=](Graph& g) {
         return depth_to_space(g, p(g, {2, 3, 2, 18}), 3);
       }},
      {"concat",
       [=](Graph& g) {
         return concat(g, p(g, {2, 3, 3, 4}), p(g, {2, 3, 3, 6}));
       }},
      {"neighbour_differences",
       [=](Graph& g) {
         return neighbour_differences(g, p(g, {2, 4, 5, 3}));
       }},
      {"to_tokens and to_grid",
       [=](Graph& g) {
         return to_grid(g, to_tokens(g, p(g, {2, 3, 3, 4})));
       }},
      {"a value used twice",
       [=](Graph& g) {
         const Value x = p(g, {2, 4, 4, 4});
         return concat(g, silu(g, x), add(g, x, silu(g, x)));
       }},
  };
}

}  // namespace florilegium
