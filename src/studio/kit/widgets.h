// The few controls of which the panels are made, drawn in the studio's own hand.
#pragma once

#include <imgui.h>

#include <span>
#include <string>

namespace florilegium {

/// A small heading: spaced capitals.
void heading(const char* text);
/// Wrapped small text in a softer ink.
void remark(const std::string& text);
/// So much free height between two controls.
void space(float height);
/// Text at a place, aligned: 0 left, 0.5 centred, 1 right of `at`.
void draw_text(ImDrawList& list, ImVec2 at, float align, ImU32 colour, const std::string& text);

enum class ButtonKind { primary, quiet, warning };
bool button(const char* label, float width, ButtonKind kind = ButtonKind::quiet, bool enabled = true);

enum class Icon { first, back, play, pause, forward, last, close, sun, moon, question };
bool icon_button(const char* id, Icon icon, const char* tip, bool enabled = true, float side = 0);

/// One of several, side by side. True when another was chosen.
bool choice(const char* id, std::span<const char* const> labels, int& chosen, float width);

/// What a slide is called in the list of the page (page_list.h), its stops there, and where it
/// stands in words.
struct Listing {
  const char* name = nullptr;  ///< null: it is not there
  int stops = 0;
  std::string value{};
};
/// A thin rule with a knob; position in [0, 1]. True while it moves.
bool slide(const char* id, float& position, float width, const Listing& listing);
/// Whether the last slide was let go.
bool let_go();

/// The soft shadow of a sheet that lies `drop` pixels above the table: it fades out over `spread`
/// pixels, from an opacity of `strength`.
void draw_shadow(ImDrawList& list, ImVec2 min, ImVec2 max, float spread, float drop, float strength);

/// A sheet of paper with a soft shadow.
void draw_paper(ImDrawList& list, ImVec2 min, ImVec2 max);

/// Fingers drag the window on hand, wherever they are put down; a drag up or down lets go of the
/// control under the finger.
void drag_to_scroll();

/// A sprig in line and wash, as the house's mark: `at` is the foot of the stem.
void draw_sprig(ImDrawList& list, ImVec2 at, float height, ImU32 colour);

}  // namespace florilegium
