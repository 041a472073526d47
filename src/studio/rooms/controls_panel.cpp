// The controls: grow, pause and stop; seed, steps, sampler, schedule; which engine does the work
// and how fast.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/diffusion/schedule.h"
#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"
#include "src/studio/state/host.h"

namespace florilegium {
namespace {

constexpr float gap = 10;

std::string number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string duration(double milliseconds) {
  if (milliseconds < 10) return number(milliseconds, 1) + " ms";
  if (milliseconds < 1000) return number(milliseconds, 0) + " ms";
  if (milliseconds < 60000) return number(milliseconds / 1000, milliseconds < 10000 ? 1 : 0) + " s";
  return number(std::floor(milliseconds / 60000), 0) + " min " + number(std::fmod(milliseconds / 1000, 60), 0) + " s";
}

void draw_progress(float fraction, float width) {
  const Palette& p = palette();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, {at.x + width, at.y + 4}, p.rule, 2);
  if (fraction > 0)
    list.AddRectFilled(at, {at.x + std::max(4.0f, width * std::min(1.0f, fraction)), at.y + 4}, p.leaf, 2);
  ImGui::Dummy({width, 4});
}

void title(const Studio& studio, float width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const UseFace face(Face::italic, 21);
  const std::string line = studio.model.image_size == 0
                               ? "a book of plants that never were"
                               : (studio.model.title.empty() ? studio.model.file : studio.model.title);
  list_text(line);
  draw_text(*ImGui::GetWindowDrawList(), {at.x, at.y - 6}, 0, palette().soft_ink, line);
  ImGui::Dummy({width, 18});
}

void grow_controls(Studio& studio, float width) {
  const bool ready = studio.model.image_size > 0;
  Growth* growth = studio.growth.get();
  if (growth && growth->active()) {
    const bool paused = growth->state == GrowthState::paused;
    const float half = (width - 8) / 2;
    if (button(paused ? "Grow on" : "Pause", half, ButtonKind::primary)) toggle_pause(studio);
    ImGui::SameLine();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float y = at.y + 6, step_width = 84;
    if (paused) {
      ImGui::SetCursorScreenPos({at.x, y});
      if (button("One step", step_width)) {
        show_step(studio, growth->history.last_step());
        step_forward(studio);
      }
    }
    ImGui::SetCursorScreenPos({at.x + (paused ? step_width + 8 : 0), y});
    if (button("Stop", paused ? half - step_width - 8 : half, ButtonKind::warning)) stop(studio);
    ImGui::SetCursorScreenPos({at.x - half - 8, at.y + control_height() + 20});
  } else {
    const float paint = 84;
    if (button(growth ? "Grow again" : "Grow", width - paint - 8, ButtonKind::primary, ready)) grow(studio);
    ImGui::SameLine();
    ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, ImGui::GetCursorScreenPos().y + 6});
    if (button(studio.easel.open ? "Done##paint" : "Paint##paint", paint, ButtonKind::quiet, ready))
      open_easel(studio, !studio.easel.open);
  }

  std::string line;
  float fraction = 0;
  if (studio.loading.active) {
    fraction = studio.loading.total > 0 ? static_cast<float>(studio.loading.received / studio.loading.total) : 0;
    line = studio.loading.preparing ? "Preparing the model" : "Loading the model";
    if (!studio.loading.preparing && studio.loading.received > 0) {
      line += ": " + number(studio.loading.received / 1e6, 1);
      if (studio.loading.total > 0) line += " of " + number(studio.loading.total / 1e6, 1);
      line += " MB";
    }
  } else if (growth) {
    const History& history = growth->history;
    fraction = growth->state == GrowthState::finished
                   ? 1
                   : static_cast<float>(history.last_step() - history.first_step()) /
                         static_cast<float>(std::max(1, history.steps() - history.first_step()));
    const std::string each = growth->milliseconds.empty() ? "" : duration(growth->milliseconds_per_step()) + " a step";
    line = "Step " + std::to_string(history.last_step()) + " of " + std::to_string(history.steps());
    if (growth->active() && !each.empty())
      line += ", " + each + ", " + duration(growth->seconds_left() * 1000) + " left";
    else if (!growth->active() && !each.empty())
      line = (growth->state == GrowthState::finished ? std::to_string(growth->milliseconds.size()) + " steps, "
                                                     : line + ", ") +
             each;
  } else if (ready) {
    line = std::to_string(studio.model.image_size) + " × " + std::to_string(studio.model.image_size) + " pixels, ready";
  } else {
    line = "No model is open";
  }
  draw_progress(fraction, width);
  remark(line);
  if (!studio.easel.open && studio.easel.takes_colours && has_colours(studio.easel))
    remark("The next plate follows what you painted.");
}

