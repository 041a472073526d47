#include "trainer/judge/hints_followed.h"

#include <cmath>
#include <stdexcept>

#include "trainer/learn/hints.h"

namespace florilegium {
namespace {

constexpr std::uint64_t hint_seed = 0x68696e74;  // "hint"

/// The first hint of this picture's that paints anything.
std::vector<float> painted_hint(const std::vector<float>& picture, int size, std::uint64_t index) {
  const auto cells = static_cast<std::size_t>(size / 8) * static_cast<std::size_t>(size / 8);
  std::vector<float> hint(cells * 4);
  for (std::uint64_t attempt = 0; attempt < 1000; ++attempt) {  // half of them are empty
    draw_training_hint(picture, size, 8, hint_seed, index * 1000 + attempt, hint);
    for (std::size_t cell = 0; cell < cells; ++cell)
      if (hint[cell * 4 + 3] > 0) return hint;
  }
  throw std::logic_error("Training draws no hints.");
}

double painted_share(const std::vector<float>& hint) {
  double painted = 0;
  for (std::size_t i = 3; i < hint.size(); i += 4) painted += hint[i];
  return painted * 4 / static_cast<double>(hint.size());
}

Picture picture_of(const std::vector<float>& hint, int size) {
  Picture picture = blank_picture(size, size, 0, 0, 0, 0);
  const auto side = static_cast<std::size_t>(size), cells = side / 8;
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x) {
      const float* cell = &hint[(y / 8 * cells + x / 8) * 4];
      for (std::size_t c = 0; c < 3; ++c) picture.rgba[(y * side + x) * 4 + c] = shade(cell[c]);
      picture.rgba[(y * side + x) * 4 + 3] = cell[3] > 0 ? 255 : 0;
    }
  return picture;
}

}  // namespace

double distance_to_hint(const std::vector<float>& hint, const Picture& picture) {
  const auto side = static_cast<std::size_t>(picture.width), cells = side / 8;
  if (picture.width != picture.height || hint.size() != cells * cells * 4)
    throw std::invalid_argument("The hint does not fit the picture.");
  double sum = 0, painted = 0;
  for (std::size_t cell = 0; cell < cells * cells; ++cell) {
    if (!(hint[cell * 4 + 3] > 0)) continue;
    ++painted;
    for (std::size_t c = 0; c < 3; ++c) {
      double mean = 0;
      for (std::size_t y = 0; y < 8; ++y)
        for (std::size_t x = 0; x < 8; ++x)
          mean += picture.rgba[((cell / cells * 8 + y) * side + cell % cells * 8 + x) * 4 + c] / 64.0;
      sum += std::abs(mean - (static_cast<double>(hint[cell * 4 + c]) + 1) * 127.5) / 3;
    }
  }
  return painted > 0 ? sum / painted : 0;
}

std::vector<HintTrial> try_hints(ForwardModel& model, const PictureSource& source, const GrowSettings& settings,
                                 std::uint64_t first_seed, int count,
                                 const std::function<void(const HintTrial&)>& each) {
  if (!model.config().hint) throw std::invalid_argument("This model was trained without hints.");
  const int size = model.config().image_size;
  const auto wanted = static_cast<std::size_t>(count), held_out = source.held_out_count();
  std::vector<HintTrial> trials;
  std::vector<float> picture(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3);
  for (std::size_t i = 0; i < wanted; ++i) {
    source.held_out(held_out > wanted ? i * held_out / wanted : i, size, picture);
    HintTrial trial;
    trial.seed = first_seed + i;
    const std::uint64_t seeds[] = {trial.seed};
    GrowSettings now = settings;
    now.hint.clear();
    trial.grown_without = std::move(grow(model, now, seeds)[0]);
    now.hint = painted_hint(picture, size, i);
    trial.grown_with = std::move(grow(model, now, seeds)[0]);
    trial.painted = painted_share(now.hint);
    trial.with_hint = distance_to_hint(now.hint, trial.grown_with);
    trial.without_hint = distance_to_hint(now.hint, trial.grown_without);
    trial.hint = picture_of(now.hint, size);
    each(trial);
    trials.push_back(std::move(trial));
  }
  return trials;
}

}  // namespace florilegium
