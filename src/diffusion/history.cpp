#include "src/diffusion/history.h"

#include <stdexcept>
#include <string>

namespace florilegium {

History::History(std::vector<float> x, std::vector<float> levels, int first_step)
    : first_step_(first_step), levels_(std::move(levels)), newest_(std::move(x)) {
  if (levels_.size() < 2 || first_step < 0 || first_step > steps())
    throw std::invalid_argument("A history cannot begin at step " + std::to_string(first_step) + " of " +
                                std::to_string(steps()) + ".");
  keyframes_.push_back(newest_);
}

void History::push(std::span<const Kept> prediction) {
  if (prediction.size() != newest_.size())
    throw std::invalid_argument("A prediction of " + std::to_string(prediction.size()) +
                                " values does not fit a picture of " + std::to_string(newest_.size()) + ".");
  if (last_step() >= steps()) throw std::logic_error("All steps of this history are there already.");
  const auto step = static_cast<std::size_t>(last_step());
  predictions_.emplace_back(prediction.begin(), prediction.end());
  blend(newest_, prediction, levels_[step + 1] / levels_[step]);
  if (predictions_.size() % keyframe_every == 0) keyframes_.push_back(newest_);
}

std::vector<float> History::working(int step) const {
  if (step < first_step_ || step > last_step())
    throw std::out_of_range("Step " + std::to_string(step) + " is not in this history.");
  if (step == last_step()) return newest_;
  const auto wanted = static_cast<std::size_t>(step - first_step_);
  std::size_t at = wanted / keyframe_every * keyframe_every;
  std::vector<float> x = keyframes_[at / keyframe_every];
  for (; at < wanted; ++at) {
    const std::size_t k = at + static_cast<std::size_t>(first_step_);
    blend(x, predictions_[at], levels_[k + 1] / levels_[k]);
  }
  return x;
}

std::span<const Kept> History::prediction(int step) const {
  if (step < first_step_ || step >= last_step())
    throw std::out_of_range("There is no prediction for step " + std::to_string(step) + ".");
  return predictions_[static_cast<std::size_t>(step - first_step_)];
}

std::size_t History::bytes() const {
  return newest_.size() * (sizeof(float) * (keyframes_.size() + 1) + sizeof(Kept) * predictions_.size());
}

}  // namespace florilegium
