// A small network and its training, for experiments that feed it by themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/image/picture.h"
#include "trainer/backend/backend.h"
#include "trainer/network/denoiser.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {

/// One example: what the network is shown and at what noise level, and what it shall answer.
struct SmallExample {
  std::span<float> shown;       ///< [S, S, 3], to be filled
  std::span<float> wanted;      ///< likewise
  float level = 1, weight = 1;  ///< to be set; weight: of its mean squared error
};

class SmallTraining {
 public:
  /// The garden's network at another size.
  SmallTraining(Backend& backend, int side, std::int64_t steps, std::uint64_t seed);

  static constexpr int batch = 32;
  int side() const { return config_.image_size; }
  std::size_t floats() const;  ///< of a picture

  /// One step on examples number 0, 1, 2, ... over all steps; make(index, example) fills one, on
  /// any thread. Returns each example's mean squared error.
  std::vector<float> step(const std::function<void(std::uint64_t, SmallExample&)>& make);
  std::int64_t steps_done() const { return done_; }

  /// The moving average of the weights, ready to be asked.
  ForwardModel& model();
  /// What it answers at one noise level. pictures: [S, S, 3] each.
  std::vector<std::vector<float>> answers(std::span<const std::vector<float>> pictures, float level);

 private:
  Backend& backend_;
  NetworkConfig config_;
  std::int64_t steps_, done_ = 0, modelled_ = -1;
  Graph graph_;
  Denoiser network_;
  Value target_, weight_, squared_error_;
  std::unique_ptr<Program> program_;
  std::optional<ForwardModel> model_;
};

/// A training example of denoising as usual: picture number `index` of `picture`, noised.
/// even: levels even in (0, 1] and weight 1; else as trainings draw and weigh them.
struct DenoisingTask {
  std::uint64_t seed = 1;
  bool even = false;
  std::function<void(std::uint64_t index, std::span<float>)> picture;
  void operator()(std::uint64_t index, SmallExample& example) const;
};

/// Training picture number `index` of the garden.
void garden_example(std::uint64_t index, int side, std::span<float> out);
std::vector<float> garden_example(std::uint64_t index, int side);

/// Pure noise number `index`, [S, S, 3].
std::vector<float> noise_picture(std::uint64_t index, int side);

/// Pictures grown from noise number 1 and on, in so many even steps of the plain sampler.
std::vector<Picture> grown_pictures(SmallTraining& training, int count, int steps);

}  // namespace florilegium
