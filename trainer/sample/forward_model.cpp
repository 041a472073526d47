#include "trainer/sample/forward_model.h"

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
                                         std::span<const float> hint, std::span<const float> views) {
  program_->write(network_.x, x);
  program_->write(network_.noise_level, levels);
  if (network_.hint) {
    if (hint.empty()) {
      const auto cells = static_cast<std::size_t>(config_.image_size / config_.hint_cell);
      program_->write(network_.hint, std::vector<float>(static_cast<std::size_t>(batch_) * cells * cells * 4));
    } else {
      program_->write(network_.hint, hint);
    }
  }
  if (network_.view) {
    if (views.empty()) program_->write(network_.view, std::vector<float>(static_cast<std::size_t>(batch_), 1.0f));
    else program_->write(network_.view, views);
  }
  program_->run();
  return program_->read(network_.denoised);
}

namespace {

/// Takes all denoisings, which are at the same step, to their end.
void finish_all(ForwardModel& model, std::vector<Denoising>& running, std::span<const float> hints,
                const std::function<void(std::size_t, const Denoising&)>& each_step) {
  const int side = model.config().image_size;
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side), size = 3 * pixels,
             batch = static_cast<std::size_t>(model.batch()), count = running.size();
  std::vector<float> x(batch * size), level(batch), answer(size);
  while (!running[0].done()) {
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
      if (running[i].accept(answer)) each_step(i, running[i]);
    }
  }
}

}  // namespace

std::vector<Picture> redraw(ForwardModel& model, const GrowSettings& settings, double from,
                            std::span<const std::vector<float>> pictures) {
  const int side = model.config().image_size;
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side),
             batch = static_cast<std::size_t>(model.batch());
  std::vector<float> levels = settings.schedule.noise_levels(settings.steps);
  while (levels.size() > 2 && levels[0] > static_cast<float>(from)) levels.erase(levels.begin());
  std::vector<Picture> redrawn;
  for (std::size_t first = 0; first < pictures.size(); first += batch) {
    std::vector<Denoising> running;
    for (std::size_t i = first; i < std::min(pictures.size(), first + batch); ++i) {
      std::vector<float> x = pure_noise(settings.noise, static_cast<float>(settings.noise_scale), i + 1, 3 * pixels);
      for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t c = 0; c < 3; ++c)
          x[c * pixels + p] = levels[0] * x[c * pixels + p] + (1 - levels[0]) * pictures[i][p * 3 + c];
      running.emplace_back(std::move(x), levels, settings.sampler);
    }
    finish_all(model, running, {}, [](std::size_t, const Denoising&) {});
    for (const Denoising& one : running) redrawn.push_back(picture_from_planes(one.working(), side, side));
  }
  return redrawn;
}

std::vector<Picture> grow(ForwardModel& model, const GrowSettings& settings, std::span<const std::uint64_t> seeds,
                          const std::function<void(std::size_t, const Denoising&)>& each_step) {
  const int side = model.config().image_size;
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side), size = 3 * pixels,
             batch = static_cast<std::size_t>(model.batch());
  const std::vector<float> levels = settings.schedule.noise_levels(settings.steps);
  std::vector<Picture> pictures;
  std::vector<float> hints;
  if (!settings.hint.empty()) {
    if (!model.config().hint ||
        settings.hint.size() !=
            4 * pixels / static_cast<std::size_t>(model.config().hint_cell * model.config().hint_cell))
      throw std::invalid_argument("The hint does not fit this network.");
    for (std::size_t i = 0; i < batch; ++i) hints.insert(hints.end(), settings.hint.begin(), settings.hint.end());
  }

  for (std::size_t first = 0; first < seeds.size(); first += batch) {
    const std::size_t count = std::min(batch, seeds.size() - first);
    std::vector<Denoising> running;
    for (std::size_t i = 0; i < count; ++i)
      running.emplace_back(pure_noise(settings.noise, static_cast<float>(settings.noise_scale), seeds[first + i], size),
                           levels, settings.sampler);
    finish_all(model, running, hints, [&](std::size_t i, const Denoising& one) { each_step(first + i, one); });
    for (const Denoising& one : running) pictures.push_back(picture_from_planes(one.working(), side, side));
  }
  return pictures;
}

}  // namespace florilegium
