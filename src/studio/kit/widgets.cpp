#include "src/studio/kit/widgets.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"

namespace florilegium {
namespace {

bool let_go_in_list = false;  // the last slide

ImVec2 add(ImVec2 a, float x, float y) { return {a.x + x, a.y + y}; }

// A leaf from `from`, pointing along `angle`: two mirrored curves and a midrib.
void draw_leaf(ImDrawList& list, ImVec2 from, float angle, float length, ImU32 colour) {
  const float c = std::cos(angle), s = std::sin(angle), w = length * 0.26f;
  const auto at = [&](float along, float across) {
    return ImVec2(from.x + c * along - s * across, from.y + s * along + c * across);
  };
  const ImVec2 tip = at(length, 0);
  list.PathLineTo(from);
  list.PathBezierCubicCurveTo(at(length * 0.25f, w), at(length * 0.7f, w), tip, 12);
  list.PathBezierCubicCurveTo(at(length * 0.7f, -w), at(length * 0.25f, -w), from, 12);
  list.PathFillConvex(faded(colour, 0.22f));
  list.AddBezierCubic(from, at(length * 0.25f, w), at(length * 0.7f, w), tip, colour, 1.0f, 12);
  list.AddBezierCubic(from, at(length * 0.25f, -w), at(length * 0.7f, -w), tip, colour, 1.0f, 12);
  list.AddLine(from, at(length * 0.8f, 0), faded(colour, 0.6f), 1.0f);
}

}  // namespace

void draw_text(ImDrawList& list, ImVec2 at, float align, ImU32 colour, const std::string& text) {
  const float width = align > 0 ? ImGui::CalcTextSize(text.c_str()).x : 0;
  list.AddText({std::round(at.x - align * width), std::round(at.y)}, colour, text.c_str());
}

void heading(const char* text) {
  list_heading(text);
  const UseFace face(Face::strong, 13.5f);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImVec2 at = ImGui::GetCursorScreenPos();
  const float foot = ImGui::GetFontSize();
  for (const char* letter = text; *letter != '\0'; ++letter) {
    const char one[2] = {*letter, '\0'};
    list.AddText(at, palette().soft_ink, one);
    at.x += ImGui::CalcTextSize(one).x + 1.8f;
  }
  ImGui::Dummy({at.x - ImGui::GetCursorScreenPos().x, foot});
}

void space(float height) { ImGui::Dummy({1, height - ImGui::GetStyle().ItemSpacing.y}); }

void remark(const std::string& text) {
  list_text(text);
  const UseFace face(Face::text, 16);
  ImGui::PushStyleColor(ImGuiCol_Text, palette().soft_ink);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

bool button(const char* label, float width, ButtonKind kind, bool enabled) {
  const Palette& p = palette();
  const bool primary = kind == ButtonKind::primary;
  const float height = primary ? control_height() + 12 : control_height();
  ImGui::BeginDisabled(!enabled);
  bool pressed = ImGui::InvisibleButton(label, {width, height});
  ImGui::EndDisabled();
  pressed |= listed_press(label, enabled);
  const bool hovered = enabled && ImGui::IsItemHovered(), held = enabled && ImGui::IsItemActive();
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float round = primary ? 9.0f : 7.0f;
  if (primary) {
    list.AddRectFilled(add(min, 0, 2), add(max, 0, 2), faded(p.shadow, enabled ? 0.25f : 0), round);
    list.AddRectFilled(min, max, enabled ? (hovered && !held ? p.leaf_bright : p.leaf) : p.rule, round);
  } else {
    const ImU32 ground = hovered ? faded(p.leaf, 0.1f) : p.field;
    list.AddRectFilled(min, max, held ? faded(p.leaf, 0.22f) : ground, round);
    list.AddRect(min, max, hovered ? p.leaf : p.rule, round);
  }
  const std::string full(label), shown = full.substr(0, full.find("##"));
  const UseFace face(primary ? Face::title : Face::strong, primary ? 24.0f : 17.0f);
  ImU32 ink = primary ? p.on_leaf : p.ink;
  if (!enabled) ink = primary ? p.panel : p.faint_ink;
  else if (kind == ButtonKind::warning && !primary) ink = p.madder;
  draw_text(list, {(min.x + max.x) / 2, (min.y + max.y - ImGui::GetFontSize()) / 2 - (primary ? 1.0f : 0)}, 0.5f, ink,
            shown);
  return pressed;
}

bool icon_button(const char* id, Icon icon, const char* tip, bool enabled, float side) {
  const Palette& p = palette();
  if (side <= 0) side = control_height();
  ImGui::BeginDisabled(!enabled);
  bool pressed = ImGui::InvisibleButton(id, {side, side});
  ImGui::EndDisabled();
  pressed |= listed_press(tip, enabled);
  const bool hovered = enabled && ImGui::IsItemHovered();
  if (hovered) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    ImGui::SetItemTooltip("%s", tip);
  }
  const ImVec2 min = ImGui::GetItemRectMin();
  const ImVec2 c = add(min, side / 2, side / 2);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) list.AddCircleFilled(c, side / 2, faded(p.leaf, ImGui::IsItemActive() ? 0.24f : 0.12f));
  ImU32 ink = hovered ? p.leaf : p.ink;
  if (!enabled) ink = faded(p.faint_ink, 0.6f);
  const float r = 7.5f;
  const auto right = [&](float x, float size) {
    list.AddTriangleFilled(add(c, x - size * 0.55f, -size), add(c, x + size * 0.9f, 0), add(c, x - size * 0.55f, size),
                           ink);
  };
  const auto left = [&](float x, float size) {
    list.AddTriangleFilled(add(c, x + size * 0.55f, -size), add(c, x + size * 0.55f, size), add(c, x - size * 0.9f, 0),
                           ink);
  };
  const auto bar = [&](float x, float size) {
    list.AddRectFilled(add(c, x - 1.5f, -size), add(c, x + 1.5f, size), ink, 1);
  };
  switch (icon) {
    case Icon::first:
      bar(-6, r);
      left(2, r);
      break;
    case Icon::back:
      bar(5, r - 1);
      left(-2, r - 1);
      break;
    case Icon::play: right(0, r + 3); break;
    case Icon::pause:
      bar(-4, r + 1.5f);
      bar(4, r + 1.5f);
      break;
    case Icon::forward:
      bar(-5, r - 1);
      right(2, r - 1);
      break;
    case Icon::last:
      bar(6, r);
      right(-2, r);
      break;
    case Icon::sun:
      list.AddCircle(c, 5, ink, 0, 1.6f);
      for (int i = 0; i < 8; ++i) {
        const float angle = 0.785398f * static_cast<float>(i), x = std::cos(angle), y = std::sin(angle);
        list.AddLine(add(c, 7.5f * x, 7.5f * y), add(c, 10.5f * x, 10.5f * y), ink, 1.6f);
      }
      break;
    case Icon::moon:
      list.PathArcTo(c, 8.5f, 0.2f, 4.2f, 24);
      list.PathBezierCubicCurveTo(add(c, -1.5f, -2), add(c, 3.5f, 3.5f), add(c, 8.3f, 1.7f), 16);
      list.PathStroke(ink, 0, 1.6f);
      break;
    case Icon::question: {
      const UseFace face(Face::title, 26);
      draw_text(list, add(c, 0, -ImGui::GetFontSize() / 2 - 1), 0.5f, ink, "?");
      break;
    }
    case Icon::close:
      list.AddLine(add(c, -5, -5), add(c, 5, 5), ink, 1.6f);
      list.AddLine(add(c, 5, -5), add(c, -5, 5), ink, 1.6f);
      break;
  }
  return pressed;
}

