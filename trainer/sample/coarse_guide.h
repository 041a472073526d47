// A coarse guide: a picture in so few colours that the network can draw a plate over it.
#pragma once

#include <vector>

#include "src/image/picture.h"

namespace florilegium {

/// A picture as a coarse guide: its middle square, reduced to one colour for each 8x8 pixels of a
/// picture `size` wide, all painted. [S/8, S/8, 4], as the network takes it.
std::vector<float> coarse_guide(const Picture& picture, int size);

}  // namespace florilegium
