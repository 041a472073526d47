// Pictures of single-coloured discs on light paper: a source of training pictures that costs next
// to nothing.
#pragma once

#include <cmath>
#include <filesystem>
#include <functional>
#include <string>

#include "src/diffusion/noise.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/source.h"
#include "trainer/learn/settings.h"

namespace florilegium {

class DiscSource : public PictureSource {
 public:
  /// Called for each training picture after it has been drawn, to spoil it.
  std::function<void(std::uint64_t index, std::span<float> picture)> spoil = [](std::uint64_t, std::span<float>) {};

  std::string name() const override { return "discs"; }
  ViewKind draw(std::uint64_t seed, std::uint64_t index, const Sight& sight, std::span<float> out) const override {
    const int size = sight.side;
    const auto number = [&](std::uint64_t which) { return uniform_number(seed, 77, index * 8 + which); };
    const double x = number(0) * size, y = number(1) * size, radius = (0.15 + 0.3 * number(2)) * size;
    const float colour[] = {static_cast<float>(2 * number(3) - 1), static_cast<float>(2 * number(4) - 1),
                            static_cast<float>(2 * number(5) - 1)};
    for (int row = 0; row < size; ++row)
      for (int column = 0; column < size; ++column)
        for (int c = 0; c < 3; ++c)
          out[static_cast<std::size_t>((row * size + column) * 3 + c)] =
              std::hypot(column - x, row - y) < radius ? colour[c] : 0.8f;
    spoil(index, out);
    return ViewKind::whole;
  }
  std::size_t training_count() const override { return 0; }
  ViewKind training_picture(std::uint64_t seed, std::size_t index, const Sight& sight,
                            std::span<float> out) const override {
    return DiscSource().draw(seed, index, sight, out);
  }
  std::size_t held_out_count() const override { return 8; }
  ViewKind held_out(std::size_t index, const Sight& sight, std::span<float> out) const override {
    return DiscSource().draw(99, index, sight, out);
  }
};

/// A small run on the network 'tiny', in f32.
inline TrainingSettings tiny_settings(const std::filesystem::path& out) {
  TrainingSettings s;
  s.network = network_config("tiny");
  s.out = out;
  s.data = "discs";
  s.title = "Discs";
  s.steps = 24;
  s.batch = 4;
  s.optimiser.learning_rate = 2e-3;
  s.warm_up = 5;
  s.default_steps = 3;
  s.checkpoint_every = 8;
  s.log_every = 4;
  s.evaluate_every = 12;
  s.sample_every = 12;
  s.sample_count = 2;
  s.held_out_pictures = 4;
  return s;
}

}  // namespace florilegium
