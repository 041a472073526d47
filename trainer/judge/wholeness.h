// Plausibility, one sign more: whether what is drawn hangs together. A printed plant is one piece
// of ink with closed contours; a badly grown one comes in pieces, and its edges fade into the
// paper.
#pragma once

#include "src/image/picture.h"

namespace florilegium {

struct Wholeness {
  double largest = 1;  ///< share of the ink in its largest connected piece; 1 where there is no ink
  double pieces = 0;   ///< connected pieces of ink above 0.05 % of the sheet
  double soft_outline =
      0;  ///< share of the ink's outline where nothing differs by more than 0.2 from what is beside it
};

/// Ink is what differs from the paper by more than 0.1 of the colour cube's side (as for
/// statistics_of), on the middle square reduced to 256 x 256 pixels; pixels that touch at a corner
/// are connected. The outline is looked at in the picture's own pixels.
Wholeness wholeness_of(const Picture& picture);

}  // namespace florilegium
