#include "src/studio/kit/page_list.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace florilegium {
namespace {

bool kept = false;
std::vector<ListEntry> entries;

struct Deed {
  unsigned id = 0;
  std::string value;
  int frames = 0;  ///< in which the control may still come: it may have gone meanwhile
};
Deed deed;

// What was done to the last control, told once.
std::optional<std::string> done(unsigned id) {
  if (deed.frames == 0 || deed.id != id) return std::nullopt;
  deed.frames = 0;
  return std::move(deed.value);
}

std::string before_marks(const std::string& name) { return name.substr(0, name.find("##")); }

std::string sentence_case(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int letter = static_cast<unsigned char>(text[i]);
    text[i] = static_cast<char>(i == 0 ? std::toupper(letter) : std::tolower(letter));
  }
  return text;
}

// Lists the last control -> what was done to it.
std::optional<std::string> listed(ListEntry entry) {
  if (!kept) return std::nullopt;
  if (entry.id == 0) entry.id = ImGui::GetItemID();
  entries.push_back(std::move(entry));
  return done(entries.back().id);
}

}  // namespace

void keep_list(bool wanted) {
  kept = wanted;
  entries.clear();
}

void begin_list() {
  entries.clear();
  deed.frames = std::max(0, deed.frames - 1);
}

const std::vector<ListEntry>& page_list() { return entries; }

void do_in_list(unsigned id, std::string value) { deed = {id, std::move(value), 3}; }
bool list_waits() { return deed.frames > 0; }

void list_panel(const char* name) {
  if (kept) entries.push_back({.kind = ListEntry::Kind::panel, .name = sentence_case(name)});
}
void list_heading(const char* capitals) {
  if (kept) entries.push_back({.kind = ListEntry::Kind::heading, .name = sentence_case(capitals)});
}
void list_text(const std::string& text) {
  if (kept && !text.empty()) entries.push_back({.kind = ListEntry::Kind::text, .name = text});
}

bool listed_press(const std::string& name, bool enabled) {
  return listed({.kind = ListEntry::Kind::press, .name = before_marks(name), .enabled = enabled}).has_value() &&
         enabled;
}

bool listed_pick(const std::string& name, bool chosen) {
  return listed({.kind = ListEntry::Kind::pick, .name = before_marks(name), .chosen = chosen}).has_value();
}

bool listed_press_of(const char* key, const std::string& name) {
  return listed({.kind = ListEntry::Kind::press, .id = ImHashStr(key), .name = name}).has_value();
}

bool listed_pick_of(const char* key, const std::string& name, bool chosen) {
  return listed({.kind = ListEntry::Kind::pick, .id = ImHashStr(key), .name = name, .chosen = chosen}).has_value();
}

std::optional<float> listed_slide(const char* name, float position, int stops, const std::string& value) {
  const auto all = static_cast<float>(std::max(1, stops));
  const auto given = listed({.kind = ListEntry::Kind::slide,
                             .name = name,
                             .stops = std::max(1, stops),
                             .stop = static_cast<int>(std::lround(position * all)),
                             .value = value});
  if (!given) return std::nullopt;
  ListEntry& entry = entries.back();
  entry.stop = std::clamp(std::atoi(given->c_str()), 0, entry.stops);
  return static_cast<float>(entry.stop) / all;
}

std::optional<std::string> listed_field(const char* name, const std::string& value) {
  auto given = listed({.kind = ListEntry::Kind::field, .name = name, .value = value});
  if (given) entries.back().value = *given;
  return given;
}

}  // namespace florilegium
