#include "tests/studio/fake_host.h"

#include "src/studio/state/gallery.h"
#include "src/studio/state/gallery_host.h"
#include "src/studio/state/tasks_host.h"

Asked asked;

std::string note(const std::string& key) {
  for (const florilegium::PngNote& one : asked.notes)
    if (one.key == key) return one.value;
  return "missing";
}

namespace florilegium::host {
namespace {

void file_saved(const std::vector<PngNote>& notes, const std::string& file) {
  asked.notes = notes;
  asked.file = file;
}

std::string named(const Recipe& recipe) {
  return std::to_string(recipe.settings.seed) + (recipe.flips.empty() ? "" : " " + text_of(recipe.flips));
}

}  // namespace

void grow(const Settings&) {}
void branch(int step, std::uint64_t) { asked.branched_at = step; }
void pause() {}
void resume() {}
void step() {}
void cancel() { ++asked.cancelled; }
void remember(const Settings&, const std::string& flips) {
  ++asked.remembered;
  asked.remembered_flips = flips;
}
void remember_dark(bool) {}
void open_model_before() { asked.said.push_back("the model before"); }
void save_png(const Picture&, const std::vector<PngNote>& notes, const std::string& file) { file_saved(notes, file); }
void announce(const std::string& text) { asked.said.push_back(text); }
std::uint64_t chance() { return 4; }

bool grow_cell(const Settings& settings) {
  if (asked.visitor_grows) return false;
  asked.grown.push_back(settings.seed);
  return true;
}
void pause_cell() { asked.said.push_back("pause"); }
void resume_cell() { asked.said.push_back("resume"); }
void open_recipe(const Recipe& recipe) { asked.said.push_back("open " + named(recipe) + " " + recipe.model); }
void keep_favourite(const Recipe& recipe, const Picture&) { asked.said.push_back("keep " + named(recipe)); }
void forget_favourite(const Recipe& recipe) { asked.said.push_back("forget " + named(recipe)); }
void save_contact_sheet(const std::vector<Picture>& pictures, int columns, const std::vector<PngNote>& notes,
                        const std::string& file) {
  asked.sheet = pictures;
  asked.columns = columns;
  file_saved(notes, file);
}
void save_filmstrip(const std::vector<int>& steps, int columns, const std::vector<PngNote>& notes,
                    const std::string& file) {
  asked.steps = steps;
  asked.columns = columns;
  file_saved(notes, file);
}
void save_animation(const std::vector<int>& steps, const std::vector<PngNote>& notes, const std::string& file) {
  asked.steps = steps;
  file_saved(notes, file);
}

void tasks_entered() { asked.said.push_back("tasks entered"); }
void tasks_left() { asked.said.push_back("tasks left"); }

}  // namespace florilegium::host
