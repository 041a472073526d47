// The gallery between C++ and web/gallery.mjs, in both directions. Arrays come in through
// studio_room(), seeds in halves of 32 bits.
#include <emscripten/emscripten.h>

#include "src/bridge/gallery_host.h"
#include "src/bridge/studio_link.h"
#include "src/image/resize.h"

using namespace florilegium;

// clang-format off
EM_JS(int, js_grow_cell,
      (std::uint32_t seed_low, std::uint32_t seed_high, int steps, const char* sampler, const char* schedule), {
  const seed = (BigInt(seed_high >>> 0) << 32n) | BigInt(seed_low >>> 0);
  const settings = {seed, steps, sampler: UTF8ToString(sampler), schedule: UTF8ToString(schedule)};
  return Module.host.gallery.grow(settings) ? 1 : 0;
})
EM_JS(void, js_gallery_recipe,
      (const char* what, std::uint32_t seed_low, std::uint32_t seed_high, int steps, const char* sampler,
       const char* schedule, const char* model,
                                const char* flips, const std::uint8_t* rgba, int width, int height), {
  const recipe = {seed: (BigInt(seed_high >>> 0) << 32n) | BigInt(seed_low >>> 0), steps,
                  sampler: UTF8ToString(sampler), schedule: UTF8ToString(schedule), model: UTF8ToString(model),
    branches: UTF8ToString(flips)};
  Module.host.gallery[UTF8ToString(what)](recipe, {rgba: HEAPU8.slice(rgba, rgba + width * height * 4), width, height});
})
EM_JS(void, js_gallery_do, (const char* what), { Module.host.gallery[UTF8ToString(what)](); })
EM_JS(void, js_gallery_picture, (const std::uint8_t* rgba, int width, int height), {
  Module.host.gallery.addPicture({rgba: HEAPU8.slice(rgba, rgba + width * height * 4), width, height});
})
EM_JS(void, js_save_contact_sheet, (int columns, const char* notes, const char* file), {
  Module.host.gallery.saveSheet(columns, UTF8ToString(notes), UTF8ToString(file));
})
EM_JS(void, js_save_steps, (const int* steps, int count, int columns, const char* notes, const char* file), {
  const asked = Array.from({length: count}, (_, i) => HEAP32[(steps >> 2) + i]);
  Module.host.gallery.saveSteps(asked, columns, UTF8ToString(notes), UTF8ToString(file));
})
// clang-format on

namespace {

Picture shown;

std::uint32_t low(std::uint64_t seed) { return static_cast<std::uint32_t>(seed); }
std::uint32_t high(std::uint64_t seed) { return static_cast<std::uint32_t>(seed >> 32); }
std::uint64_t whole(std::uint32_t seed_low, std::uint32_t seed_high) {
  return (std::uint64_t{seed_high} << 32) | seed_low;
}

void tell_recipe(const char* what, const Recipe& recipe, const Picture& picture) {
  const Settings& s = recipe.settings;
  js_gallery_recipe(what, low(s.seed), high(s.seed), s.steps, s.sampler.c_str(), s.schedule.c_str(),
                    recipe.model.c_str(), text_of(recipe.flips).c_str(), picture.rgba.data(), picture.width,
                    picture.height);
}

std::string note_lines(const std::vector<PngNote>& notes) {
  std::string lines;
  for (const PngNote& note : notes) lines += note.key + "=" + note.value + "\n";
  return lines;
}

}  // namespace

namespace florilegium::host {

bool grow_cell(const Settings& s) {
  return js_grow_cell(low(s.seed), high(s.seed), s.steps, s.sampler.c_str(), s.schedule.c_str()) != 0;
}
void pause_cell() { js_gallery_do("pause"); }
void resume_cell() { js_gallery_do("resume"); }
void open_recipe(const Recipe& recipe) { tell_recipe("open", recipe, {}); }
void keep_favourite(const Recipe& recipe, const Picture& thumbnail) { tell_recipe("keep", recipe, thumbnail); }
void forget_favourite(const Recipe& recipe) { tell_recipe("forget", recipe, {}); }
void choose_file() { js_gallery_do("chooseFile"); }

void save_contact_sheet(const std::vector<Picture>& pictures, int columns, const std::vector<PngNote>& notes,
                        const std::string& file) {
  for (const Picture& picture : pictures) js_gallery_picture(picture.rgba.data(), picture.width, picture.height);
  js_save_contact_sheet(columns, note_lines(notes).c_str(), file.c_str());
}
void save_filmstrip(const std::vector<int>& steps, int columns, const std::vector<PngNote>& notes,
                    const std::string& file) {
  js_save_steps(steps.data(), static_cast<int>(steps.size()), columns, note_lines(notes).c_str(), file.c_str());
}
void save_animation(const std::vector<int>& steps, const std::vector<PngNote>& notes, const std::string& file) {
  js_save_steps(steps.data(), static_cast<int>(steps.size()), 0, note_lines(notes).c_str(), file.c_str());
}

}  // namespace florilegium::host

