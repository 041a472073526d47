// A forward model: the denoiser ready to be asked, for held-out losses and for growing pictures
// natively.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/diffusion/denoising.h"
#include "src/diffusion/schedule.h"
#include "src/image/picture.h"
#include "trainer/backend/backend.h"
#include "trainer/network/denoiser.h"
#include "trainer/onnx/model_file.h"

namespace florilegium {

/// What goes into a model beside the noisy picture.
struct ModelShape {
  int image_size = 0;  ///< S, pixels
  int hint_cell = 0;   ///< side of a hint's cells in pixels; 0: it takes none
};

class ForwardModel {
 public:
  /// One network, with parameters still to be set.
  ForwardModel(Backend& backend, const NetworkConfig& config, int batch, Type compute);
  /// A model with its parameters, a ladder or a single network.
  ForwardModel(Backend& backend, const TrainedModel& model, int batch, Type compute);

  /// Of the finest network.
  void set_parameters(std::span<const float> parameters) {
    rungs_.back().network.program->write_state(State::parameters, parameters);
  }
  int batch() const { return batch_; }
  const ModelShape& shape() const { return shape_; }

  /// x [N, S, S, 3], levels [N], hint [N, S/cell, S/cell, 4] or empty for none, views [N] (1 whole,
  /// 0 details) or empty for whole plates -> denoised [N, S, S, 3].
  std::vector<float> denoise(std::span<const float> x, std::span<const float> levels, std::span<const float> hint = {},
                             std::span<const float> views = {});

 private:
  struct Network {
    NetworkConfig config;
    Denoiser values;
    std::unique_ptr<Program> program;
  };
  struct Rung {
    int averaged;
    float from_level;
    Network network;
    std::optional<Network> guide;
    float guide_weight;
  };

  Network compiled(Backend& backend, const NetworkConfig& config, Type compute) const;
  /// Moves each predicted picture away from a worse one of it (Guide).
  void keep_away(std::span<float> denoised, std::span<const float> worse, float weight) const;
  std::vector<float> predict(Network& network, std::span<const float> x, std::span<const float> levels,
                             std::span<const float> hint, std::span<const float> views) const;
  std::vector<float> denoise_with(Rung& rung, std::span<const float> x, std::span<const float> levels,
                                  std::span<const float> hint, std::span<const float> views);
  Rung& rung_for(float level);

  ModelShape shape_;
  int batch_;
  std::vector<Rung> rungs_;  // the coarsest first
};

/// A picture enlarged so that its averages over factor x factor pixels are the picture again, which
/// the next step will look at: bilinearly (half-pixel centres, as ONNX's Resize), and what its
/// averages then lack added evenly to each block. from: [side, side, 3], to: [side * factor, side *
/// factor, 3].
void enlarge(std::span<const float> from, int side, int factor, std::span<float> to);

struct GrowSettings {
  NoiseKind noise = NoiseKind::gaussian;
  double noise_scale = 1;
  Schedule schedule;
  int steps = 20;
  Sampler sampler = Sampler::plain;
  std::vector<float> hint{};  ///< [S/8, S/8, 4], the same for every picture; empty for none
};

/// As grow(), from pictures [S, S, 3] noised to the first of `levels` that is at most `from`
/// instead of from pure noise: what a network for low noise levels makes of them.
std::vector<Picture> redraw(
    ForwardModel& model, const GrowSettings& settings, double from, std::span<const std::vector<float>> pictures,
    const std::function<void(std::size_t, const Denoising&)>& each_step = [](std::size_t, const Denoising&) {});

/// Grows one picture for each seed, as the page does: the same noise (channels first) and the same
/// steps. In batches of the model's. Throws std::invalid_argument when the hint has another size,
/// or the network takes none. each_step(picture number, denoising) is called after each step of
/// each picture.
std::vector<Picture> grow(
    ForwardModel& model, const GrowSettings& settings, std::span<const std::uint64_t> seeds,
    const std::function<void(std::size_t, const Denoising&)>& each_step = [](std::size_t, const Denoising&) {});

}  // namespace florilegium
