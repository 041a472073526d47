#include "trainer/sample/forward_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "trainer/data/view.h"

namespace florilegium {

ForwardModel::ForwardModel(Backend& backend, const NetworkConfig& config, int batch, Type compute)
    : shape_{config.image_size, config.hint ? config.hint_cell : 0}, batch_(batch) {
  rungs_.push_back({1, 0, compiled(backend, config, compute), {}, 0});
}

ForwardModel::ForwardModel(Backend& backend, const TrainedModel& model, int batch, Type compute)
    : shape_{model.info.network.image_size, model.hint_cell().value_or(0)}, batch_(batch) {
  for (const CoarserNetwork& one : model.coarser) {
    rungs_.push_back(
        {one.averaged, static_cast<float>(one.from_level), compiled(backend, one.network, compute), {}, 0});
    set_parameters(one.parameters);
    if (!one.guide) continue;
    Rung& rung = rungs_.back();
    rung.guide = compiled(backend, one.guide->network, compute);
    rung.guide->program->write_state(State::parameters, one.guide->parameters);
    rung.guide_weight = static_cast<float>(one.guide->weight);
  }
  rungs_.push_back({1, 0, compiled(backend, model.info.network, compute), {}, 0});
  set_parameters(model.parameters);
}

ForwardModel::Network ForwardModel::compiled(Backend& backend, const NetworkConfig& config, Type compute) const {
  Graph graph;
  Network network{config, build_denoiser(graph, config, batch_, compute), nullptr};
  const Value keep[] = {network.values.denoised};
  network.program = backend.compile(std::move(graph), keep);
  return network;
}

ForwardModel::Rung& ForwardModel::rung_for(float level) {
  for (Rung& rung : rungs_)
    if (level > rung.from_level) return rung;
  return rungs_.back();
}

std::vector<float> ForwardModel::denoise(std::span<const float> x, std::span<const float> levels,
                                         std::span<const float> hint, std::span<const float> views) {
  Rung& first = rung_for(levels[0]);
  const auto same = [&](float level) { return &rung_for(level) == &first; };
  if (std::all_of(levels.begin(), levels.end(), same)) return denoise_with(first, x, levels, hint, views);
  // Levels on both sides of a change: each picture's answer is that of its own network.
  std::vector<float> denoised(x.size());
  const std::size_t size = x.size() / levels.size();
  for (Rung& rung : rungs_) {
    if (std::none_of(levels.begin(), levels.end(), [&](float level) { return &rung_for(level) == &rung; })) continue;
    const std::vector<float> answers = denoise_with(rung, x, levels, hint, views);
    for (std::size_t i = 0; i < levels.size(); ++i)
      if (&rung_for(levels[i]) == &rung) std::copy_n(&answers[i * size], size, &denoised[i * size]);
  }
  return denoised;
}

std::vector<float> ForwardModel::denoise_with(Rung& rung, std::span<const float> x, std::span<const float> levels,
                                              std::span<const float> hint, std::span<const float> views) {
  const auto batch = static_cast<std::size_t>(batch_);
  const std::size_t size = x.size() / batch;
  const int seen = rung.network.config.image_size;
  const auto seen_size = static_cast<std::size_t>(seen) * static_cast<std::size_t>(seen) * 3;
  std::vector<float> averages;
  if (rung.averaged > 1) {
    averages.resize(batch * seen_size);
    for (std::size_t i = 0; i < batch; ++i)
      average_blocks(x.subspan(i * size, size), seen, rung.averaged,
                     std::span(averages).subspan(i * seen_size, seen_size));
    x = averages;
  }
  std::vector<float> denoised = predict(rung.network, x, levels, hint, views);
  if (rung.guide) { keep_away(denoised, predict(*rung.guide, x, levels, hint, views), rung.guide_weight); }
  if (rung.averaged == 1) return denoised;
  std::vector<float> enlarged(batch * size);
  for (std::size_t i = 0; i < batch; ++i)
    enlarge(std::span(denoised).subspan(i * seen_size, seen_size), seen, rung.averaged,
            std::span(enlarged).subspan(i * size, size));
  return enlarged;
}

void ForwardModel::keep_away(std::span<float> denoised, std::span<const float> worse, float weight) const {
  const std::size_t size = denoised.size() / static_cast<std::size_t>(batch_);
  const auto pixels = static_cast<double>(size / 3);
  for (std::size_t from = 0; from < denoised.size(); from += size) {
    std::array<double, 3> mean{};
    for (std::size_t i = 0; i < size; ++i) mean[i % 3] += (denoised[from + i] - worse[from + i]) / pixels;
    for (std::size_t i = 0; i < size; ++i)
      denoised[from + i] += weight * (denoised[from + i] - worse[from + i] - static_cast<float>(mean[i % 3]));
  }
}

std::vector<float> ForwardModel::predict(Network& network, std::span<const float> x, std::span<const float> levels,
                                         std::span<const float> hint, std::span<const float> views) const {
  const auto batch = static_cast<std::size_t>(batch_);
  Program& program = *network.program;
  program.write(network.values.x, x);
  program.write(network.values.noise_level, levels);
  if (network.values.hint) {
    const auto cells = static_cast<std::size_t>(network.config.image_size / network.config.hint_cell);
    if (hint.empty()) program.write(network.values.hint, std::vector<float>(batch * cells * cells * 4));
    else program.write(network.values.hint, hint);
  }
  if (network.values.view) {
    if (views.empty()) program.write(network.values.view, std::vector<float>(batch, 1.0f));
    else program.write(network.values.view, views);
  }
  program.run();
  return program.read(network.values.denoised);
}

void enlarge(std::span<const float> from, int side, int factor, std::span<float> to) {
  const auto width = static_cast<std::size_t>(side), block = static_cast<std::size_t>(factor);
  struct Between {
    std::size_t low, high;
    float part;  // of high
  };
  std::vector<Between> places;
  for (int i = 0; i < side * factor; ++i) {
    const float at = std::clamp((static_cast<float>(i) + 0.5f) / static_cast<float>(factor) - 0.5f, 0.0f,
                                static_cast<float>(side - 1));
    const auto low = static_cast<std::size_t>(at);
    places.push_back({low, std::min(low + 1, static_cast<std::size_t>(side - 1)), at - static_cast<float>(low)});
  }
  float* out = to.data();
  for (const Between& row : places) {
    const float *top = &from[row.low * width * 3], *bottom = &from[row.high * width * 3];
    for (const Between& column : places)
      for (std::size_t c = 0; c < 3; ++c) {
        const float above = top[column.low * 3 + c] * (1 - column.part) + top[column.high * 3 + c] * column.part;
        const float below = bottom[column.low * 3 + c] * (1 - column.part) + bottom[column.high * 3 + c] * column.part;
        *out++ = above * (1 - row.part) + below * row.part;
      }
  }
  std::vector<float> missing(from.size());
  average_blocks(to, side, factor, missing);
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = from[i] - missing[i];
  for (std::size_t y = 0; y < width * block; ++y)
    for (std::size_t x = 0; x < width * block; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        to[(y * width * block + x) * 3 + c] += missing[(y / block * width + x / block) * 3 + c];
}

namespace {

/// Takes all denoisings, which are at the same step, to their end.
void finish_all(ForwardModel& model, std::vector<Denoising>& running, std::span<const float> hints,
                const std::function<void(std::size_t, const Denoising&)>& each_step) {
  const int side = model.shape().image_size;
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
                            std::span<const std::vector<float>> pictures,
                            const std::function<void(std::size_t, const Denoising&)>& each_step) {
  const int side = model.shape().image_size;
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
    finish_all(model, running, {}, [&](std::size_t i, const Denoising& one) { each_step(first + i, one); });
    for (const Denoising& one : running) redrawn.push_back(picture_from_planes(one.working(), side, side));
  }
  return redrawn;
}

std::vector<Picture> grow(ForwardModel& model, const GrowSettings& settings, std::span<const std::uint64_t> seeds,
                          const std::function<void(std::size_t, const Denoising&)>& each_step) {
  const int side = model.shape().image_size;
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side), size = 3 * pixels,
             batch = static_cast<std::size_t>(model.batch());
  const std::vector<float> levels = settings.schedule.noise_levels(settings.steps);
  std::vector<Picture> pictures;
  std::vector<float> hints;
  if (!settings.hint.empty()) {
    const int cell = model.shape().hint_cell;
    if (cell == 0 || settings.hint.size() != 4 * pixels / static_cast<std::size_t>(cell * cell))
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
