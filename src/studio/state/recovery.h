// What becomes of the studio when a frame cannot be drawn: it goes back to what could be drawn
// last, a little further each time, so that one fault never ends the visit.
#pragma once

#include <string>

#include "src/studio/state/studio.h"

namespace florilegium {

/// What the last frame that was drawn showed.
struct LastGood {
  Settings settings;
  OpenModel model;
  int failures = 0;  ///< frames since then
};

/// A frame was drawn.
void frame_drawn(const Studio& studio, LastGood& good);

/// A frame could not be drawn -> whether another one may be tried. First the settings and the model
/// of the last good frame come back, then the room Grow with nothing over it, then the plate goes.
bool frame_failed(Studio& studio, LastGood& good, const std::string& why);

}  // namespace florilegium
