// The studio as the page's JavaScript calls it (web/studio.mjs): events go in, pictures come out, a
// window may be opened. What else stands on the page is in other files of exports (studio_link.h).
//
// Arrays come in through studio_inbox(): JavaScript fills it, then calls the event. Seeds come as
// BigInts. Events that can fail return a negative number, or null (guarded.h).
#include <GLES3/gl3.h>
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <emscripten/emscripten.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <array>
#include <cfloat>
#include <cstring>
#include <string>

#include "src/bridge/host_call.h"
#include "src/bridge/studio_link.h"
#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/rooms/page.h"
#include "src/studio/state/recovery.h"

using namespace florilegium;

const char* const florilegium::no_memory =
    "There is not enough memory to keep all steps of this picture; choose fewer steps or a smaller model.";

// clang-format off
// What Emscripten's GLFW listens to without need. Gamepads: while somebody listens, browsers look
// for new ones all the time, a hundredth of a core. Keys: it would take Tab and Backspace from the
// whole page, and knows keys by their places only; web/typing.mjs tells of them instead.
EM_JS(void, js_listen_less, (), {
  const unheard = {
    gamepadconnected: GLFW.onGamepadConnected, gamepaddisconnected: GLFW.onGamepadDisconnected,
    keydown: GLFW.onKeydown, keypress: GLFW.onKeyPress, keyup: GLFW.onKeyup, blur: GLFW.onBlur
  };
  for (const event in unheard) removeEventListener(event, unheard[event], true);
})
EM_JS(void, js_lay_over, (const void* rgba, int size, int square_pixels, double x, double y, double side), {
  Module.layOver(new Uint8ClampedArray(HEAPU8.buffer, rgba, 4 * size * size), size, square_pixels !== 0, x, y, side);
})
EM_JS(void, js_take_off, (), { Module.takeOff(); })
EM_JS(void, js_painted, (), { Module.painted(); })
EM_JS(int, js_processors, (), { return navigator.hardwareConcurrency || 1; })
// clang-format on