bool choice(const char* id, std::span<const char* const> labels, int& chosen, float width) {
  const Palette& p = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float height = control_height(), each = width / static_cast<float>(labels.size());
  list.AddRectFilled(min, add(min, width, height), faded(p.rule, 0.5f), 8);
  bool changed = false;
  ImGui::PushID(id);
  const UseFace face(Face::strong, 17);
  for (int i = 0; i < static_cast<int>(labels.size()); ++i) {
    const ImVec2 from = add(min, each * static_cast<float>(i), 0);
    ImGui::SetCursorScreenPos(from);
    bool pressed = ImGui::InvisibleButton(labels[static_cast<std::size_t>(i)], {each, height});
    pressed |= listed_pick(labels[static_cast<std::size_t>(i)], chosen == i);
    if (pressed && chosen != i) {
      chosen = i;
      changed = true;
    }
    const bool hovered = ImGui::IsItemHovered();
    if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (chosen == i) {
      list.AddRectFilled(add(from, 3, 4), add(from, each - 3, height - 2), faded(p.shadow, 0.12f), 6);
      list.AddRectFilled(add(from, 3, 3), add(from, each - 3, height - 3), p.chosen, 6);
    }
    const ImU32 other = hovered ? p.leaf : p.soft_ink;
    draw_text(list, {from.x + each / 2, from.y + (height - ImGui::GetFontSize()) / 2}, 0.5f,
              chosen == i ? p.ink : other, labels[static_cast<std::size_t>(i)]);
  }
  ImGui::PopID();
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy({width, height});
  return changed;
}

