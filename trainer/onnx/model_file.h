// A trained model as a file: an ONNX graph that any ONNX Runtime can run, with everything else that
// travels with the weights in its metadata. write_model and read_model are each other's reverse:
// training can go on from any model file.
//
// The graph: inputs x [1, 3, S, S], noise_level [1] and, when the network has one, hint [1, 4, S/8,
// S/8]; output denoised [1, 3, S, S]; all float32. Metadata: florilegium.version, image_size,
// noise, noise_scale, schedule, default_steps, default_sampler, title, trained_on, train_samples,
// held_out_loss, parameters, gflop_per_step, and florilegium.network (JSON of NetworkConfig).
// Numbers are written in the fewest digits that give the same number back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/diffusion/denoising.h"
#include "src/diffusion/noise.h"
#include "src/diffusion/schedule.h"
#include "trainer/network/denoiser.h"
#include "trainer/onnx/onnx_graph.h"

namespace florilegium {

struct ModelInfo {
  int version = 1;     ///< of this format
  int image_size = 0;  ///< S, pixels; write_model takes it from the network
  NoiseKind noise = NoiseKind::gaussian;
  double noise_scale = 1;  ///< standard deviation of pure noise, for pictures in [-1, 1]
  Schedule schedule;
  int default_steps = 20;
  Sampler default_sampler = Sampler::plain;  ///< also of files that do not name one
  std::string title, trained_on;
  std::int64_t train_samples = 0;  ///< pictures seen in training, repetitions counted
  double held_out_loss = 0;
  std::int64_t parameters = 0;  ///< write_model counts them
  double gflop_per_step = 0;    ///< 10^9 floating-point operations to denoise once; write_model counts them
  NetworkConfig network;
};

struct TrainedModel {
  ModelInfo info;
  /// In the order of Graph::parameters() of build_denoiser(info.network, batch 1, f32).
  std::vector<float> parameters;
};

/// Writes the model, durably (src/files/write_file.h). Throws std::runtime_error with a sentence
/// when the file cannot be written, and std::invalid_argument when the number of parameters is not
/// the network's.
void write_model(const std::filesystem::path& path, const TrainedModel& model, WeightPrecision precision);

/// Reads any model that write_model wrote. Throws std::runtime_error with a sentence that names the
/// file and what is wrong with it: missing, not ONNX, cut short, made by another program, metadata
/// missing or unreadable, weights that do not fit.
TrainedModel read_model(const std::filesystem::path& path);

/// The parameters of `from` for the same network at another image size: learned positions are
/// resized bilinearly on their square grid, all others stay. Detail layers that `from` does not
/// have start as in a new network, where they add nothing yet. Throws std::invalid_argument with a
/// sentence when the networks differ in more than that and the name.
std::vector<float> adapt_parameters(const TrainedModel& from, const NetworkConfig& to);

}  // namespace florilegium
