#include "src/studio/rooms/page.h"

#include <algorithm>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/rooms/keys.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {
namespace {

void grow_room(Studio& studio, Screen& screen, Area area, bool wide) {
  const bool only_paints = studio.easel.open && !wide;  // who paints needs its tools at hand
  const float family = studio.family.size() > 1 && !only_paints ? (wide ? 96.0f : 88.0f) : 0;
  if (wide) {
    const float side = std::clamp(area.width * 0.25f, 330.0f, 400.0f),
                foot = std::clamp(area.height * 0.2f, 150.0f, 184.0f);
    const float left = area.width - side, top = area.height - foot - family;
    plate_panel(studio, screen, {area.x, area.y, left, top});
    timeline_panel(studio, screen, {area.x, area.y + top, left, foot});
    if (family > 0) branches_panel(studio, screen, {area.x, area.y + top + foot, left, family});
    controls_panel(studio, screen, {area.x + left, area.y, side, area.height});
  } else {
    const float top = std::min(area.width + 40, area.height * 0.55f), foot = only_paints ? 0 : 146;
    plate_panel(studio, screen, {area.x, area.y, area.width, top});
    if (foot > 0) timeline_panel(studio, screen, {area.x, area.y + top, area.width, foot});
    if (family > 0) branches_panel(studio, screen, {area.x, area.y + top + foot, area.width, family});
    controls_panel(studio, screen,
                   {area.x, area.y + top + foot + family, area.width, area.height - top - foot - family});
  }
}

}  // namespace

void draw_page(Studio& studio, Screen& screen, double seconds) {
  begin_list();
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const bool wide = display.x >= 820 && display.x > display.y * 0.9f;
  static int themed = -1;  // palette and sizes follow the colour scheme and the display
  if (const int wanted = (studio.dark ? 2 : 0) + (wide ? 1 : 0); themed != wanted) {
    use_theme(studio.dark, !wide);
    themed = wanted;
  }
  take_keys(studio);
  advance_replay(studio, seconds);

  const float tabs = wide ? 56.0f : 52.0f;
  rooms_panel(studio, {0, wide ? 0 : display.y - tabs, display.x, tabs});
  const Area area{0, wide ? tabs : 0, display.x, display.y - tabs};
  switch (studio.room) {
    case Room::grow: grow_room(studio, screen, area, wide); break;
    case Room::gallery: gallery_panel(studio, screen, area); break;
    case Room::tasks: tasks_panel(studio, screen, area); break;
    case Room::criteria: criteria_panel(studio, screen, area); break;
  }
  if (studio.room != Room::tasks) leave_tasks(studio);
  notices_panel(studio, area);
  list_keys(studio);
  keys_panel(studio, {0, 0, display.x, display.y});
}

bool moves_by_itself(const Studio& studio) { return studio.replaying || (ImGui::GetIO().WantTextInput); }

bool shows_bare_picture(const Studio& studio) {
  return studio.growth && studio.room == Room::grow &&
         (studio.view == View::working || studio.view == View::prediction) && !studio.easel.open &&
         !studio.showing_keys && studio.notices.empty();
}

}  // namespace florilegium
