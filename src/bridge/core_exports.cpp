// The diffusion core as the denoiser worker calls it: a few C functions around one Denoising.
//
// In order: core_start() when a run begins from a picture, core_region() when only a part of that
// is to change, core_begin(), then until the last step: read core_input() and
// core_input_noise_level(), write the network's answer to core_answer(), core_accept(), read
// core_prediction() and, to show them, core_picture(). Every function that can fail returns a
// negative number, or null (guarded.h).
#include <emscripten/emscripten.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "src/bridge/guarded.h"
#include "src/bridge/start.h"
#include "src/diffusion/denoising.h"
#include "src/diffusion/inpainting.h"
#include "src/diffusion/schedule.h"
#include "src/image/picture.h"

using namespace florilegium;

const char* const florilegium::no_memory = "There is not enough memory for this picture.";

namespace {

std::vector<float> start_picture, answer;
std::vector<std::uint8_t> region;                 // cells that grow again; empty: everything does
std::vector<float> kept_picture, answer_weights;  // what stays outside the region, and where it does
bool region_is_new = false;
std::optional<Denoising> denoising;
Picture shown;
}  // namespace

extern "C" {

/// Room for the picture that the next run begins from: `values` floats.
EMSCRIPTEN_KEEPALIVE float* core_start(int values) {
  return guarded_pointer([&] {
    start_picture.assign(static_cast<std::size_t>(values), 0.0f);
    return start_picture.data();
  });
}

/// Room for the cells of the region in which the next run changes the picture that it begins from,
/// row by row; not 0: it grows again.
EMSCRIPTEN_KEEPALIVE std::uint8_t* core_region(int cells) {
  return guarded_pointer([&] {
    region.assign(static_cast<std::size_t>(cells), 0);
    region_is_new = true;
    return region.data();
  });
}

/// As Schedule::first_step().
EMSCRIPTEN_KEEPALIVE int core_first_step(const char* schedule, int steps, float noise_level) {
  return guarded([&] { return Schedule::parse(schedule).first_step(steps, noise_level); });
}

/// Begins a run of `steps` steps at `first_step`. start: as in Start.
EMSCRIPTEN_KEEPALIVE int core_begin(int start, int values, const char* noise, float noise_scale, std::uint64_t seed,
                                    std::uint32_t stream, const char* schedule, int steps, int first_step,
                                    const char* sampler_name, float strength) {
  return guarded([&] {
    if (!std::exchange(region_is_new, false)) region.clear();
    kept_picture = region.empty() ? std::vector<float>() : start_picture;
    const auto size = static_cast<std::size_t>(values);
    std::vector<float> levels = Schedule::parse(schedule).noise_levels(steps);
    if (first_step < 0 || first_step > steps)
      throw std::invalid_argument("Step " + std::to_string(first_step) + " is not one of " + std::to_string(steps) +
                                  " steps.");
    const NoiseKind kind = noise_kind(noise);
    denoising.reset();
    std::vector<float> x;
    if (static_cast<Start>(start) == Start::noise) {
      x = pure_noise(kind, noise_scale, seed, size, stream);
    } else if (start_picture.size() != size) {
      throw std::invalid_argument("The picture to start from has " + std::to_string(start_picture.size()) +
                                  " values; the model needs " + std::to_string(size) + ".");
    } else if (static_cast<Start>(start) == Start::picture) {
      x = std::move(start_picture);
    } else {
      x = with_noise(start_picture, levels[static_cast<std::size_t>(first_step)], kind, noise_scale, seed, stream);
    }
    start_picture = {};
    denoising.emplace(std::move(x), std::move(levels), sampler(sampler_name), first_step, strength);
    if (!region.empty())
      answer_weights = region_weights(region, static_cast<int>(std::lround(std::sqrt(values / 3.0))));
    answer.resize(size);
  });
}

EMSCRIPTEN_KEEPALIVE const float* core_working() { return denoising->working().data(); }
EMSCRIPTEN_KEEPALIVE const float* core_levels() { return denoising->levels().data(); }
EMSCRIPTEN_KEEPALIVE const float* core_input() { return denoising->input().data(); }
EMSCRIPTEN_KEEPALIVE float core_input_noise_level() { return denoising->input_noise_level(); }
EMSCRIPTEN_KEEPALIVE float* core_answer() { return answer.data(); }
EMSCRIPTEN_KEEPALIVE const Kept* core_prediction() { return denoising->prediction().data(); }
EMSCRIPTEN_KEEPALIVE int core_step() { return denoising->step(); }

/// Takes the answer in core_answer(). 1: that finished a step; 0: the network is to be asked once
/// more for this step.
EMSCRIPTEN_KEEPALIVE int core_accept() {
  return guarded([] {
    if (!region.empty()) keep_outside(answer, kept_picture, answer_weights);
    return denoising->accept(answer) ? 1 : 0;
  });
}

/// RGBA of the working picture, or of the last prediction: size * size * 4 bytes, valid until the
/// next call; null on failure.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* core_picture(int of_prediction) {
  return guarded_pointer([&] {
    const std::span<const Kept> kept = denoising->prediction();
    std::vector<float> believed(of_prediction ? kept.size() : 0);
    for (std::size_t i = 0; i < believed.size(); ++i) believed[i] = unkept(kept[i]);
    const int size = static_cast<int>(std::lround(std::sqrt(static_cast<double>(kept.size()) / 3)));
    shown = picture_from_planes(of_prediction ? believed : denoising->working(), size, size);
    return std::as_const(shown).rgba.data();
  });
}

}  // extern "C"
