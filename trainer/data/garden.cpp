#include "trainer/data/garden.h"

#include <algorithm>
#include <vector>

#include "trainer/data/dice.h"
#include "trainer/data/garden/plate.h"

namespace florilegium {
namespace {

/// Every plate of the garden is a whole one.
ViewKind see(const Dice& plate, Dice crop, const Sight& sight, std::span<float> out) {
  const int side = sight.view_side();
  if (side == sight.side) {
    garden::draw_plate(plate, side, out);
    return ViewKind::whole;
  }
  const auto width = static_cast<std::size_t>(side), seen = static_cast<std::size_t>(sight.side);
  std::vector<float> view(width * width * 3);
  garden::draw_plate(plate, side, view);
  if (sight.averaged > 1) {
    average_blocks(view, sight.side, sight.averaged, out);
    return ViewKind::whole;
  }
  const auto left = static_cast<std::size_t>(crop.whole(0, side - sight.side));
  const auto top = static_cast<std::size_t>(crop.whole(0, side - sight.side));
  for (std::size_t y = 0; y < seen; ++y)
    std::copy_n(&view[((top + y) * width + left) * 3], seen * 3, &out[y * seen * 3]);
  return ViewKind::whole;
}

}  // namespace

ViewKind GardenSource::draw(std::uint64_t seed, std::uint64_t index, const Sight& sight, std::span<float> out) const {
  return see(Dice(seed, DiceStream::garden, index), Dice(seed, DiceStream::crop, index), sight, out);
}

ViewKind GardenSource::held_out(std::size_t index, const Sight& sight, std::span<float> out) const {
  const std::uint64_t number = index % held_out_count();
  return see(Dice(0, DiceStream::held_out_garden, number), Dice(0, DiceStream::crop, number), sight, out);
}

}  // namespace florilegium
