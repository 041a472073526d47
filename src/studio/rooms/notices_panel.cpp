// Notices: what the visitor should know, in a sentence, until it is put away.
#include <algorithm>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {

void notices_panel(Studio& studio, Area area) {
  if (studio.notices.empty()) return;
  const Palette& p = palette();
  const float width = std::min(620.0f, area.width - 24), pad = 16, cross = 36;
  const float x = area.x + (area.width - width) / 2;
  const UseFace face(Face::text, 18);
  float height = 0;
  for (const Notice& one : studio.notices)
    height += ImGui::CalcTextSize(one.text.c_str(), nullptr, false, width - 2 * pad - cross).y + 2 * pad + 8;
  if (begin_panel("notices", {x, area.y + 12, width, height}, Panel::above)) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    float y = area.y + 12;
    int put_away = -1;
    for (int i = 0; i < static_cast<int>(studio.notices.size()); ++i) {
      const Notice& one = studio.notices[static_cast<std::size_t>(i)];
      const float tall = ImGui::CalcTextSize(one.text.c_str(), nullptr, false, width - 2 * pad - cross).y + 2 * pad;
      const ImU32 mark = one.kind == Notice::Kind::failure ? p.madder : p.leaf;
      list.AddRectFilled({x, y + 3}, {x + width, y + tall + 3}, faded(p.shadow, 0.16f), 7);
      list.AddRectFilled({x, y}, {x + width, y + tall}, p.field, 7);
      list.AddRect({x, y}, {x + width, y + tall}, p.rule, 7);
      list.AddRectFilled({x, y}, {x + 5, y + tall}, mark, 7, ImDrawFlags_RoundCornersLeft);
      list.AddText(nullptr, 0, {x + pad + 4, y + pad}, p.ink, one.text.c_str(), nullptr, width - 2 * pad - cross);
      ImGui::SetCursorScreenPos({x + width - cross - 4, y + (tall - cross) / 2});
      list_text(one.text);
      ImGui::PushID(i);
      if (icon_button("away", Icon::close, "Put away", true, cross)) put_away = i;
      ImGui::PopID();
      y += tall + 8;
    }
    if (put_away >= 0) studio.notices.erase(studio.notices.begin() + put_away);
  }
  ImGui::End();
}

}  // namespace florilegium
