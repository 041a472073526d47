// PNG writing as the desk worker calls it: off the main thread, because compressing a large picture takes a while.
#include <emscripten/emscripten.h>

#include <sstream>
#include <string>

#include "src/image/png.h"

using namespace florilegium;

namespace {
Picture picture;
std::vector<std::uint8_t> png;
std::string error;
}  // namespace

extern "C" {

/// Room for an RGBA picture of this size.
EMSCRIPTEN_KEEPALIVE std::uint8_t* desk_picture(int width, int height) {
  picture = {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4)};
  return picture.rgba.data();
}

/// Encodes it with notes, one "key=value" a line. The count of bytes at desk_png(), or -1 (then see desk_error()).
EMSCRIPTEN_KEEPALIVE int desk_encode_png(const char* lines) {
  try {
    std::vector<PngNote> notes;
    std::istringstream all(lines);
    for (std::string line; std::getline(all, line);) {
      const std::size_t equals = line.find('=');
      notes.push_back({line.substr(0, equals), line.substr(equals + 1)});
    }
    png = encode_png(picture, notes);
    return static_cast<int>(png.size());
  } catch (const std::exception& failure) {
    error = failure.what();
    return -1;
  }
}

EMSCRIPTEN_KEEPALIVE const std::uint8_t* desk_png() { return png.data(); }
EMSCRIPTEN_KEEPALIVE const char* desk_error() { return error.c_str(); }

}  // extern "C"
