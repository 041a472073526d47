// A trained model as a file: an ONNX graph that any ONNX Runtime can run, with everything else that
// travels with the weights in its metadata. write_model and read_model are each other's reverse:
// training can go on from any model file.
//
// The graph: inputs x [1, 3, S, S], noise_level [1] and, when the network has them, hint [1, 4,
// S/8, S/8] and view [1]; output denoised [1, 3, S, S]; all float32. A ladder is an If on the noise
// level: above it the picture is averaged, denoised by the coarser network (guided, where it has a
// guide) and enlarged. Metadata:
// florilegium.version, image_size, noise, noise_scale, schedule, default_steps, default_sampler,
// title, trained_on, train_samples, held_out_loss, parameters, gflop_per_step (of each network,
// coarsest first), and florilegium.network (JSON of NetworkConfig), florilegium.ladder (JSON, of
// ladders only). Numbers are written in the fewest digits that give the same number back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
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

/// A worse network for the same question, smaller and trained for less long: what it gets wrong the
/// better one gets wrong too, only less so. So the prediction is taken away from its: denoised +
/// weight * (apart - mean of apart over the picture), where apart = denoised - the guide's
/// (autoguidance; Karras et al. 2024). Without the means, one for each colour, the sheets' tints
/// would be driven to extremes. Where both agree, as on the average picture at a noise level of 1,
/// it changes nothing.
struct Guide {
  NetworkConfig network;  ///< of the same image size; its hint and view, where it takes them, are the same
  double weight = 1;      ///< above 0; the larger, the firmer the plan and the less of it differs
  std::int64_t train_samples = 0;
  double held_out_loss = 0;
  std::vector<float> parameters;  ///< as TrainedModel::parameters, of its own network
};

/// A network of a ladder beside the finest one. It sees the picture averaged over blocks, and its
/// prediction is enlarged; it is asked at noise levels above its own lowest one.
struct CoarserNetwork {
  NetworkConfig network;    ///< of the averages: image_size is the whole picture's / averaged
  int averaged = 8;         ///< b: it sees means over b x b pixels
  double from_level = 0.6;  ///< in (0, 1)
  std::int64_t train_samples = 0;
  double held_out_loss = 0;
  double gflop_per_step = 0;      ///< write_model counts them, the guide's too
  std::vector<float> parameters;  ///< as TrainedModel::parameters, of its own network
  std::optional<Guide> guide{};
};

/// One network, or a ladder of several: `coarser`, from the coarsest on, each asked above its
/// from_level, and the network of `info` below them all. One file holds them, and whoever runs it
/// need not know.
struct TrainedModel {
  ModelInfo info;
  /// In the order of Graph::parameters() of build_denoiser(info.network, batch 1, f32).
  std::vector<float> parameters;
  std::vector<CoarserNetwork> coarser{};

  /// The network that takes the hint, with its cells in pixels of the whole picture; nullopt: none
  /// does.
  std::optional<int> hint_cell() const;
  bool takes_view() const;
};

/// Writes the model, durably (src/files/write_file.h). Throws std::runtime_error with a sentence
/// when the file cannot be written, and std::invalid_argument when the number of parameters is not
/// the network's.
void write_model(const std::filesystem::path& path, const TrainedModel& model, WeightPrecision precision);

/// Reads any model that write_model wrote. Throws std::runtime_error with a sentence that names the
/// file and what is wrong with it: missing, not ONNX, cut short, made by another program, metadata
/// missing or unreadable, weights that do not fit.
TrainedModel read_model(const std::filesystem::path& path);

/// Throws std::invalid_argument with a sentence when the networks do not make up a ladder: sizes
/// that do not fit each other, levels that do not fall, two that take hints of different cells, a
/// guide that is asked something else.
void check_ladder(const TrainedModel& model);

/// One network of a ladder, or a guide in it, as a model of its own, by its name; a single network
/// as it is. Throws
/// std::invalid_argument with the names that there are.
TrainedModel network_of(const TrainedModel& model, const std::string& name);

/// The parameters of `from` for the same network at another image size: learned positions are
/// resized bilinearly on their square grid, all others stay. Detail layers that `from` does not
/// have start as in a new network, where they add nothing yet; so does a hint that is new or has
/// other cells. Throws std::invalid_argument with a
/// sentence when the networks differ in more than that and the name.
std::vector<float> adapt_parameters(const TrainedModel& from, const NetworkConfig& to);

}  // namespace florilegium
