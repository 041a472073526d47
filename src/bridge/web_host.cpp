// The browser as the studio's host: each wish becomes a call of the JavaScript object Module.host
// (web/studio.mjs).
#include <emscripten/emscripten.h>

#include "src/bridge/host.h"
#include "src/studio/studio.h"

// clang-format off
EM_JS(void, js_grow,
      (std::uint32_t seed_low, std::uint32_t seed_high, int steps, const char* sampler, const char* schedule), {
  const seed = (BigInt(seed_high >>> 0) << 32n) | BigInt(seed_low >>> 0);
  Module.host.grow({seed, steps, sampler: UTF8ToString(sampler), schedule: UTF8ToString(schedule)});
})
EM_JS(void, js_remember,
      (std::uint32_t seed_low, std::uint32_t seed_high, int steps, const char* sampler, const char* schedule,
       const char* flips), {
  const seed = (BigInt(seed_high >>> 0) << 32n) | BigInt(seed_low >>> 0), branches = UTF8ToString(flips);
  Module.host.remember({seed, steps, sampler: UTF8ToString(sampler), schedule: UTF8ToString(schedule), branches});
})
EM_JS(void, js_branch, (int step, std::uint32_t seed_low, std::uint32_t seed_high), {
  Module.host.branch({step, seed: (BigInt(seed_high >>> 0) << 32n) | BigInt(seed_low >>> 0)});
})
EM_JS(void, js_steer, (const char* what), { Module.host.steer(UTF8ToString(what)); })
EM_JS(void, js_open_model, (const char* file), { Module.host.openModel(UTF8ToString(file)); })
EM_JS(void, js_choose_model_file, (), { Module.host.chooseModelFile(); })
EM_JS(void, js_forget_kept, (), { Module.host.forgetKept(); })
EM_JS(void, js_save_png, (const std::uint8_t* rgba, int width, int height, const char* notes, const char* file), {
  const pixels = HEAPU8.slice(rgba, rgba + width * height * 4);
  Module.host.savePng({rgba: pixels, width, height, notes: UTF8ToString(notes), file: UTF8ToString(file)});
})
EM_JS(void, js_remember_dark, (int dark), { Module.host.rememberDark(dark !== 0); })
EM_JS(void, js_announce, (const char* text), { Module.host.announce(UTF8ToString(text)); })
EM_JS(std::uint32_t, js_chance, (), { return crypto.getRandomValues(new Uint32Array(1))[0]; })
// clang-format on

namespace florilegium::host {
namespace {

std::uint32_t low(std::uint64_t seed) { return static_cast<std::uint32_t>(seed); }
std::uint32_t high(std::uint64_t seed) { return static_cast<std::uint32_t>(seed >> 32); }

}  // namespace

void grow(const Settings& s) { js_grow(low(s.seed), high(s.seed), s.steps, s.sampler.c_str(), s.schedule.c_str()); }
void remember(const Settings& s, const std::string& flips) {
  js_remember(low(s.seed), high(s.seed), s.steps, s.sampler.c_str(), s.schedule.c_str(), flips.c_str());
}
void branch(int step, std::uint64_t seed) { js_branch(step, low(seed), high(seed)); }
void pause() { js_steer("pause"); }
void resume() { js_steer("resume"); }
void step() { js_steer("step"); }
void cancel() { js_steer("cancel"); }
void open_model(const std::string& file) { js_open_model(file.c_str()); }
void choose_model_file() { js_choose_model_file(); }
void forget_kept() { js_forget_kept(); }
void remember_dark(bool dark) { js_remember_dark(dark ? 1 : 0); }
void announce(const std::string& text) { js_announce(text.c_str()); }

void save_png(const Picture& picture, const std::vector<PngNote>& notes, const std::string& file) {
  std::string lines;  // "key=value" lines: the form in which the desk worker hands them on (desk_exports.cpp)
  for (const PngNote& note : notes) lines += note.key + "=" + note.value + "\n";
  js_save_png(picture.rgba.data(), picture.width, picture.height, lines.c_str(), file.c_str());
}

// Seeds people can read out: up to six digits.
std::uint64_t chance() { return js_chance() % 1000000; }

}  // namespace florilegium::host
