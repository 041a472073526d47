// Writes the boundary between C++ and JavaScript as a JavaScript module: the names and limits that
// both sides need, taken from where C++ says them. The site's build runs it into boundary.mjs.
//
// A list of names is in the order of its enum, so that a position in it is the enum's number.
#include <iostream>
#include <span>
#include <string_view>

#include "src/bridge/start.h"
#include "src/diffusion/denoising.h"
#include "src/studio/state/studio.h"

using namespace florilegium;

namespace {

void say(std::string_view name, auto value) { std::cout << "export const " << name << " = " << value << ";\n"; }

void say_text(std::string_view name, std::string_view value) {
  std::cout << "export const " << name << " = '" << value << "';\n";
}

void say_names(std::string_view name, const auto& names) {
  std::cout << "export const " << name << " = Object.freeze([";
  for (std::string_view separator; const std::string_view one : names) {
    std::cout << separator << "'" << one << "'";
    separator = ", ";
  }
  std::cout << "]);\n";
}

}  // namespace

int main() {
  std::cout << "// Written by src/bridge/boundary: what C++ and JavaScript both name.\n";
  say_names("ROOMS", room_names);
  say_names("PARTS", part_names);
  say_names("GROWTH_STATES", growth_state_names);
  say_names("SHEET_STATES", sheet_state_names);
  say_names("CELL_ENDS", cell_end_names);
  say_names("TOOLS", tool_names);
  say_names("TASKS", task_names);
  say_names("CRITERIA_PARTS", criteria_part_names);
  say_names("JUDGE_STATES", judge_state_names);
  say_names("QUIZ_STAGES", quiz_stage_names);
  say_names("STARTS", start_names);
  std::vector<std::string_view> names;
  for (const SamplerEntry& one : samplers()) names.push_back(one.name);
  say_names("SAMPLERS", names);
  say_names("NOISES", std::array{name_of(NoiseKind::gaussian), name_of(NoiseKind::uniform)});

  // What is taken where nobody chose.
  const Settings usual;
  say_text("USUAL_SAMPLER", usual.sampler);
  say_text("USUAL_SCHEDULE", usual.schedule);
  say("USUAL_STEPS", usual.steps);
  say("USUAL_STRENGTH", usual_strength);

  say("MOST_STEPS", most_steps);
  say("MOST_PLATES", most_plates);
  say("CHOSEN_SEEDS", chosen_seeds);
  say("KEPT_SCALE", kept_scale);
  say("HINT_CELL", hint_cell);
  say("QUIZ_SIDE", quiz_side);
  say("NEAREST_SHOWN", nearest_shown);
  say("AVERAGE_SEEDS", AverageTask::seeds);
  say("AVERAGE_LEVELS", AverageTask::levels);
  std::cout << "export const TRAINING_STEPS = Object.freeze([";
  for (std::string_view separator; const int steps : TrainingRow::steps) {
    std::cout << separator << steps;
    separator = ", ";
  }
  std::cout << "]);\n";
}
