#include "src/studio/kit/panel.h"

#include <imgui.h>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"

namespace florilegium {

bool begin_panel(const char* name, Area area, Panel kind) {
  list_panel(name);
  ImGui::SetNextWindowPos({area.x, area.y});
  ImGui::SetNextWindowSize({area.width, area.height});
  ImGuiWindowFlags flags = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoCollapse |
                           ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground |
                           ImGuiWindowFlags_NoNav;
  if (kind != Panel::scrolling) flags |= ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  if (kind != Panel::above) flags |= ImGuiWindowFlags_NoBringToFrontOnFocus;
  return ImGui::Begin(name, nullptr, flags);
}

void begin_controls(const char* name, Area area, const ControlsLook& look, bool& visible) {
  ImDrawList& behind = *ImGui::GetBackgroundDrawList();
  const Palette& p = palette();
  behind.AddRectFilled({area.x, area.y}, {area.x + area.width, area.y + area.height}, p.panel);
  behind.AddLine({area.x, area.y},
                 look.beside ? ImVec2(area.x, area.y + area.height) : ImVec2(area.x + area.width, area.y), p.rule);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {look.pad, look.pad_top});
  visible = begin_panel(name, area, Panel::scrolling);
}

void end_controls(const ControlsLook& look, bool visible) {
  if (visible) {
    if (look.foot > 0) ImGui::Dummy({1, look.foot});
    drag_to_scroll();
  }
  ImGui::End();
  ImGui::PopStyleVar();
}

}  // namespace florilegium
