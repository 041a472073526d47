// The tabs that lead from room to room: a bar with the page's name on a wide screen, a row at the
// thumb on a narrow one.
#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {
namespace {

// One tab: its name, and a line in leaf green along the edge that it shares with the room.
void tab(Studio& studio, ImDrawList& list, Room room, Area area, bool line_above) {
  const Palette& p = palette();
  ImGui::SetCursorScreenPos({area.x, area.y});
  const bool pressed = ImGui::InvisibleButton(name_of(room), {area.width, area.height}), here = studio.room == room;
  if (listed_pick(name_of(room), here) || pressed) show_room(studio, room);
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  const float edge = line_above ? area.y : area.y + area.height - 3;
  if (here) list.AddRectFilled({area.x + 8, edge}, {area.x + area.width - 8, edge + 3}, p.leaf, 1);
  else if (hovered) list.AddRectFilled({area.x + 8, edge}, {area.x + area.width - 8, edge + 3}, faded(p.leaf, 0.3f), 1);
  const float y = area.y + (area.height - ImGui::GetFontSize()) / 2 - 1;
  const ImU32 elsewhere = hovered ? p.leaf : p.soft_ink;
  draw_text(list, {area.x + area.width / 2, y}, 0.5f, here ? p.ink : elsewhere, name_of(room));
}

}  // namespace

void rooms_panel(Studio& studio, Area area) {
  const Palette& p = palette();
  const bool bar = area.y == 0;
  ImDrawList& behind = *ImGui::GetBackgroundDrawList();
  behind.AddRectFilled({area.x, area.y}, {area.x + area.width, area.y + area.height}, p.panel);
  const float edge = bar ? area.y + area.height : area.y;
  behind.AddLine({area.x, edge}, {area.x + area.width, edge}, p.rule);
  if (begin_panel("rooms", area)) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    float x = area.x;
    float width = area.width / room_count;
    if (bar) {
      draw_sprig(list, {area.x + 40, area.y + area.height - 11}, area.height - 20, p.leaf);
      const UseFace face(Face::title, 34);
      draw_text(list, {area.x + 58, area.y + (area.height - ImGui::GetFontSize()) / 2 - 1}, 0, p.ink, "Florilegium");
      x += 250;
      width = 104;
    }
    if (bar) {
      ImGui::SetCursorScreenPos({area.x + area.width - 104, area.y + 8});
      if (icon_button("dark", studio.dark ? Icon::sun : Icon::moon, studio.dark ? "By day (T)" : "By night (T)", true,
                      40))
        choose_dark(studio, !studio.dark);
      ImGui::SetCursorScreenPos({area.x + area.width - 60, area.y + 8});
      if (icon_button("keys", Icon::question, "Keys (?)", true, 40)) studio.showing_keys = true;
    }
    const UseFace face(Face::title, bar ? 23.0f : 21.0f);
    for (int i = 0; i < room_count; ++i)
      tab(studio, list, static_cast<Room>(i), {x + static_cast<float>(i) * width, area.y, width, area.height}, !bar);
  }
  ImGui::End();
}

}  // namespace florilegium
