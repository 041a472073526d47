// The step history: gives back any step's working picture and prediction exactly, without asking
// the network again.
//
// It keeps every step's prediction (16-bit, see denoising.h) and every tenth working picture; the
// ones between are blended again from there, at most nine times. 100 steps at 512x512 take 195 MB.
#pragma once

#include <span>
#include <vector>

#include "src/diffusion/denoising.h"

namespace florilegium {

class History {
 public:
  static constexpr int keyframe_every = 10;

  /// x: the working picture at levels[first_step], where this history begins.
  History(std::vector<float> x, std::vector<float> levels, int first_step = 0);

  /// Adds the prediction that the next step blended in. Throws std::invalid_argument when its size
  /// is another one, std::logic_error when all steps are there already.
  void push(std::span<const Kept> prediction);

  int first_step() const { return first_step_; }
  int last_step() const {
    return first_step_ + static_cast<int>(predictions_.size());
  }  ///< the newest working picture's step
  int steps() const { return static_cast<int>(levels_.size()) - 1; }
  float noise_level(int step) const { return levels_.at(static_cast<std::size_t>(step)); }

  /// The picture that step `step` starts from; step in [first_step(), last_step()], else
  /// std::out_of_range.
  std::vector<float> working(int step) const;
  std::span<const float> newest() const {
    return newest_;
  }  ///< working(last_step()) without a copy, valid until the next push()
  /// What step `step` blended in; step in [first_step(), last_step()), else std::out_of_range.
  std::span<const Kept> prediction(int step) const;

  std::size_t bytes() const;

 private:
  int first_step_;
  std::vector<float> levels_;
  std::vector<std::vector<Kept>> predictions_;
  std::vector<std::vector<float>> keyframes_;
  std::vector<float> newest_;  // working(last_step()), so that pushing never replays
};

}  // namespace florilegium
