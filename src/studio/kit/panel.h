// Panels: windows without a frame of their own, each in the rectangle that the page gives it.
#pragma once

namespace florilegium {

struct Area {
  float x, y, width, height;
};

/// A window for one panel. End with ImGui::End().
enum class Panel { still, scrolling, above };
bool begin_panel(const char* name, Area area, Panel kind = Panel::still);

/// Controls beside what they are for, or on a narrow page below it: on the panels' own paper, with
/// a rule along the edge that they share with it; fingers scroll them. draw(width) draws the
/// controls.
struct ControlsLook {
  bool beside;
  float pad = beside ? 26.0f : 16.0f, pad_top = beside ? 22.0f : 14.0f, foot = 12;
};
void begin_controls(const char* name, Area area, const ControlsLook& look, bool& visible);
void end_controls(const ControlsLook& look, bool visible);
template <class Draw>
void controls(const char* name, Area area, const ControlsLook& look, Draw&& draw) {
  bool visible = false;
  begin_controls(name, area, look, visible);
  if (visible) draw(area.width - 2 * look.pad);
  end_controls(look, visible);
}

}  // namespace florilegium
