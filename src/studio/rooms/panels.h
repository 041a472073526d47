// The panels of the studio; each has a file of its own and draws into the rectangle that page.cpp
// gives it.
#pragma once

#include "src/studio/kit/panel.h"
#include "src/studio/kit/screen.h"

namespace florilegium {

void plate_panel(Studio& studio, Screen& screen, Area area);
void timeline_panel(Studio& studio, Screen& screen, Area area);
void branches_panel(Studio& studio, Screen& screen,
                    Area area);  ///< the family of the plate on view, a row of thumbnails
void controls_panel(Studio& studio, Screen& screen, Area area);
void paint_on(Studio& studio, Screen& screen, ImVec2 min,
              ImVec2 max);  ///< takes strokes on the picture at this place and shows them, while the easel is open
void easel_controls(Studio& studio, Screen& screen,
                    float width);      ///< of the controls: tools, colours, a region, a picture to begin from
void take_easel_keys(Studio& studio);  ///< those with Ctrl; see keys.cpp for the others
void keep_controls(Studio& studio, float width);  ///< of the controls: favourite, files of the plate and of its growth
void rooms_panel(Studio& studio, Area area);      ///< the tabs: a bar above the room, or at the foot of a narrow one
void notices_panel(Studio& studio, Area area);

// The other rooms: each has the whole area beside the tabs for its own controls and drawings.
void gallery_panel(Studio& studio, Screen& screen, Area area);
void tasks_panel(Studio& studio, Screen& screen, Area area);
void criteria_panel(Studio& studio, Screen& screen, Area area);

}  // namespace florilegium
