// The page in words, for the list outside the canvas (web/actions.mjs).
#include <emscripten/emscripten.h>

#include <algorithm>
#include <array>
#include <string>

#include "src/bridge/studio_link.h"
#include "src/studio/kit/page_list.h"

using namespace florilegium;

namespace {

// In the order of ListEntry::Kind, as actions.mjs reads them.
constexpr std::array kinds = {"panel", "heading", "text", "press", "pick", "slide", "field"};

std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char letter) { return letter == '\n' || letter == '\t'; }, ' ');
  return text;
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void studio_keep_list(int kept) {
  keep_list(kept != 0);
  ++the_studio().changes;
}

/// One line for each entry: its kind, id, whether it can be used, whether it is chosen, its stop,
/// its last stop, name and value, with tabs between.
EMSCRIPTEN_KEEPALIVE const char* studio_list() {
  static std::string lines;
  lines.clear();
  for (const ListEntry& one : page_list()) {
    lines += kinds.at(static_cast<std::size_t>(one.kind));
    for (const unsigned number : {one.id, one.enabled ? 1U : 0U, one.chosen ? 1U : 0U, static_cast<unsigned>(one.stop),
                                  static_cast<unsigned>(one.stops)})
      lines += "\t" + std::to_string(number);
    lines += "\t" + on_one_line(one.name) + "\t" + on_one_line(one.value) + "\n";
  }
  return lines.c_str();
}

EMSCRIPTEN_KEEPALIVE void studio_do_in_list(std::uint32_t id, const char* value) {
  do_in_list(id, value);
  ++the_studio().changes;
}

}  // extern "C"
