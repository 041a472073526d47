// The room of the tasks: which one is on view, its exhibits, its words and controls.
#include <algorithm>
#include <array>
#include <cmath>

#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/tasks_draw.h"
#include "src/studio/state/tasks_host.h"

namespace florilegium {
namespace {

TaskPlaces places_in(Area area, Task task) {
  const bool wide = area.width > 760 && area.width > area.height * 0.9f;
  if (wide) {
    const float side = std::clamp(area.width * 0.27f, 330.0f, 400.0f);
    return {{area.x, area.y, area.width - side, area.height},
            {area.x + area.width - side, area.y, side, area.height},
            true};
  }
  // The exhibits of a narrow room are as high as their squares need; what is left is for words.
  float rows = 2 * (area.width / 4 + 84) + 20;
  if (task == Task::denoising) rows = area.width / 3 + card_foot(false) + 190;
  else if (task == Task::average) rows = 2 * (area.width / 3 + card_foot(false)) + 26;
  const float height = std::min(rows, area.height * 0.62f);
  return {{area.x, area.y, area.width, height}, {area.x, area.y + height, area.width, area.height - height}, false};
}

void take_keys(Studio& studio) {
  if (ImGui::GetIO().WantTextInput) return;
  Tasks& tasks = studio.tasks;
  if (ImGui::IsKeyPressed(ImGuiKey_Escape)) {
    if (tasks.task == Task::training && tasks.training.enlarged >= 0) tasks.training.enlarged = -1;
    else host::cancel_task();
  }
  const int turn =
      (ImGui::IsKeyPressed(ImGuiKey_RightArrow) ? 1 : 0) - (ImGui::IsKeyPressed(ImGuiKey_LeftArrow) ? 1 : 0);
  if (turn == 0) return;
  if (tasks.task == Task::average) {
    show_level(tasks, std::clamp(tasks.average.level + turn, 0, AverageTask::levels - 1));
  } else if (tasks.task == Task::denoising && !tasks.denoising.truth_values.empty()) {
    show_noise(tasks, std::clamp(tasks.denoising.percent + turn, 0, 100));
    if (can_ask(studio)) host::ask_denoising(tasks.denoising.plate, tasks.denoising.percent, tasks.denoising.seed);
  } else if (tasks.task == Task::training && tasks.training.enlarged >= 0) {
    tasks.training.enlarged = (tasks.training.enlarged + turn + 8) % 8;
  }
}

}  // namespace

bool can_ask(const Studio& studio) { return studio.tasks.image_size > 0 && !studio.loading.active; }

ImTextureID task_texture(Screen& screen, int slot, const Exhibit& exhibit) {
  FollowingTexture& texture = screen.tasks.at(static_cast<std::size_t>(slot));
  if (texture.version != exhibit.version) {
    texture.texture.show(exhibit.picture);
    texture.version = exhibit.version;
  }
  return texture.texture.id();
}

float card_margin(bool wide) { return wide ? 9.0f : 4.0f; }
float card_foot(bool wide) { return wide ? 34.0f : 24.0f; }

void draw_card(ImDrawList& list, Screen& screen, int slot, const Exhibit& exhibit, const Card& card, bool wide) {
  const Palette& p = palette();
  const float margin = card_margin(wide), foot = card_foot(wide);
  const ImVec2 min(card.picture_min.x - margin, card.picture_min.y - margin),
      max(card.picture_min.x + card.side + margin, card.picture_min.y + card.side + foot);
  const ImVec2 picture_max(card.picture_min.x + card.side, card.picture_min.y + card.side);
  draw_shadow(list, min, max, 6.4f, 3, 0.115f);
  list.AddRectFilled(min, max, p.card, 2);
  if (exhibit.version > 0) {
    list.AddImage(task_texture(screen, slot, exhibit), card.picture_min, picture_max);
  } else {
    list.AddRectFilled(card.picture_min, picture_max, faded(p.rule, 0.28f), 1);
    const UseFace face(Face::italic, wide ? 18.0f : 14.0f);
    draw_text(list, {card.picture_min.x + card.side / 2, card.picture_min.y + (card.side - ImGui::GetFontSize()) / 2},
              0.5f, p.soft_ink, card.waiting);
  }
  list_text(card.left + (card.right.empty() ? "" : ", " + card.right));
  const UseFace face(Face::italic, wide ? 18.0f : 14.5f);
  const float y = picture_max.y + (foot - ImGui::GetFontSize()) / 2 - 1;
  draw_text(list, {card.picture_min.x, y}, 0, p.ink, card.left);
  if (ImGui::CalcTextSize((card.left + card.right).c_str()).x + 8 < card.side)
    draw_text(list, {picture_max.x, y}, 1, p.soft_ink, card.right);
}

void task_words(const char* title, const std::string& text) {
  list_heading(title);
  list_text(text);
  {
    const UseFace face(Face::title, 30);
    ImGui::TextUnformatted(title);
  }
  const UseFace face(Face::text, 17);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::Dummy({1, 4});
}

std::string task_number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string task_seconds(double seconds) {
  return seconds < 0.0995 ? task_number(seconds * 1000, 0) + " ms"
                          : task_number(seconds, seconds < 9.95 ? 1 : 0) + " s";
}

void tasks_panel(Studio& studio, Screen& screen, Area area) {
  Tasks& tasks = studio.tasks;
  enter_tasks(studio);
  take_keys(studio);
  const TaskPlaces places = places_in(area, tasks.task);
  if (begin_panel("tasks", places.exhibits)) {
    if (tasks.task == Task::average) average_exhibits(studio, screen, places);
    else if (tasks.task == Task::denoising) denoising_exhibits(studio, screen, places);
    else training_exhibits(studio, screen, places);
  }
  ImGui::End();

  const ControlsLook look = {places.wide, places.wide ? 26.0f : 14.0f, places.wide ? 22.0f : 10.0f, 8};
  controls("task words", places.words, look, [&](float width) {
    static constexpr std::array<const char*, 3> names = {"Average", "Denoising", "Training"};
    int chosen = static_cast<int>(tasks.task);
    if (choice("task", names, chosen, width)) {
      host::cancel_task();
      tasks.task = static_cast<Task>(chosen);
    }
    ImGui::Dummy({1, 2});
    if (tasks.task == Task::average) average_words(studio, width);
    else if (tasks.task == Task::denoising) denoising_words(studio, screen, width);
    else training_words(studio, width);
    if (studio.growth && studio.growth->active())
      remark("A plate is growing next door; asking the network here stops it.");
  });
}

}  // namespace florilegium
