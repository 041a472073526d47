// The garden: botanical plates that no one has seen before, drawn by a program from a seed.
//
// No pictures are needed to try everything out, and there are always more. How they are drawn:
// trainer/data/garden/, in this order: species.h (what all plants of a plate have in common),
// plant.h, flower.h, stem.h, blade.h, brush.h; plate.h last.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "trainer/data/source.h"

namespace florilegium {

/// Unlimited training pictures. Held out are 256 plants of their own random stream. size: 16 to 512
/// pixels, or more.
class GardenSource final : public PictureSource {
 public:
  std::string name() const override { return "garden (procedurally drawn plants)"; }
  ViewKind draw(std::uint64_t seed, std::uint64_t index, const Sight& sight, std::span<float> out) const override;
  std::size_t training_count() const override { return 0; }
  ViewKind training_picture(std::uint64_t seed, std::size_t index, const Sight& sight,
                            std::span<float> out) const override {
    return draw(seed, index, sight, out);
  }
  std::size_t held_out_count() const override { return 256; }
  ViewKind held_out(std::size_t index, const Sight& sight, std::span<float> out) const override;
};

}  // namespace florilegium
