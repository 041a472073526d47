#include "trainer/learn/forward_model.h"

#include <algorithm>
#include <stdexcept>

namespace florilegium {

ForwardModel::ForwardModel(Backend& backend, const NetworkConfig& config, int batch, Type compute)
    : config_(config), batch_(batch) {
  Graph graph;
  network_ = build_denoiser(graph, config, batch, compute);
  const Value keep[] = {network_.denoised};
  program_ = backend.compile(std::move(graph), keep);
}

std::vector<float> ForwardModel::denoise(std::span<const float> x, std::span<const float> levels,
                                         std::span<const float> hint) {
  program_->write(network_.x, x);
  program_->write(network_.noise_level, levels);
  if (network_.hint) {
    if (hint.empty()) {
      const auto cells = static_cast<std::size_t>(config_.image_size / 8);
      program_->write(network_.hint, std::vector<float>(static_cast<std::size_t>(batch_) * cells * cells * 4));
    } else {
      program_->write(network_.hint, hint);
    }
  }
  program_->run();
  return program_->read(network_.denoised);
}

std::vector<Picture> grow(ForwardModel& model, const GrowSettings& settings, std::span<const std::uint64_t> seeds,
                          const std::function<void(std::size_t, const Denoising&)>& each_step) {
  const int side = model.config().image_size;
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side), size = 3 * pixels,
             batch = static_cast<std::size_t>(model.batch());
  const std::vector<float> levels = settings.schedule.noise_levels(settings.steps);
  std::vector<Picture> pictures;
  std::vector<float> x(batch * size), level(batch), answer(size), hints;
  if (!settings.hint.empty()) {
    if (!model.config().hint || settings.hint.size() != pixels / 16)
      throw std::invalid_argument("The hint does not fit this network.");
    for (std::size_t i = 0; i < batch; ++i) hints.insert(hints.end(), settings.hint.begin(), settings.hint.end());
  }

  for (std::size_t first = 0; first < seeds.size(); first += batch) {
    const std::size_t count = std::min(batch, seeds.size() - first);
    std::vector<Denoising> running;
    for (std::size_t i = 0; i < count; ++i)
      running.emplace_back(pure_noise(settings.noise, static_cast<float>(settings.noise_scale), seeds[first + i], size),
                           levels, settings.sampler);
    while (!running[0].done()) {  // all are always at the same step
      for (std::size_t i = 0; i < batch; ++i) {
        const Denoising& one = running[std::min(i, count - 1)];
        const std::span<const float> planes = one.input();
        for (std::size_t p = 0; p < pixels; ++p)
          for (std::size_t c = 0; c < 3; ++c) x[i * size + p * 3 + c] = planes[c * pixels + p];
        level[i] = one.input_noise_level();
      }
      const std::vector<float> denoised = model.denoise(x, level, hints);
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t p = 0; p < pixels; ++p)
          for (std::size_t c = 0; c < 3; ++c) answer[c * pixels + p] = denoised[i * size + p * 3 + c];
        if (running[i].accept(answer)) each_step(first + i, running[i]);
      }
    }
    for (const Denoising& one : running) pictures.push_back(picture_from_planes(one.working(), side, side));
  }
  return pictures;
}

}  // namespace florilegium
