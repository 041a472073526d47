// The family of the plate on view: the first growth and its branches, each with a line to where it
// sprang from, and a place for one more.
#include <algorithm>
#include <string>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {
namespace {

const Texture& thumbnail_texture(const Studio& studio, Screen& screen, int index) {
  while (static_cast<int>(screen.branches.size()) <= index) screen.branches.emplace_back();
  auto& [texture, serial, step] = screen.branches[static_cast<std::size_t>(index)];
  const Growth& growth = family_member(studio, index);
  if (serial != growth.serial || step != growth.history.last_step()) {
    texture.show(growth.thumbnails.back());
    serial = growth.serial;
    step = growth.history.last_step();
  }
  return texture;
}

// The noise level at which it sprang from another: the more, the further it can lead away.
std::string label(const Growth& growth) {
  return growth.flips.empty() ? "first" : percent(growth.history.noise_level(growth.flips.back().step));
}

std::string about(const Growth& growth) {
  std::string text = "The first plate, seed " + std::to_string(growth.settings.seed);
  if (!growth.flips.empty())
    text = "From step " + std::to_string(growth.flips.back().step) + " with the seed " +
           std::to_string(growth.flips.back().coins);
  return growth.steps_let_go ? text + "; only this picture of it is kept" : text;
}

// An empty place: flips the coins again at the step on view.
void another(Studio& studio, ImVec2 min, float side) {
  const Palette& p = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 max(min.x + side, min.y + side), centre(min.x + side / 2, min.y + side / 2);
  const bool possible = can_branch(studio);
  ImGui::SetCursorScreenPos({min.x - 5, min.y - 2});
  ImGui::BeginDisabled(!possible);
  const bool pressed = ImGui::InvisibleButton("another", {side + 10, side + 22});
  ImGui::EndDisabled();
  if (listed_press("Flip the coins again at step " + std::to_string(studio.shown_step), possible) || pressed)
    branch_here(studio);
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    ImGui::SetItemTooltip("Flip the coins again at step %d (B)", studio.shown_step);
  }
  ImU32 colour = hovered ? p.leaf_bright : p.leaf;
  if (!possible) colour = p.faint_ink;
  list.AddRect({min.x - 3, min.y - 3}, {max.x + 3, max.y + 3}, possible ? colour : p.rule, 2);
  list.AddLine({centre.x - 9, centre.y}, {centre.x + 9, centre.y}, colour, 1.5f);
  list.AddLine({centre.x, centre.y - 9}, {centre.x, centre.y + 9}, colour, 1.5f);
  const UseFace face(Face::text, 15);
  if (possible)
    draw_text(list, {centre.x, max.y + 6}, 0.5f, p.soft_ink,
              percent(studio.growth->history.noise_level(studio.shown_step)));
}

}  // namespace

void branches_panel(Studio& studio, Screen& screen, Area area) {
  if (begin_panel("branches", area)) {
    const Palette& p = palette();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const bool wide = area.width > 600;
    const float pad = wide ? 34.0f : 12.0f, side = wide ? 54.0f : 48.0f, each = side + (wide ? 22.0f : 14.0f),
                top = area.y + 12;
    const int count = static_cast<int>(studio.family.size()),
              fit = std::max(1, static_cast<int>((area.width - 2 * pad + each - side) / each) - 1);
    // Where not all fit, those around the one on view are shown.
    const int from = std::clamp(studio.shown_branch - fit / 2, 0, std::max(0, count - fit)),
              to = std::min(count, from + fit);
    const auto middle = [&](int i) { return area.x + pad + each * static_cast<float>(i - from) + side / 2; };
    for (int i = from; i < to; ++i) {
      const int parent = studio.family[static_cast<std::size_t>(i)].parent;
      if (parent < 0) continue;
      const float start = middle(std::max(parent, from - 1)), end = middle(i),
                  height = std::min(11.0f, 4 + 2 * static_cast<float>(i - parent));
      list.AddBezierCubic({start, top}, {start, top - height}, {end, top - height}, {end, top},
                          i == studio.shown_branch ? p.leaf : p.faint_ink, 1.5f);
    }
    another(studio, {area.x + pad + each * static_cast<float>(to - from), top + 2}, side);
    const UseFace face(Face::text, 15);
    for (int i = from; i < to; ++i) {
      const float x = middle(i) - side / 2;
      const bool here = i == studio.shown_branch;
      ImGui::SetCursorScreenPos({x - 5, top});
      ImGui::PushID(i);
      const bool pressed = ImGui::InvisibleButton("branch", {side + 10, side + 22});
      if (listed_pick(about(family_member(studio, i)), here) || pressed) show_branch(studio, i);
      ImGui::PopID();
      const bool hovered = ImGui::IsItemHovered();
      if (hovered) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        ImGui::SetItemTooltip("%s", about(family_member(studio, i)).c_str());
      }
      list.AddRectFilled({x - 3, top - 1}, {x + side + 3, top + side + 5}, p.card, 2);
      list.AddImage(thumbnail_texture(studio, screen, i).id(), {x, top + 2}, {x + side, top + 2 + side});
      const ImU32 elsewhere = hovered ? p.leaf_bright : p.rule;
      list.AddRect({x - 3, top - 1}, {x + side + 3, top + side + 5}, here ? p.leaf : elsewhere, 2, 0,
                   here ? 2.5f : 1.0f);
      draw_text(list, {x + side / 2, top + side + 8}, 0.5f, here ? p.ink : p.soft_ink, label(family_member(studio, i)));
    }
  }
  ImGui::End();
}

}  // namespace florilegium
