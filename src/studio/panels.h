// The panels of the studio; each has a file of its own and draws into the rectangle that page.cpp gives it.
#pragma once

#include "src/studio/screen.h"

namespace florilegium {

struct Area {
  float x, y, width, height;
};

void plate_panel(Studio& studio, Screen& screen, Area area);
void timeline_panel(Studio& studio, Screen& screen, Area area);
void controls_panel(Studio& studio, Area area);
void keep_controls(Studio& studio, float width);  ///< of the controls: favourite, files of the plate and of its growth
void rooms_panel(Studio& studio, Area area);  ///< the tabs: a bar above the room, or at the foot of a narrow one
void notices_panel(Studio& studio, Area area);

// The other rooms: each has the whole area beside the tabs for its own controls and drawings.
void gallery_panel(Studio& studio, Screen& screen, Area area);
void tasks_panel(Studio& studio, Screen& screen, Area area);
void leave_tasks(Studio& studio);  ///< another room is on view: whatever the tasks have running ends
void criteria_panel(Studio& studio, Screen& screen, Area area);

/// A window without any frame of its own, for one panel. End with ImGui::End().
enum class Panel { still, scrolling, above };
bool begin_panel(const char* name, Area area, Panel kind = Panel::still);

}  // namespace florilegium
