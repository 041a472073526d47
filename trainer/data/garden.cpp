#include "trainer/data/garden.h"

#include "trainer/data/dice.h"
#include "trainer/data/garden/plate.h"

namespace florilegium {

void GardenSource::draw(std::uint64_t seed, std::uint64_t index, int size, std::span<float> out) const {
  garden::draw_plate(Dice(seed, DiceStream::garden, index), size, out);
}

void GardenSource::held_out(std::size_t index, int size, std::span<float> out) const {
  garden::draw_plate(Dice(0, DiceStream::held_out_garden, index % held_out_count()), size, out);
}

}  // namespace florilegium
