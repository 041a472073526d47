// The gallery as the page's JavaScript calls it (web/gallery.mjs).
#include <emscripten/emscripten.h>

#include "src/bridge/studio_link.h"
#include "src/image/resize.h"

using namespace florilegium;

namespace {

Picture shown;

}  // namespace

extern "C" {

/// The inbox holds 3 * image_size^2 floats of the cell's first working picture, then steps + 1
/// noise levels.
EMSCRIPTEN_KEEPALIVE int gallery_cell_begun(int image_size, int steps) {
  return guarded([&] {
    const int values = 3 * image_size * image_size;
    cell_begun(the_studio(), image_size, from_inbox<float>(0, values),
               from_inbox<float>(static_cast<std::size_t>(values) * sizeof(float), steps + 1));
  });
}

/// The inbox holds the kept prediction.
EMSCRIPTEN_KEEPALIVE int gallery_cell_stepped(double milliseconds) {
  return guarded([&] {
    cell_stepped(the_studio(),
                 from_inbox<Kept>(0, 3 * the_studio().gallery.image_size * the_studio().gallery.image_size),
                 milliseconds);
  });
}

/// end: as in CellEnd.
EMSCRIPTEN_KEEPALIVE void gallery_cell_ended(int end) { cell_ended(the_studio(), static_cast<CellEnd>(end)); }
EMSCRIPTEN_KEEPALIVE void gallery_engine_free() { engine_free(the_studio()); }

/// The inbox holds width * height * 4 bytes of the thumbnail.
EMSCRIPTEN_KEEPALIVE int gallery_favourite_loaded(std::uint64_t seed, int steps, const char* sampler,
                                                  const char* schedule, const char* model, const char* flips, int width,
                                                  int height) {
  return guarded([&] {
    favourite_loaded(the_studio(),
                     {{{seed, steps, sampler, schedule}, model, flips_of(flips)}, picture_from_inbox(width, height)});
  });
}

/// A sheet of `count` plates with the studio's settings, from a seed on.
EMSCRIPTEN_KEEPALIVE void gallery_start(std::uint64_t seed, int count) {
  Gallery& gallery = the_studio().gallery;
  gallery.first_seed = seed;
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
EMSCRIPTEN_KEEPALIVE std::uint64_t gallery_favourite_seed(int i) {
  return the_studio().gallery.favourites[static_cast<std::size_t>(i)].recipe.settings.seed;
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
  return guarded_pointer([&]() -> const std::uint8_t* {
    shown = fitted(frame(*the_studio().growth, step, the_studio().view == View::prediction), longest);
    return shown.rgba.data();
  });
}
EMSCRIPTEN_KEEPALIVE int gallery_shown_side() { return shown.width; }

/// Another number for each growth.
EMSCRIPTEN_KEEPALIVE int gallery_growth() { return the_studio().growth ? the_studio().growth->serial : 0; }

}  // extern "C"
