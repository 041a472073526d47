// What an operator may ask of the ONNX writer when it writes itself down. In ONNX pictures are [N,
// C, H, W] (channels first).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "trainer/graph/graph.h"

namespace florilegium {

using OnnxAttribute = std::pair<std::string, std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>>;

/// How a parameter's numbers are laid out in the file.
enum class WeightLayout : std::uint8_t {
  as_is,
  transposed,   ///< [O, D] -> [D, O], for MatMul
  convolution,  ///< [O, k, k, C] -> [O, C, k, k], and [O, D] -> [O, D, 1, 1]
};

class OnnxEmitter {
 public:
  virtual ~OnnxEmitter() = default;
  /// ONNX name of an input or of something already emitted.
  virtual std::string name(Value value) = 0;
  /// A parameter as an initializer (written once per layout).
  virtual std::string weight(Value parameter, WeightLayout layout) = 0;
  virtual std::string constant(const std::vector<std::int64_t>& values) = 0;               ///< int64, rank 1
  virtual std::string constant(const std::vector<float>& values, const Shape& shape) = 0;  ///< float
  /// Appends a node with one output and returns that output's name.
  virtual std::string emit(const std::string& type, const std::vector<std::string>& inputs,
                           const std::vector<OnnxAttribute>& attributes = {}, const std::string& domain = "") = 0;
};

}  // namespace florilegium
