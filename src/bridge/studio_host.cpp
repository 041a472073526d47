// The browser as the studio's host: each wish of the ports in src/studio/state becomes a call of
// the page (host_call.h). The JavaScript sides are web/growing.mjs, models.mjs, appearance.mjs,
// keeping.mjs, gallery.mjs, easel.mjs, tasks.mjs and criteria.mjs.
#include <emscripten/emscripten.h>

#include "src/bridge/host_call.h"
#include "src/studio/state/criteria_host.h"
#include "src/studio/state/easel_host.h"
#include "src/studio/state/gallery_host.h"
#include "src/studio/state/host.h"
#include "src/studio/state/studio.h"
#include "src/studio/state/tasks_host.h"

// clang-format off
EM_JS(std::uint32_t, js_chance, (), { return crypto.getRandomValues(new Uint32Array(1))[0]; })
// clang-format on

namespace florilegium::host {
namespace {

/// "key=value" lines: the form in which the desk worker hands them on (desk_exports.cpp).
std::string lines_of(const std::vector<PngNote>& notes) {
  std::string lines;
  for (const PngNote& note : notes) lines += note.key + "=" + note.value + "\n";
  return lines;
}

double with_settings(const char* part, const char* wish, const Settings& s, const std::string& branches = {}) {
  return host_call(
      part, wish,
      {{"seed", s.seed}, {"steps", s.steps}, {"sampler", s.sampler}, {"schedule", s.schedule}, {"branches", branches}});
}

void with_recipe(const char* wish, const Recipe& recipe, const Picture& thumbnail = {}) {
  const Settings& s = recipe.settings;
  host_call("gallery", wish,
            {{"seed", s.seed},
             {"steps", s.steps},
             {"sampler", s.sampler},
             {"schedule", s.schedule},
             {"model", recipe.model},
             {"branches", text_of(recipe.flips)},
             {"thumbnail", thumbnail}});
}

}  // namespace

// The room Grow, and the whole page: host.h.
void grow(const Settings& settings) { with_settings("growing", "grow", settings); }
void remember(const Settings& settings, const std::string& flips) {
  with_settings("growing", "remember", settings, flips);
}
void branch(int step, std::uint64_t seed) { host_call("growing", "branch", {{"step", step}, {"seed", seed}}); }
void pause() { host_call("growing", "pause"); }
void resume() { host_call("growing", "resume"); }
void step() { host_call("growing", "step"); }
void cancel() { host_call("growing", "cancel"); }
void open_model(const std::string& file) { host_call("models", "open", {{"file", file}}); }
void open_model_before() { host_call("models", "openBefore"); }
void choose_model_file() { host_call("models", "choose"); }
void forget_kept() { host_call("keeping", "forget"); }
void save_png(const Picture& picture, const std::vector<PngNote>& notes, const std::string& file) {
  host_call("keeping", "savePng", {{"picture", picture}, {"notes", lines_of(notes)}, {"file", file}});
}
void remember_dark(bool dark) { host_call("appearance", "remember", {{"dark", dark}}); }
void announce(const std::string& text) { host_call("page", "announce", {{"text", text}}); }
std::uint64_t chance() { return js_chance() % chosen_seeds; }

// The gallery: gallery_host.h.
bool grow_cell(const Settings& settings) { return with_settings("gallery", "grow", settings) != 0; }
void pause_cell() { host_call("gallery", "pause"); }
void resume_cell() { host_call("gallery", "resume"); }
void open_recipe(const Recipe& recipe) { with_recipe("open", recipe); }
void keep_favourite(const Recipe& recipe, const Picture& thumbnail) { with_recipe("keep", recipe, thumbnail); }
void forget_favourite(const Recipe& recipe) { with_recipe("forget", recipe); }
void choose_file() { host_call("gallery", "chooseFile"); }
void save_contact_sheet(const std::vector<Picture>& pictures, int columns, const std::vector<PngNote>& notes,
                        const std::string& file) {
  for (const Picture& picture : pictures) host_call("gallery", "addPicture", {{"picture", picture}});
  host_call("gallery", "saveSheet", {{"columns", columns}, {"notes", lines_of(notes)}, {"file", file}});
}
void save_filmstrip(const std::vector<int>& steps, int columns, const std::vector<PngNote>& notes,
                    const std::string& file) {
  host_call("gallery", "saveSteps",
            {{"steps", steps}, {"columns", columns}, {"notes", lines_of(notes)}, {"file", file}});
}
void save_animation(const std::vector<int>& steps, const std::vector<PngNote>& notes, const std::string& file) {
  save_filmstrip(steps, 0, notes, file);
}

// The easel: easel_host.h.
void regrow() { host_call("easel", "regrow"); }
void grow_from_guide() { host_call("easel", "growFromGuide"); }
void choose_picture() { host_call("easel", "choosePicture"); }

// The tasks: tasks_host.h.
void tasks_entered() { host_call("tasks", "enter"); }
void tasks_left() { host_call("tasks", "leave"); }
void ask_average(std::uint64_t first_seed, int level) {
  host_call("tasks", "askAverage", {{"seed", first_seed}, {"level", level}});
}
void ask_denoising(int plate, int percent, std::uint64_t seed) {
  host_call("tasks", "askDenoising", {{"plate", plate}, {"percent", percent}, {"seed", seed}});
}
void make_noise(std::uint64_t seed) { host_call("tasks", "makeNoise", {{"seed", seed}}); }
void ask_training(std::uint64_t seed) { host_call("tasks", "askTraining", {{"seed", seed}}); }
void cancel_task() { host_call("tasks", "cancel"); }

// The room Criteria: criteria_host.h.
void want_plate() { host_call("criteria", "want"); }
void open_judge() { host_call("criteria", "open"); }
void keep_answers(const std::array<std::array<int, 2>, 2>& answers) {
  host_call("criteria", "keepAnswers",
            {{"answers", std::vector{answers[0][0], answers[0][1], answers[1][0], answers[1][1]}}});
}

}  // namespace florilegium::host