void branch_control(Studio& studio, float width) {
  if (!studio.growth) return;
  const bool possible = can_branch(studio);
  if (button("Flip the coins again", width, ButtonKind::quiet, possible)) branch_here(studio);
  const std::string share = percent(studio.growth->history.noise_level(studio.shown_step));
  const char* why_not = studio.growth->steps_let_go
                            ? "The steps of this branch were let go to save memory."
                            : "Go back to an earlier step: from there the plate can grow on differently.";
  remark(possible ? share + " fresh noise over what this step predicts: early branches lead far away, late ones hardly."
                  : why_not);
  space(gap);
}

void seed_controls(Studio& studio, float width) {
  heading("SEED");
  const float die = 104;
  char text[24];
  std::snprintf(text, sizeof text, "%llu", static_cast<unsigned long long>(studio.settings.seed));
  ImGui::SetNextItemWidth(width - die - 8);
  if (ImGui::InputText("##seed", text, sizeof text,
                       ImGuiInputTextFlags_CharsDecimal | ImGuiInputTextFlags_AutoSelectAll)) {
    studio.settings.seed = std::strtoull(text, nullptr, 10);
  }
  if (const auto given = listed_field("Seed", text)) {
    studio.settings.seed = std::strtoull(given->c_str(), nullptr, 10);
    host::remember(studio.settings);
  }
  if (ImGui::IsItemDeactivatedAfterEdit()) {
    host::remember(studio.settings);
    if (ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter)) grow(studio);
  }
  ImGui::SameLine();
  if (button("New seed", die)) {
    studio.settings.seed = host::chance();
    host::remember(studio.settings);
  }
  static constexpr std::array<const char*, 2> each = {"Same seed", "New one each time"};
  int chosen = studio.new_seed_each_time ? 1 : 0;
  if (choice("each", each, chosen, width)) studio.new_seed_each_time = chosen == 1;
}

void view_control(Studio& studio, float width) {
  if (!studio.model.takes_view) return;
  heading("VIEW");
  static constexpr std::array<const char*, 2> kinds = {"Whole plant", "Detail"};
  int chosen = studio.details ? 1 : 0;
  if (choice("view", kinds, chosen, width)) studio.details = chosen == 1;
  remark(studio.details ? "Part of a plant, close to. The address does not say this, nor do saved pictures."
                        : "A plant that stands on its sheet.");
  space(gap);
}

void steps_control(Studio& studio, float width) {
  heading("STEPS");
  const float field = 64;
  // Few steps matter most: the position grows with the square root.
  float position = std::sqrt(static_cast<float>(studio.settings.steps - 1) / (most_steps - 1));
  if (slide("steps", position, width - field - 8, {})) {
    set_steps(studio, 1 + static_cast<int>(std::lround(position * position * (most_steps - 1))));
  }
  if (let_go()) host::remember(studio.settings);
  ImGui::SameLine();
  ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, ImGui::GetCursorScreenPos().y - 4});
  ImGui::SetNextItemWidth(field);
  int steps = studio.settings.steps;
  if (ImGui::InputInt("##count", &steps, 0, 0, ImGuiInputTextFlags_AutoSelectAll)) set_steps(studio, steps);
  if (const auto given = listed_field("Steps", std::to_string(studio.settings.steps))) {
    set_steps(studio, std::atoi(given->c_str()));
    host::remember(studio.settings);
  }
  if (ImGui::IsItemDeactivatedAfterEdit()) host::remember(studio.settings);
}

void sampler_control(Studio& studio, float width) {
  heading("SAMPLER");
  const auto all = samplers();
  std::vector<const char*> names;
  for (const SamplerEntry& one : all) names.push_back(one.name.data());
  int chosen = sampler_index(studio.settings);
  if (choice("sampler", names, chosen, width)) set_sampler(studio, chosen);
  remark(std::string(all[static_cast<std::size_t>(chosen)].meaning));
}

void schedule_control(Studio& studio, float width) {
  heading("SCHEDULE");
  const Palette& p = palette();
  const Schedule schedule = Schedule::parse(studio.settings.schedule);
  // The noise level of every step, as a row of stems.
  const float height = 46;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto levels = schedule.noise_levels(studio.settings.steps);
  list.AddLine({at.x, at.y + height}, {at.x + width, at.y + height}, p.rule);
  const float dot = studio.settings.steps > 60 ? 1.2f : 2.2f;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const float x = at.x + 4 + (width - 8) * static_cast<float>(k) / static_cast<float>(levels.size() - 1),
                y = at.y + height - (height - 5) * levels[k];
    list.AddLine({x, at.y + height}, {x, y}, faded(p.leaf, 0.3f));
    list.AddCircleFilled({x, y}, dot, p.leaf);
  }
  ImGui::Dummy({width, height});
  const auto shift = static_cast<float>(schedule.shift);
  constexpr auto range = static_cast<float>(strongest_shift - 1);
  float position = std::clamp((shift - 1) / range, 0.0f, 1.0f);
  if (slide("shift", position, width,
            {"Schedule: time at high noise", static_cast<int>(range) * 4, "shift " + number(schedule.shift, 2)}))
    set_shift(studio, 1 + std::round(position * range * 4) / 4);
  if (let_go()) host::remember(studio.settings);
  remark(schedule.shift == 1 ? "Evenly spaced noise levels."
                             : "Dwells on high noise, where the plant is laid out: shift " +
                                   number(schedule.shift, schedule.shift == std::floor(schedule.shift) ? 0 : 2) + ".");
}