namespace {

Studio& studio = the_studio();
Picture shown;

struct Window {
  GLFWwindow* handle;
  Screen screen;
  double last_drawn = 0;
  int growth = 0;  // the serial of the one seen last
  int drawn_changes = -1;
  Room drawn_room = Room::grow;
  int still_to_draw = 3;  // ImGui settles an input within a few frames
  ImVec2 size{};
  bool laid_over = false;  // the picture is on a canvas of its own, over the page's
  bool slow = false;       // without a graphics card the processor draws, and the denoiser needs it too
  LastGood good{};
};
Window* window = nullptr;  // lives as long as the page

constexpr double slow_interval = 0.6,
                 slow_whole_interval =
                     2.4;  // seconds, while a plate grows; twice that where the denoiser takes all processors
constexpr double now = 0, never = -1;  // answers of draw_frame(): when to draw again, in milliseconds

bool plate_grows() { return studio.growth && studio.growth->state == GrowthState::growing; }
bool sheet_fills() { return studio.room == Room::gallery && studio.gallery.state == SheetState::growing; }

/// Paints the frame that Dear ImGui holds.
void paint() {
  int width = 0, height = 0;
  glfwGetFramebufferSize(window->handle, &width, &height);
  glViewport(0, 0, width, height);
  const ImVec4 paper = ImGui::ColorConvertU32ToFloat4(palette().paper);
  glClearColor(paper.x, paper.y, paper.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  js_painted();
}

/// Shows the step on view on a small canvas over the picture in what was drawn last -> whether that
/// could be done. It costs the processor much less than a frame of the page, whose whole canvas
/// goes to the screen anew.
bool lay_over() {
  const auto [left, top] = window->screen.picture_min;
  const float side = window->screen.picture_max.x - left;
  if (studio.room != window->drawn_room || !shows_bare_picture(studio) || side <= 0 ||
      ImGui::GetCurrentContext()->OpenPopupStack.Size > 0)
    return false;
  const Picture picture = frame(*studio.growth, studio.shown_step, studio.view == View::prediction);
  js_lay_over(picture.rgba.data(), picture.width, keeps_square_pixels(picture.width), left, top, side);
  window->laid_over = true;
  return true;
}

void take_off() {
  if (window->laid_over) js_take_off();
  window->laid_over = false;
}

/// Draws the page into Dear ImGui's frame. After an exception the frame shows what was drawn until
/// then, and the studio goes back to what could be drawn; throws when there is no way back.
void draw_or_recover(double seconds) {
  ImGuiErrorRecoveryState whole;
  ImGui::ErrorRecoveryStoreState(&whole);
  try {
    draw_page(studio, window->screen, seconds);
    frame_drawn(studio, window->good);
  } catch (const std::exception& thrown) {
    ImGui::GetIO().ConfigErrorRecoveryEnableAssert = ImGui::GetIO().ConfigErrorRecoveryEnableTooltip = false;
    ImGui::ErrorRecoveryTryToRecoverState(&whole);
    window->still_to_draw = 3;
    if (frame_failed(studio, window->good, thrown.what())) return;
    ImGui::EndFrame();
    throw;
  }
}

/// Draws the page if it changed. Nothing is drawn while nothing changes: the denoiser may need the
/// processor, and a phone its battery. Steps that come faster than the eye are drawn together; what
/// the visitor does is drawn at once.
double draw_frame() {
  int width = 0, height = 0;
  glfwGetWindowSize(window->handle, &width, &height);
  const ImVec2 size(static_cast<float>(width), static_cast<float>(height));
  const double time = glfwGetTime();
  if (ImGui::GetCurrentContext()->InputEventsQueue.Size > 0 || list_waits() || size.x != window->size.x ||
      size.y != window->size.y)
    window->still_to_draw = 3;
  const bool growing = plate_grows(), filling = sheet_fills();
  if (growing && studio.growth->serial != window->growth) {
    window->growth = studio.growth->serial;
    window->last_drawn = time;
  }
  const bool changed = studio.changes != window->drawn_changes;
  const double patience = studio.model.threads >= js_processors() ? 2 : 1;
  const double due = growing || filling ? window->last_drawn + (window->slow ? patience * slow_interval : 0.03) : time;
  if (window->still_to_draw == 0 && !moves_by_itself(studio)) {
    if (!changed) return never;
    if (window->slow && growing && time < window->last_drawn + patience * slow_whole_interval && lay_over()) {
      window->drawn_changes = studio.changes;
      return never;
    }
    if (time < due) return (due - time) * 1000;
  }
  if (window->still_to_draw > 0) --window->still_to_draw;
  else if (changed && !growing) window->still_to_draw = 1;
  // What is pressed as soon as a room was asked for is meant for that room, whose buttons must
  // first have found their places.
  ImVector<ImGuiInputEvent> held;
  if (studio.room != window->drawn_room) held.swap(ImGui::GetCurrentContext()->InputEventsQueue);
  window->drawn_changes = studio.changes;
  window->drawn_room = studio.room;
  window->size = size;

  if (studio_link().leaves_text) {
    if (ImGui::GetCurrentContext()->InputEventsQueue.empty()) {
      ImGui::ClearActiveID();
      studio_link().leaves_text = false;
    }
    window->still_to_draw = 3;
  }

  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
  draw_or_recover(time - window->last_drawn);
  window->last_drawn = time;
  ImGui::Render();
  if (window->laid_over && !lay_over()) take_off();
  for (const ImGuiInputEvent& event : held) ImGui::GetCurrentContext()->InputEventsQueue.push_back(event);
  if (!held.empty()) window->still_to_draw = 3;
  paint();
  if (!growing) take_off();
  return window->still_to_draw > 0 || moves_by_itself(studio) ? now : never;
}

}  // namespace

StudioLink& florilegium::studio_link() {
  static StudioLink link;
  return link;
}

extern "C" {

EMSCRIPTEN_KEEPALIVE std::byte* studio_inbox(int bytes) {
  return guarded_pointer([&] {
    studio_link().inbox.resize(static_cast<std::size_t>(bytes));
    return studio_link().inbox.data();
  });
}

EMSCRIPTEN_KEEPALIVE void studio_model_loading(double received, double total, int preparing) {
  model_loading(studio, received, total, preparing != 0);
}
EMSCRIPTEN_KEEPALIVE void studio_model_failed() { model_failed(studio); }

/// notes: one a line.
EMSCRIPTEN_KEEPALIVE void studio_model_loaded(const char* file, const char* title, int image_size, int default_steps,
                                              const char* schedule, const char* backend, int threads, double bytes,
                                              const char* notes) {
  OpenModel model{.file = file,
                  .title = title,
                  .schedule = schedule,
                  .backend = backend,
                  .image_size = image_size,
                  .default_steps = default_steps,
                  .threads = threads,
                  .bytes = bytes,
                  .notes = {}};
  for (const char* at = notes; *at != '\0';) {
    const std::size_t length = std::strcspn(at, "\n");
    if (length > 0) model.notes.emplace_back(at, length);
    at += length + (at[length] == '\n' ? 1 : 0);
  }
  model_loaded(studio, std::move(model));
}

/// Of the model that was loaded last: the noise level at and below which its next network is asked.
EMSCRIPTEN_KEEPALIVE void studio_ladder_change(double noise_level) {
  studio.model.ladder_changes.push_back(static_cast<float>(noise_level));
}

/// The model that was loaded last is told which kind of view it grows.
EMSCRIPTEN_KEEPALIVE void studio_takes_view() { studio.model.takes_view = true; }

/// 1: the visitor wants details of plants; 0: whole ones, or the model knows one kind only.
EMSCRIPTEN_KEEPALIVE int studio_details() { return studio.model.takes_view && studio.details ? 1 : 0; }

EMSCRIPTEN_KEEPALIVE void studio_add_choice(const char* file, const char* title, double bytes, int image_size,
                                            double gflop_per_step) {
  studio.choices.push_back({file, title, bytes, image_size, gflop_per_step});
  ++studio.changes;
}

EMSCRIPTEN_KEEPALIVE void studio_kept(double bytes) {
  studio.kept_bytes = bytes;
  ++studio.changes;
}

EMSCRIPTEN_KEEPALIVE void studio_notice(int failure, const char* text) {
  notice(studio, failure != 0 ? Notice::Kind::failure : Notice::Kind::note, text);
}

EMSCRIPTEN_KEEPALIVE void studio_settings(std::uint64_t seed, int steps, const char* sampler, const char* schedule) {
  settings_given(studio, {seed, steps, sampler, schedule});
}

/// The inbox holds 3 * image_size^2 floats of the first working picture, then steps + 1 noise
/// levels.
EMSCRIPTEN_KEEPALIVE int studio_growth_begun(std::uint64_t seed, int steps, const char* sampler, const char* schedule,
                                             int image_size, int first_step, int parent, std::uint64_t coins) {
  return guarded([&] {
    const int values = 3 * image_size * image_size;
    growth_begun(studio, {seed, steps, sampler, schedule}, image_size, floats_from_inbox(0, values),
                 floats_from_inbox(values, steps + 1), first_step, parent, coins);
  });
}

/// The inbox holds the kept prediction.
EMSCRIPTEN_KEEPALIVE int studio_growth_stepped(double milliseconds) {
  return guarded([&] {
    growth_stepped(studio, from_inbox<Kept>(0, 3 * studio.growth->image_size * studio.growth->image_size),
                   milliseconds);
  });
}

/// state: as in GrowthState.
EMSCRIPTEN_KEEPALIVE void studio_growth_ended(int state) { growth_ended(studio, static_cast<GrowthState>(state)); }

/// RGBA of a step, image_size * image_size * 4 bytes; null on failure. part: as in Part.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* studio_frame(int step, int part) {
  return guarded_pointer([&]() -> const std::uint8_t* {
    if (!studio.growth) throw std::out_of_range("Nothing has been grown yet; call generate() first.");
    const Part wanted = static_cast<Part>(part);
    shown = wanted == Part::change ? change_at(*studio.growth, step).picture
                                   : frame(*studio.growth, step, wanted == Part::prediction);
    return shown.rgba.data();
  });
}
/// What a step blended in, as kept: 3 * image_size^2 values; null when the step has none yet.
EMSCRIPTEN_KEEPALIVE const Kept* studio_prediction(int step) {
  return guarded_pointer([&] {
    if (!studio.growth) throw std::out_of_range("Nothing has been grown yet; call generate() first.");
    return studio.growth->history.prediction(step).data();
  });
}

EMSCRIPTEN_KEEPALIVE int studio_branch_count() { return static_cast<int>(studio.family.size()); }
EMSCRIPTEN_KEEPALIVE int studio_shown_branch() { return studio.shown_branch; }
EMSCRIPTEN_KEEPALIVE void studio_show_branch(int index) { show_branch(studio, index); }
EMSCRIPTEN_KEEPALIVE void studio_history_budget(double bytes) { studio.history_budget = bytes; }
/// Parent, the step that it sprang from and its noise level, whether its steps are there, and its
/// newest step: 5 numbers.
EMSCRIPTEN_KEEPALIVE const double* studio_branch(int index) {
  static std::array<double, 5> facts;
  const Growth& growth = family_member(studio, index);
  const Flip from = growth.flips.empty() ? Flip{} : growth.flips.back();
  facts = {static_cast<double>(studio.family[static_cast<std::size_t>(index)].parent), static_cast<double>(from.step),
           static_cast<double>(growth.history.noise_level(from.step)), growth.steps_let_go ? 0.0 : 1.0,
           static_cast<double>(growth.history.last_step())};
  return facts.data();
}
EMSCRIPTEN_KEEPALIVE std::uint64_t studio_branch_coins(int index) {
  const Growth& growth = family_member(studio, index);
  return growth.flips.empty() ? 0 : growth.flips.back().coins;
}

EMSCRIPTEN_KEEPALIVE float studio_noise_level(int step) { return studio.growth->history.noise_level(step); }
EMSCRIPTEN_KEEPALIVE int studio_image_size() { return studio.growth ? studio.growth->image_size : 0; }
EMSCRIPTEN_KEEPALIVE int studio_first_step() { return studio.growth ? studio.growth->history.first_step() : -1; }
EMSCRIPTEN_KEEPALIVE int studio_last_step() { return studio.growth ? studio.growth->history.last_step() : -1; }
EMSCRIPTEN_KEEPALIVE int studio_shown_step() { return studio.shown_step; }

/// room: as in Room.
EMSCRIPTEN_KEEPALIVE void studio_show_room(int room) { show_room(studio, static_cast<Room>(room)); }
EMSCRIPTEN_KEEPALIVE int studio_current_room() { return static_cast<int>(studio.room); }

EMSCRIPTEN_KEEPALIVE void studio_appearance(int dark, int reduced_motion) {
  studio.dark = dark != 0;
  studio.reduced_motion = reduced_motion != 0;
  ++studio.changes;
}

/// Opens the window on the canvas, in CSS pixels; slow: no graphics card draws it. Then
/// studio_face() for each face, then studio_draw() for each frame. -1: no WebGL 2.
EMSCRIPTEN_KEEPALIVE int studio_open_window(int width, int height, int slow) {
  if (!glfwInit()) return -1;
  js_listen_less();
  glfwWindowHint(GLFW_CLIENT_API, GLFW_OPENGL_ES_API);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 0);
  for (const int unused : {GLFW_DEPTH_BITS, GLFW_STENCIL_BITS, GLFW_ALPHA_BITS}) glfwWindowHint(unused, 0);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);  // crisp on high-density screens
  GLFWwindow* handle = glfwCreateWindow(width, height, "Florilegium", nullptr, nullptr);
  if (handle == nullptr) return -1;
  glfwMakeContextCurrent(handle);
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.ConfigInputTextCursorBlink = false;
  ImGui_ImplGlfw_InitForOpenGL(handle, true);
  ImGui_ImplGlfw_InstallEmscriptenCallbacks(handle, "#canvas");
  ImGui_ImplOpenGL3_Init("#version 300 es");
  window = new Window{.handle = handle, .screen = {}, .slow = slow != 0};
  return 0;
}

