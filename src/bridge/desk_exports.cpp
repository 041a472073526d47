// Files out of pictures, as the desk worker calls it: off the main thread, because compressing
// large pictures takes a while.
//
// In order: desk_clear(), desk_picture() for each picture, then one of the functions that encode
// them; they return the count of bytes at desk_file(), or -1 (guarded.h). notes: one "key=value" a
// line.
#include <emscripten/emscripten.h>

#include <sstream>
#include <string>

#include "src/bridge/guarded.h"
#include "src/image/animation.h"
#include "src/image/png.h"
#include "src/image/sheet.h"

using namespace florilegium;

const char* const florilegium::no_memory = "There is not enough memory for it.";

namespace {

std::vector<Picture> pictures;
std::vector<std::uint8_t> file;

std::vector<PngNote> read_notes(const char* lines) {
  std::vector<PngNote> notes;
  std::istringstream all(lines);
  for (std::string line; std::getline(all, line);) {
    const std::size_t equals = line.find('=');
    notes.push_back({line.substr(0, equals), line.substr(equals + 1)});
  }
  return notes;
}

template <class Encode>
int encoded(Encode&& encode) {
  return guarded([&] {
    file = encode();
    pictures.clear();
    return static_cast<int>(file.size());
  });
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void desk_clear() { pictures.clear(); }

/// Room for one more RGBA picture; null when there is no memory for it.
EMSCRIPTEN_KEEPALIVE std::uint8_t* desk_picture(int width, int height) {
  return guarded_pointer([&] {
    pictures.push_back(blank_picture(width, height, 0, 0, 0));
    return pictures.back().rgba.data();
  });
}

/// The first picture by itself.
EMSCRIPTEN_KEEPALIVE int desk_encode_png(const char* notes) {
  return encoded([&] { return encode_png(pictures.at(0), read_notes(notes)); });
}

/// All pictures side by side; background: 0xRRGGBB.
EMSCRIPTEN_KEEPALIVE int desk_encode_sheet(int columns, int margin, unsigned background, const char* notes) {
  return encoded([&] {
    const auto part = [&](int shift) { return static_cast<std::uint8_t>(background >> shift & 255U); };
    return encode_png(
        contact_sheet(pictures, {.columns = columns, .margin = margin, .background = {part(16), part(8), part(0)}}),
        read_notes(notes));
  });
}

/// All pictures one after the other.
EMSCRIPTEN_KEEPALIVE int desk_encode_animation(int frame_milliseconds, int last_milliseconds, const char* notes) {
  return encoded([&] {
    return encode_animation(pictures,
                            {.frame_milliseconds = frame_milliseconds, .last_milliseconds = last_milliseconds},
                            read_notes(notes));
  });
}

EMSCRIPTEN_KEEPALIVE const std::uint8_t* desk_file() { return file.data(); }

}  // extern "C"
