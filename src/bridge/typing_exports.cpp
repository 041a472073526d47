// Keys and text as the page's JavaScript tells them (web/typing.mjs), for Dear ImGui. A key goes by
// what it says on this layout, not by where it lies: the names are those of the DOM's
// KeyboardEvent.key.
#include <emscripten/emscripten.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "src/bridge/studio_link.h"

namespace {

struct NamedKey {
  std::string_view name;
  ImGuiKey key;
};
constexpr std::array named_keys = {
    NamedKey{"ArrowLeft", ImGuiKey_LeftArrow},
    NamedKey{"ArrowRight", ImGuiKey_RightArrow},
    NamedKey{"ArrowUp", ImGuiKey_UpArrow},
    NamedKey{"ArrowDown", ImGuiKey_DownArrow},
    NamedKey{"Home", ImGuiKey_Home},
    NamedKey{"End", ImGuiKey_End},
    NamedKey{"PageUp", ImGuiKey_PageUp},
    NamedKey{"PageDown", ImGuiKey_PageDown},
    NamedKey{"Enter", ImGuiKey_Enter},
    NamedKey{"Escape", ImGuiKey_Escape},
    NamedKey{"Backspace", ImGuiKey_Backspace},
    NamedKey{"Delete", ImGuiKey_Delete},
    NamedKey{" ", ImGuiKey_Space},
    NamedKey{"?", ImGuiKey_Slash},
    NamedKey{",", ImGuiKey_Comma},
    NamedKey{".", ImGuiKey_Period},
    NamedKey{"[", ImGuiKey_LeftBracket},
    NamedKey{"]", ImGuiKey_RightBracket},
};

ImGuiKey key_named(std::string_view name) {
  if (name.size() == 1) {
    const char one = name[0];
    if (one >= 'a' && one <= 'z') return static_cast<ImGuiKey>(ImGuiKey_A + (one - 'a'));
    if (one >= 'A' && one <= 'Z') return static_cast<ImGuiKey>(ImGuiKey_A + (one - 'A'));
    if (one >= '0' && one <= '9') return static_cast<ImGuiKey>(ImGuiKey_0 + (one - '0'));
  }
  for (const NamedKey& one : named_keys)
    if (one.name == name) return one.key;
  return ImGuiKey_None;
}

}  // namespace

extern "C" {

/// Apple's keyboards make chords with Cmd where others do with Ctrl; before the first key.
EMSCRIPTEN_KEEPALIVE void studio_apple_keyboard(int apple) { ImGui::GetIO().ConfigMacOSXBehaviors = apple != 0; }

/// A key was pressed (down), is still held (again) or was let go -> whether the studio knows it.
/// held: 1 Ctrl, 2 Shift, 4 Alt, 8 Cmd or Windows.
EMSCRIPTEN_KEEPALIVE int studio_key(const char* name, int down, int again, int held) {
  ImGuiIO& io = ImGui::GetIO();
  constexpr std::array modifiers = {ImGuiMod_Ctrl, ImGuiMod_Shift, ImGuiMod_Alt, ImGuiMod_Super};
  for (std::size_t i = 0; i < modifiers.size(); ++i) io.AddKeyEvent(modifiers[i], (held >> i & 1) != 0);
  const ImGuiKey key = key_named(name);
  if (key == ImGuiKey_None) return 0;
  if (again) ++florilegium::the_studio().changes;  // ImGui repeats it, when it draws
  else io.AddKeyEvent(key, down != 0);
  return 1;
}

/// A text field of the studio waits for text.
EMSCRIPTEN_KEEPALIVE int studio_wants_text() {
  return ImGui::GetCurrentContext() != nullptr && ImGui::GetIO().WantTextInput;
}

/// What was typed or pasted; what the field takes of it is the field's business.
EMSCRIPTEN_KEEPALIVE void studio_type(const char* text) { ImGui::GetIO().AddInputCharactersUTF8(text); }

/// What is chosen in the field that waits for text.
EMSCRIPTEN_KEEPALIVE const char* studio_chosen_text() {
  static std::string chosen;
  chosen.clear();
  if (const ImGuiInputTextState* field = ImGui::GetInputTextState(ImGui::GetActiveID());
      field && field->HasSelection()) {
    const int from = field->GetSelectionStart(), to = field->GetSelectionEnd();
    chosen.assign(field->TextA.Data + std::min(from, to), field->TextA.Data + std::max(from, to));
  }
  return chosen.c_str();
}

/// The focus has gone to something else on the page: the field keeps what was typed.
EMSCRIPTEN_KEEPALIVE void studio_leave_text() {
  florilegium::studio_link().leaves_text = studio_wants_text() != 0;
  ++florilegium::the_studio().changes;
}

}  // extern "C"
