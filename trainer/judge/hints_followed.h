// How well a model follows hints: painted strokes from held-out pictures, and what is grown under
// them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "trainer/data/source.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {

struct HintTrial {
  std::uint64_t seed = 0;
  double painted = 0;  ///< share of the cells that carry a colour, above 0
  double with_hint = 0,
         without_hint =
             0;  ///< mean distance of a painted cell's colour to the hint's, over red, green and blue, in 1/255
  Picture hint, grown_with, grown_without;  ///< the hint with its unpainted cells transparent; all image_size wide
};

/// Trial number i takes held-out picture i (evenly spread over the set), a hint from it as training
/// draws them (the empty ones left out), and grows from seed first_seed + i twice: with the hint
/// and without. settings.hint is not used. Throws std::invalid_argument when the network has no
/// hint, std::logic_error when the source holds no picture out.
std::vector<HintTrial> try_hints(
    ForwardModel& model, const PictureSource& source, const GrowSettings& settings, std::uint64_t first_seed, int count,
    const std::function<void(const HintTrial&)>& each = [](const HintTrial&) {});

/// Mean distance of the hint's painted cells ([S/8, S/8, 4], as the network takes it) to the same
/// cells of an S wide picture, in 1/255; 0 when nothing is painted.
double distance_to_hint(const std::vector<float>& hint, const Picture& picture);

}  // namespace florilegium