bool slide(const char* id, float& position, float width, const Listing& listing) {
  const Palette& p = palette();
  const float height = std::max(28.0f, control_height() - 8), inset = 9;
  ImGui::InvisibleButton(id, {width, height});
  const ImVec2 min = ImGui::GetItemRectMin();
  const bool active = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  bool moved = false;
  if (active) {
    const float wanted = std::clamp((ImGui::GetIO().MousePos.x - min.x - inset) / (width - 2 * inset), 0.0f, 1.0f);
    moved = wanted != position;
    position = wanted;
  }
  bool listed = false;
  if (listing.name != nullptr)
    if (const auto given = listed_slide(listing.name, position, listing.stops, listing.value)) {
      moved = listed = true;
      position = *given;
    }
  let_go_in_list = listed;
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = min.y + height / 2, x = min.x + inset + position * (width - 2 * inset);
  list.AddRectFilled({min.x + inset - 4, y - 1.5f}, {min.x + width - inset + 4, y + 1.5f}, p.rule, 2);
  list.AddRectFilled({min.x + inset - 4, y - 1.5f}, {x, y + 1.5f}, p.leaf, 2);
  list.AddCircleFilled({x, y + 1}, 9.5f, faded(p.shadow, 0.25f));
  list.AddCircleFilled({x, y}, 9, active || hovered ? p.leaf_bright : p.leaf);
  list.AddCircleFilled({x, y}, 3, p.on_leaf);
  return moved;
}

bool let_go() { return let_go_in_list || ImGui::IsItemDeactivated(); }

void draw_sprig(ImDrawList& list, ImVec2 at, float height, ImU32 colour) {
  const auto stem = [&](float t) { return ImVec2(at.x + height * 0.10f * std::sin(t * 2.2f), at.y - height * t); };
  for (int i = 0; i <= 24; ++i) list.PathLineTo(stem(static_cast<float>(i) / 24 * 0.92f));
  list.PathStroke(colour, 0, std::max(1.0f, height / 110));
  constexpr float straight_up = -1.5708f;
  for (int i = 0; i < 4; ++i) {
    const float t = 0.2f + 0.18f * static_cast<float>(i), length = height * (0.30f - 0.045f * static_cast<float>(i));
    draw_leaf(list, stem(t), straight_up + 0.95f - 0.05f * static_cast<float>(i), length, colour);
    draw_leaf(list, stem(t + 0.05f), straight_up - 0.85f + 0.05f * static_cast<float>(i), length * 0.94f, colour);
  }
  draw_leaf(list, stem(0.9f), straight_up + 0.12f, height * 0.16f, colour);
}

void draw_shadow(ImDrawList& list, ImVec2 min, ImVec2 max, float spread, float drop, float strength) {
  constexpr int rings =
      6;  // side by side, none beneath the sheet: every pixel is painted once, which counts where the processor paints
  const float width = spread / rings;
  for (int i = 0; i < rings; ++i) {
    const float grow = (static_cast<float>(i) + 0.5f) * width, share = static_cast<float>(rings - i) / rings;
    list.AddRect({min.x - grow, min.y - grow + drop}, {max.x + grow, max.y + grow + drop},
                 faded(palette().shadow, strength * share), 4 + grow, 0, width);
  }
  list.AddRectFilled({min.x, max.y}, {max.x, max.y + drop}, faded(palette().shadow, strength));
}

void draw_paper(ImDrawList& list, ImVec2 min, ImVec2 max) {
  const Palette& p = palette();
  draw_shadow(list, min, max, 15, 5, 0.15f);
  list.AddRectFilled(min, max, p.card, 2);
}

void drag_to_scroll() {
  static bool dragging = false;
  const ImGuiIO& io = ImGui::GetIO();
  if (!ImGui::IsMouseDown(ImGuiMouseButton_Left)) dragging = false;
  if (io.MouseSource != ImGuiMouseSource_TouchScreen || !ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;
  const ImVec2 moved = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0),
               from = io.MouseClickedPos[ImGuiMouseButton_Left];
  const ImVec2 min = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  const bool inside = from.x >= min.x && from.x < min.x + size.x && from.y >= min.y && from.y < min.y + size.y;
  if (!dragging && inside && std::abs(moved.y) > 10 && std::abs(moved.y) > 1.5f * std::abs(moved.x)) {
    dragging = true;
    ImGui::ClearActiveID();
  }
  if (dragging) ImGui::SetScrollY(ImGui::GetScrollY() - io.MouseDelta.y);
}

}  // namespace florilegium
