#include "src/studio/rooms/keys.h"

#include <algorithm>
#include <array>

#include "src/diffusion/schedule.h"
#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/state/host.h"

namespace florilegium {
namespace {

void new_seed(Studio& studio) {
  studio.settings.seed = host::chance();
  host::remember(studio.settings);
  grow(studio);
}

void next_view(Studio& studio) {
  switch (studio.view) {
    case View::working: show_view(studio, View::prediction); break;
    case View::prediction: show_view(studio, View::change); break;
    case View::change: show_view(studio, View::overlaid); break;
    case View::overlaid: show_view(studio, View::side_by_side); break;
    case View::side_by_side: show_view(studio, View::working); break;
  }
}

void pause_or_replay(Studio& studio) {
  if (studio.growth) studio.growth->active() ? toggle_pause(studio) : toggle_replay(studio);
}

void more_steps(Studio& studio, int more) {
  set_steps(studio, studio.settings.steps + more);
  host::remember(studio.settings);
  host::announce(std::to_string(studio.settings.steps) + " steps.");
}

void more_shift(Studio& studio, double more) {
  set_shift(studio, Schedule::parse(studio.settings.schedule).shift + more);
  host::remember(studio.settings);
  host::announce("Schedule " + studio.settings.schedule + ".");
}

struct Key {
  ImGuiKey key;
  const char* name;
  const char* meaning;
  void (*act)(Studio&);
};

constexpr int everywhere =
    6;  // the first six are for every room, the others for Grow: each other room takes its own keys
constexpr std::array keys = {
    Key{ImGuiKey_1, "1", "Grow", [](Studio& s) { show_room(s, Room::grow); }},
    Key{ImGuiKey_2, "2", "Gallery", [](Studio& s) { show_room(s, Room::gallery); }},
    Key{ImGuiKey_3, "3", "Tasks", [](Studio& s) { show_room(s, Room::tasks); }},
    Key{ImGuiKey_4, "4", "Criteria", [](Studio& s) { show_room(s, Room::criteria); }},
    Key{ImGuiKey_T, "T", "by day, by night", [](Studio& s) { choose_dark(s, !s.dark); }},
    Key{ImGuiKey_Slash, "?", "these keys", [](Studio& s) { s.showing_keys = true; }},
    Key{ImGuiKey_G, "G", "grow", [](Studio& s) { grow(s); }},
    Key{ImGuiKey_Enter, "Enter", "grow, too", [](Studio& s) { grow(s); }},
    Key{ImGuiKey_N, "N", "grow from a new seed", new_seed},
    Key{ImGuiKey_Space, "Space", "pause and grow on, or replay", pause_or_replay},
    Key{ImGuiKey_Escape, "Esc", "stop", [](Studio& s) { stop(s); }},
    Key{ImGuiKey_RightArrow, "Right", "one step on", step_forward},
    Key{ImGuiKey_LeftArrow, "Left", "one step back", [](Studio& s) { walk_to(s, s.shown_step - 1); }},
    Key{ImGuiKey_Home, "Home", "the first step", [](Studio& s) { walk_to(s, 0); }},
    Key{ImGuiKey_End, "End", "the newest step", [](Studio& s) { walk_to(s, most_steps); }},
    Key{ImGuiKey_B, "B", "flip the coins again at this step", branch_here},
    Key{ImGuiKey_UpArrow, "Up", "the branch before", [](Studio& s) { show_branch(s, s.shown_branch - 1); }},
    Key{ImGuiKey_DownArrow, "Down", "the next branch", [](Studio& s) { show_branch(s, s.shown_branch + 1); }},
    Key{ImGuiKey_V, "V", "next view", next_view},
    Key{ImGuiKey_LeftBracket, "[", "fewer steps", [](Studio& s) { more_steps(s, -1); }},
    Key{ImGuiKey_RightBracket, "]", "more steps", [](Studio& s) { more_steps(s, 1); }},
    Key{ImGuiKey_M, "M", "next sampler",
        [](Studio& s) {
          set_sampler(s, sampler_index(s.settings) + 1);
          host::announce("Sampler " + s.settings.sampler + ".");
        }},
    Key{ImGuiKey_Comma, ",", "schedule: less at high noise", [](Studio& s) { more_shift(s, -0.25); }},
    Key{ImGuiKey_Period, ".", "schedule: more at high noise", [](Studio& s) { more_shift(s, 0.25); }},
    Key{ImGuiKey_P, "P", "paint; Ctrl+Z undoes, Ctrl+Y redoes", [](Studio& s) { open_easel(s, !s.easel.open); }},
    Key{ImGuiKey_E, "E", "eraser", [](Studio& s) { use_tool(s, Tool::eraser); }},
    Key{ImGuiKey_I, "I", "pick a colour from the plate", [](Studio& s) { use_tool(s, Tool::picker); }},
    Key{ImGuiKey_R, "R", "mark a region to grow again", [](Studio& s) { use_tool(s, Tool::region); }},
    Key{ImGuiKey_F, "F", "make it a favourite, or no more", toggle_favourite_on_view},
    Key{ImGuiKey_S, "S", "save as PNG", [](Studio& s) { save_plate(s); }},
};

}  // namespace

void take_keys(Studio& studio) {
  const ImGuiIO& io = ImGui::GetIO();
  take_easel_keys(studio);
  if (io.WantTextInput || io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
  if (studio.showing_keys) {  // any key puts the list away
    for (const ImGuiKey key : {ImGuiKey_Escape, ImGuiKey_Enter, ImGuiKey_Space, ImGuiKey_Slash})
      if (ImGui::IsKeyPressed(key, false)) studio.showing_keys = false;
    return;
  }
  const std::size_t count = studio.room == Room::grow ? keys.size() : everywhere;
  const Room before = studio.room;
  for (std::size_t i = 0; i < count && studio.room == before; ++i)
    if (ImGui::IsKeyPressed(keys[i].key)) keys[i].act(studio);
}

void list_keys(Studio& studio) {
  list_panel("Keys");
  const std::size_t count = studio.room == Room::grow ? keys.size() : everywhere;
  for (std::size_t i = 0; i < count; ++i)
    if (listed_press_of(keys[i].meaning, std::string(keys[i].name) + ": " + keys[i].meaning))
      return keys[i].act(studio);
}

void keys_panel(Studio& studio, Area area) {
  if (!studio.showing_keys) return;
  const Palette& p = palette();
  const bool wide = area.width > 700;
  const float line = wide ? 31.0f : 25.0f, pad = wide ? 36.0f : 20.0f, head = 54;
  const auto rows = static_cast<int>(keys.size() + 1) / (wide ? 2 : 1);
  const float width = wide ? 720.0f : area.width - 20,
              height = std::min(area.height - 12, head + 2 * pad + line * static_cast<float>(rows) - 10);
  const float x = area.x + (area.width - width) / 2, y = area.y + (area.height - height) / 2;
  ImGui::SetNextWindowFocus();
  if (begin_panel("keys", area, Panel::above)) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled({area.x, area.y}, {area.x + area.width, area.y + area.height}, faded(p.shadow, 0.45f));
    ImGui::SetCursorScreenPos({area.x, area.y});
    const bool pressed = ImGui::InvisibleButton("away", {area.width, area.height});
    if (listed_press("Put the keys away") || pressed) studio.showing_keys = false;
    list.AddRectFilled({x, y}, {x + width, y + height}, p.panel, 10);
    list.AddRect({x, y}, {x + width, y + height}, p.rule, 10);
    {
      const UseFace face(Face::title, 32);
      draw_text(list, {x + pad, y + pad - 10}, 0, p.ink, "Keys");
    }
    const float column = (width - 2 * pad) / (wide ? 2.0f : 1.0f);
    for (int i = 0; i < static_cast<int>(keys.size()); ++i) {
      const Key& key = keys[static_cast<std::size_t>(i)];
      const float left = x + pad + column * static_cast<float>(i / rows),
                  top = y + pad + head - 14 + line * static_cast<float>(i % rows);
      list_text(std::string(key.name) + ": " + key.meaning);
      const UseFace face(Face::strong, 16);
      const float cap = std::max(30.0f, ImGui::CalcTextSize(key.name).x + 16);
      list.AddRectFilled({left, top}, {left + cap, top + 24}, p.field, 5);
      list.AddRect({left, top}, {left + cap, top + 24}, p.rule, 5);
      draw_text(list, {left + cap / 2, top + 4}, 0.5f, p.ink, key.name);
      const UseFace plain(Face::text, 18);
      draw_text(list, {left + 76, top + 2}, 0, i < everywhere ? p.leaf : p.soft_ink, key.meaning);
    }
  }
  ImGui::End();
}

}  // namespace florilegium
