#include "src/bridge/guarded.h"

#include <emscripten/emscripten.h>

std::string& florilegium::failure() {
  static std::string sentence;
  return sentence;
}

/// Why the last call failed, in one sentence.
extern "C" EMSCRIPTEN_KEEPALIVE const char* failure_sentence() { return florilegium::failure().c_str(); }