EMSCRIPTEN_KEEPALIVE void studio_resize(int width, int height) { glfwSetWindowSize(window->handle, width, height); }

EMSCRIPTEN_KEEPALIVE int studio_face_count() { return face_count; }
EMSCRIPTEN_KEEPALIVE const char* studio_face_name(int face) { return name_of(static_cast<Face>(face)); }
/// The inbox holds a TrueType file of `bytes` bytes.
EMSCRIPTEN_KEEPALIVE void studio_face(int face, int bytes) {
  add_face(static_cast<Face>(face), from_inbox<std::uint8_t>(0, bytes));
}

/// Draws the page if it changed -> milliseconds until it should be asked again; negative: not
/// before something happens.
EMSCRIPTEN_KEEPALIVE double studio_draw() {
  double again = never;
  if (guarded([&] { again = draw_frame(); }) < 0)
    host_call("page", "drawingFailed", {{"why", failure()}});  // it would fail at every frame: told once
  return again;
}

/// A finger came down at, or left, a place: Emscripten's GLFW tells presses of fingers, but not
/// where.
EMSCRIPTEN_KEEPALIVE void studio_touch(double x, double y, int down) {
  ImGuiIO& io = ImGui::GetIO();
  io.AddMouseSourceEvent(ImGuiMouseSource_TouchScreen);
  if (down) io.AddMousePosEvent(static_cast<float>(x), static_cast<float>(y));
  else io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
}

/// Whether steps come in that may be drawn together; else what changed is to be drawn at once.
EMSCRIPTEN_KEEPALIVE int studio_may_wait() { return plate_grows() || sheet_fills(); }

}  // extern "C"
