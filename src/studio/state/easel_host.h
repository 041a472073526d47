// What the easel asks of the place it runs in; see host.h.
#pragma once

namespace florilegium::host {

/// Grow the marked region of the finished plate again, from easel.region_noise on; the rest stays.
void regrow();

/// Grow from the visitor's picture under noise, from easel.guide_noise on.
void grow_from_guide();

/// Lets the visitor choose a picture to begin from.
void choose_picture();

}  // namespace florilegium::host