std::string cost(double gflop) {
  const int digits = gflop < 10 ? 1 : 0;
  return number(gflop, gflop < 1 ? 2 : digits) + " GFLOP a step";
}

// Each model in the list of the page, as if it were a control of its own; the one on view stands
// for all.
template <class Label>
void list_models(const Studio& studio, const Label& label) {
  for (const ModelChoice& one : studio.choices)
    if (listed_pick_of(("model " + one.file).c_str(), label(one), one.file == studio.model.file))
      host::open_model(one.file);
}

void model_control(Studio& studio, float width) {
  heading("MODEL");
  const auto label = [](const ModelChoice& one) {
    return (one.title.empty() ? one.file : one.title) + ", " + std::to_string(one.image_size) + " px";
  };
  const auto weight = [](const ModelChoice& one) {
    return number(one.bytes / 1e6, 1) + " MB" + (one.gflop_per_step > 0 ? ", " + cost(one.gflop_per_step) : "");
  };
  if (!studio.choices.empty()) {
    ImGui::SetNextItemWidth(width);
    std::string shown = studio.model.file.empty() ? "Choose a model" : studio.model.file;
    for (const ModelChoice& one : studio.choices)
      if (one.file == studio.model.file) shown = label(one);
    const bool open = ImGui::BeginCombo("##model", shown.c_str(), ImGuiComboFlags_NoArrowButton);
    list_models(studio, label);
    if (open) {
      for (const ModelChoice& one : studio.choices)
        if (ImGui::Selectable((label(one) + "\n" + weight(one) + "##" + one.file).c_str(),
                              one.file == studio.model.file))
          host::open_model(one.file);
      ImGui::EndCombo();
    }
    for (const ModelChoice& one : studio.choices)
      if (one.file == studio.model.file) remark(weight(one));
  }
  if (button("Open your own .onnx", width, ButtonKind::quiet)) host::choose_model_file();
  remark("Or drop one here.");
  space(gap);
}

void engine_facts(const Studio& studio) {
  if (studio.model.image_size == 0) return;
  heading("ENGINE");
  const OpenModel& model = studio.model;
  std::string line = model.backend == "webgpu" ? "WebGPU"
                                               : "WebAssembly, " + std::to_string(model.threads) +
                                                     (model.threads == 1 ? " thread" : " threads");
  line += "; model of " + number(model.bytes / 1e6, 1) + " MB";
  remark(line);
  for (const std::string& note : model.notes) remark(note);
}

void kept_control(Studio& studio, float width) {
  if (studio.kept_bytes <= 0) return;
  space(gap);
  heading("ON THIS DEVICE");
  remark(number(studio.kept_bytes / 1e6, 1) + " MB are kept for visits without a network.");
  if (button("Forget them", width, ButtonKind::quiet)) host::forget_kept();
}

// What is to be grown, with which model, and what can be kept of it.
void plan_controls(Studio& studio, float width) {
  branch_control(studio, width);
  seed_controls(studio, width);
  space(gap);
  view_control(studio, width);
  steps_control(studio, width);
  space(gap);
  sampler_control(studio, width);
  space(gap);
  schedule_control(studio, width);
  space(gap);
  model_control(studio, width);
  keep_controls(studio, width);
  space(gap);
  engine_facts(studio);
  kept_control(studio, width);
}

}  // namespace

void controls_panel(Studio& studio, Screen& screen, Area area) {
  const bool beside = area.x > 0;
  controls("controls", area, {beside}, [&](float width) {
    if (beside) title(studio, width);
    grow_controls(studio, width);
    space(gap);
    if (studio.easel.open) easel_controls(studio, screen, width);
    else plan_controls(studio, width);
    if (!beside && !studio.easel.open) {  // on a wide screen these are in the bar above
      space(gap);
      const float half = (width - 8) / 2;
      if (button(studio.dark ? "By day" : "By night", half)) choose_dark(studio, !studio.dark);
      ImGui::SameLine();
      if (button("Keys", half)) studio.showing_keys = true;
    }
  });
}

}  // namespace florilegium
