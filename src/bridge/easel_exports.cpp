// The easel as the page's JavaScript calls it (web/easel.mjs).
#include <emscripten/emscripten.h>

#include <algorithm>
#include <stdexcept>

#include "src/bridge/studio_link.h"
#include "src/diffusion/schedule.h"

using namespace florilegium;

namespace {

Studio& studio = the_studio();
Easel& easel = studio.easel;
std::vector<float> floats;  // what a function below has returned last

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void easel_fit(int image_size, int takes_colours) {
  fit(easel, image_size, takes_colours != 0);
  ++studio.changes;
}

EMSCRIPTEN_KEEPALIVE void easel_open(int open) { open_easel(studio, open != 0); }
EMSCRIPTEN_KEEPALIVE int easel_is_open() { return easel.open; }

/// A straight stroke with a tool, as in Tool; places and brush are parts of the sheet.
EMSCRIPTEN_KEEPALIVE void easel_stroke(int tool, int red, int green, int blue, float brush, float x, float y,
                                       float to_x, float to_y) {
  take_tool(easel, static_cast<Tool>(tool));
  easel.ink = {static_cast<std::uint8_t>(red), static_cast<std::uint8_t>(green), static_cast<std::uint8_t>(blue)};
  easel.brush = std::clamp(brush, thinnest_brush, thickest_brush);
  begin_stroke(easel, x, y);
  stroke_to(easel, to_x, to_y);
  ++studio.changes;
}
EMSCRIPTEN_KEEPALIVE float easel_brush() { return easel.brush; }

EMSCRIPTEN_KEEPALIVE void easel_undo() {
  undo(easel);
  ++studio.changes;
}
EMSCRIPTEN_KEEPALIVE void easel_redo() {
  redo(easel);
  ++studio.changes;
}
EMSCRIPTEN_KEEPALIVE void easel_clear() {
  clear(easel);
  ++studio.changes;
}

EMSCRIPTEN_KEEPALIVE int easel_side() { return easel.side; }

/// The painted hint, [4, side, side]; null when nothing is painted, or nothing that the model
/// takes.
EMSCRIPTEN_KEEPALIVE const float* easel_hint() {
  if (!easel.takes_colours || !has_colours(easel)) return nullptr;
  floats = hint_of(easel);
  return floats.data();
}

/// The marked region, side * side bytes of 0 or 1; null when nothing is marked.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* easel_region() {
  return has_region(easel) ? easel.cells.region.data() : nullptr;
}

EMSCRIPTEN_KEEPALIVE float easel_region_noise() { return easel.region_noise; }
EMSCRIPTEN_KEEPALIVE float easel_guide_noise() { return easel.guide_noise; }

/// As Schedule::first_step().
EMSCRIPTEN_KEEPALIVE int easel_first_step(const char* schedule, int steps, float noise_level) {
  return guarded([&] { return Schedule::parse(schedule).first_step(steps, noise_level); });
}

/// The newest working picture of the growth on view, planar; null when there is none.
EMSCRIPTEN_KEEPALIVE const float* easel_newest() {
  return guarded_pointer([]() -> const float* {
    if (!studio.growth) throw std::out_of_range("Nothing has been grown yet.");
    floats = studio.growth->history.working(studio.growth->history.last_step());
    return floats.data();
  });
}
EMSCRIPTEN_KEEPALIVE int easel_finished() { return studio.growth && studio.growth->state == GrowthState::finished; }

/// A growth has begun; guided: not by its recipe alone. What is painted makes room for it.
EMSCRIPTEN_KEEPALIVE void easel_growth_begun(int guided) {
  if (studio.growth) studio.growth->guided = guided != 0;
  easel.visible = false;
  ++studio.changes;
}

/// The inbox holds the RGBA pixels of a picture that the visitor brought, size * size; 0: it is put
/// away.
EMSCRIPTEN_KEEPALIVE void easel_guide(int size) {
  easel.guide = picture_from_inbox(size, size);
  ++easel.guides;
  if (size > 0) open_easel(studio, true);
  ++studio.changes;
}

/// Paints everything in the colours of the picture that the visitor brought.
EMSCRIPTEN_KEEPALIVE void easel_paint_guide() {
  if (easel.guide.width > 0) paint_picture(easel, easel.guide);
  ++studio.changes;
}

}  // extern "C"
