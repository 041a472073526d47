// The gallery room: not furnished yet.
#include "src/studio/panels.h"
#include "src/studio/theme.h"
#include "src/studio/widgets.h"

namespace florilegium {

void gallery_panel(Studio&, Screen&, Area area) {
  if (begin_panel("gallery", area)) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float middle = area.x + area.width / 2, y = area.y + area.height * 0.5f;
    draw_sprig(list, {middle, y - 20}, 110, faded(palette().leaf, 0.75f));
    const UseFace face(Face::italic, 22);
    draw_text(list, {middle, y}, 0.5f, palette().soft_ink, "Many seeds side by side will hang here.");
  }
  ImGui::End();
}

}  // namespace florilegium
