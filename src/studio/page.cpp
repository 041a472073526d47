#include "src/studio/page.h"

#include <algorithm>

#include "src/bridge/host.h"
#include "src/studio/panels.h"
#include "src/studio/theme.h"

namespace florilegium {
namespace {

void take_keys(Studio& studio) {
  if (ImGui::GetIO().WantTextInput) return;
  const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key); };
  const auto& io = ImGui::GetIO();
  if (io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
  if (pressed(ImGuiKey_G) || pressed(ImGuiKey_Enter)) grow(studio);
  if (pressed(ImGuiKey_N)) {
    studio.settings.seed = host::chance();
    host::remember(studio.settings);
    grow(studio);
  }
  if (pressed(ImGuiKey_Escape)) stop(studio);
  if (pressed(ImGuiKey_S)) save_plate(studio);
  if (pressed(ImGuiKey_V)) studio.view = studio.view == View::working ? View::prediction : View::working;
  if (!studio.growth) return;
  if (pressed(ImGuiKey_Space)) studio.growth->active() ? toggle_pause(studio) : toggle_replay(studio);
  if (pressed(ImGuiKey_RightArrow)) step_forward(studio);
  if (pressed(ImGuiKey_LeftArrow)) walk_to(studio, studio.shown_step - 1);
  if (pressed(ImGuiKey_Home)) walk_to(studio, studio.growth->history.first_step());
  if (pressed(ImGuiKey_End)) walk_to(studio, studio.growth->history.last_step());
}

}  // namespace

bool begin_panel(const char* name, Area area, Panel kind) {
  ImGui::SetNextWindowPos({area.x, area.y});
  ImGui::SetNextWindowSize({area.width, area.height});
  ImGuiWindowFlags flags = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoMove |
                           ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoNav;
  if (kind != Panel::scrolling) flags |= ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  if (kind != Panel::above) flags |= ImGuiWindowFlags_NoBringToFrontOnFocus;
  return ImGui::Begin(name, nullptr, flags);
}

void draw_page(Studio& studio, Screen& screen, double seconds) {
  const ImVec2 room = ImGui::GetIO().DisplaySize;
  const bool wide = room.x >= 820 && room.x > room.y * 0.9f;
  static int themed = -1;  // palette and sizes follow the colour scheme and the room
  if (const int wanted = (studio.dark ? 2 : 0) + (wide ? 1 : 0); themed != wanted) {
    use_theme(studio.dark, !wide);
    themed = wanted;
  }
  take_keys(studio);
  advance_replay(studio, seconds);

  if (wide) {
    const float side = std::clamp(room.x * 0.25f, 330.0f, 400.0f), foot = std::clamp(room.y * 0.2f, 150.0f, 184.0f);
    plate_panel(studio, screen, {0, 0, room.x - side, room.y - foot});
    timeline_panel(studio, screen, {0, room.y - foot, room.x - side, foot});
    controls_panel(studio, {room.x - side, 0, side, room.y});
    notices_panel(studio, {0, 0, room.x - side, room.y});
  } else {
    const float top = std::min(room.x + 40, room.y * 0.55f), foot = 146;
    plate_panel(studio, screen, {0, 0, room.x, top});
    timeline_panel(studio, screen, {0, top, room.x, foot});
    controls_panel(studio, {0, top + foot, room.x, room.y - top - foot});
    notices_panel(studio, {0, 0, room.x, room.y});
  }
}

bool moves_by_itself(const Studio& studio) {
  return studio.replaying || (ImGui::GetIO().WantTextInput);
}

}  // namespace florilegium