extern "C" {

/// The room holds 3 * image_size^2 floats of the cell's first working picture, then steps + 1 noise
/// levels.
EMSCRIPTEN_KEEPALIVE int gallery_cell_begun(int image_size, int steps) {
  return guarded([&] {
    const int values = 3 * image_size * image_size;
    cell_begun(the_studio(), image_size, from_room<float>(0, values),
               from_room<float>(static_cast<std::size_t>(values) * sizeof(float), steps + 1));
  });
}

/// The room holds the kept prediction.
EMSCRIPTEN_KEEPALIVE int gallery_cell_stepped(double milliseconds) {
  return guarded([&] {
    cell_stepped(the_studio(),
                 from_room<Kept>(0, 3 * the_studio().gallery.image_size * the_studio().gallery.image_size),
                 milliseconds);
  });
}

/// end: as in CellEnd.
EMSCRIPTEN_KEEPALIVE void gallery_cell_ended(int end) { cell_ended(the_studio(), static_cast<CellEnd>(end)); }
EMSCRIPTEN_KEEPALIVE void gallery_engine_free() { engine_free(the_studio()); }

/// The room holds width * height * 4 bytes of the thumbnail.
EMSCRIPTEN_KEEPALIVE int gallery_favourite_loaded(std::uint32_t seed_low, std::uint32_t seed_high, int steps,
                                                  const char* sampler, const char* schedule, const char* model,
                                                  const char* flips, int width, int height) {
  return guarded([&] {
    const auto rgba = from_room<std::uint8_t>(0, width * height * 4);
    favourite_loaded(the_studio(), {{{whole(seed_low, seed_high), steps, sampler, schedule}, model, flips_of(flips)},
                                    {width, height, {rgba.begin(), rgba.end()}}});
  });
}

/// A sheet of `count` plates with the studio's settings, from a seed on.
EMSCRIPTEN_KEEPALIVE void gallery_start(std::uint32_t seed_low, std::uint32_t seed_high, int count) {
  Gallery& gallery = the_studio().gallery;
  gallery.first_seed = whole(seed_low, seed_high);
  gallery.count = count;
  start_sheet(the_studio());
}
EMSCRIPTEN_KEEPALIVE void gallery_toggle() { toggle_sheet(the_studio()); }

EMSCRIPTEN_KEEPALIVE void gallery_save_filmstrip(int most) { save_filmstrip(the_studio(), most); }
EMSCRIPTEN_KEEPALIVE void gallery_save_animation() { save_animation(the_studio()); }

EMSCRIPTEN_KEEPALIVE int gallery_state() { return static_cast<int>(the_studio().gallery.state); }
EMSCRIPTEN_KEEPALIVE int gallery_count() { return static_cast<int>(the_studio().gallery.cells.size()); }
EMSCRIPTEN_KEEPALIVE int gallery_done() { return cells_done(the_studio().gallery); }
EMSCRIPTEN_KEEPALIVE int gallery_cell_step(int cell) {
  return the_studio().gallery.cells[static_cast<std::size_t>(cell)].step;
}
EMSCRIPTEN_KEEPALIVE int gallery_favourites() { return static_cast<int>(the_studio().gallery.favourites.size()); }
EMSCRIPTEN_KEEPALIVE std::uint32_t gallery_favourite_seed_low(int i) {
  return low(the_studio().gallery.favourites[static_cast<std::size_t>(i)].recipe.settings.seed);
}
EMSCRIPTEN_KEEPALIVE std::uint32_t gallery_favourite_seed_high(int i) {
  return high(the_studio().gallery.favourites[static_cast<std::size_t>(i)].recipe.settings.seed);
}

/// As text_of() writes them.
EMSCRIPTEN_KEEPALIVE const char* gallery_favourite_flips(int i) {
  static std::string text;
  text = text_of(the_studio().gallery.favourites[static_cast<std::size_t>(i)].recipe.flips);
  return text.c_str();
}

/// RGBA, gallery_shown_side() pixels wide and high: a cell's thumbnail, a favourite's, or a step of
/// the growth on view with at most `longest` pixels a side, as the view shows it. Null on failure,
/// and for a cell that has not begun.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* gallery_cell(int cell) {
  shown = the_studio().gallery.cells[static_cast<std::size_t>(cell)].thumbnail;
  return shown.rgba.data();
}
EMSCRIPTEN_KEEPALIVE const std::uint8_t* gallery_favourite(int i) {
  shown = the_studio().gallery.favourites[static_cast<std::size_t>(i)].thumbnail;
  return shown.rgba.data();
}
EMSCRIPTEN_KEEPALIVE const std::uint8_t* gallery_step(int step, int longest) {
  return guarded([&] {
           shown = fitted(frame(*the_studio().growth, step, the_studio().view == View::prediction), longest);
         }) < 0
             ? nullptr
             : shown.rgba.data();
}
EMSCRIPTEN_KEEPALIVE int gallery_shown_side() { return shown.width; }

/// Another number for each growth.
EMSCRIPTEN_KEEPALIVE int gallery_growth() { return the_studio().growth ? the_studio().growth->serial : 0; }

}  // extern "C"
