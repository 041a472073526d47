// The encoder: a fixed network that says in 64 numbers what a picture is like, so that sets of
// pictures can be compared by more than colours and lines (features.h).
//
// It was trained once (encoder_training.h) and is kept in a file, models/judge.onnx, beside the
// models: distances are only comparable when they were measured in the same features. A pyramid
// without normalisation, which would take contrast and tint away: blocks of 4 x 4 pixels become
// channels, each grid has a residual block of two 3x3 convolutions, and the grids halve until one
// cell is left that has seen all of the picture and where everything lies.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/image/picture.h"
#include "trainer/backend/backend.h"
#include "trainer/graph/graph.h"

namespace florilegium {

constexpr int encoder_side = 128;     ///< of the pictures that it looks at, pixels
constexpr int encoder_features = 64;  ///< D

/// Adds the network to a graph. picture: [N, 128, 128, 3] f32 in [-1, 1]; gives [N, 1, 1, D] f32.
/// compute: the type of the activations in between.
Value build_encoder(Graph& graph, Value picture, Type compute);

struct Encoder {
  std::string trained_on;
  std::int64_t train_samples = 0;  ///< views seen in training, repetitions counted
  /// In the order of Graph::parameters() of a graph with the encoder alone.
  std::vector<float> parameters;
};

/// As ONNX, opset 17: input `picture` float32 [1, 3, 128, 128], output `features` float32 [1, D,
/// 1, 1] (over the training views each of mean 0 and variance 1); weights as halves. Durable
/// (src/files/write_file.h). Throws std::runtime_error with a sentence when it cannot be written.
void write_encoder(const std::filesystem::path& path, const Encoder& encoder);
/// Throws std::runtime_error with a sentence that names the file and what is wrong with it.
Encoder read_encoder(const std::filesystem::path& path);

/// What is measured of one picture.
using Features = std::vector<float>;  // D numbers

/// Of each picture, in f32 whatever the backend prefers, so that machines agree. Of pictures that
/// are no squares, the middle; reduced or enlarged to 128 x 128 pixels. report(done): the share of
/// them that is done.
std::vector<Features> features_of(
    Backend& backend, const Encoder& encoder, std::span<const Picture> pictures,
    const std::function<void(double)>& report = [](double) {});

}  // namespace florilegium
