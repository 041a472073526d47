// The whole page: lays the panels out for the room there is, and takes the keys.
#pragma once

#include "src/studio/kit/screen.h"

namespace florilegium {

/// One frame, between ImGui::NewFrame() and ImGui::Render(). seconds: since the last frame.
void draw_page(Studio& studio, Screen& screen, double seconds);

/// Whether the next frame will differ without any event: something moves by itself.
bool moves_by_itself(const Studio& studio);

/// Whether one picture is on view, the working one or the prediction, and nothing lies over it.
bool shows_bare_picture(const Studio& studio);

}  // namespace florilegium
