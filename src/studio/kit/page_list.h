// The page in words: what the controls of the last frame are called, in their order, for a list of
// them outside the canvas (web/actions.mjs). What is done there reaches the control with the next
// frame, as if it had been done on the canvas. Nothing is written down while nobody reads the list.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace florilegium {

struct ListEntry {
  enum class Kind { panel, heading, text, press, pick, slide, field } kind;
  unsigned id = 0;  ///< Dear ImGui's, of the control
  std::string name;
  bool enabled = true, chosen = false;  ///< chosen: of a pick
  int stops = 0;                        ///< of a slide: it goes from 0 to this
  int stop = 0;
  std::string value{};  ///< of a slide in words, of a field as written
};

/// Whether the list is kept.
void keep_list(bool kept);
/// A frame begins.
void begin_list();
const std::vector<ListEntry>& page_list();
/// Something is done to a control: value is the stop of a slide, or what is written into a field.
void do_in_list(unsigned id, std::string value);
/// Whether that waits for the next frame.
bool list_waits();

void list_panel(const char* name);
void list_heading(const char* capitals);
void list_text(const std::string& text);

// Each lists the control that Dear ImGui was given last, and says what was done to it in the list.
// A name ends where "##" begins.
bool listed_press(const std::string& name, bool enabled = true);
bool listed_pick(const std::string& name, bool chosen);
// The same of what is not on view, or has no control of its own.
bool listed_press_of(const char* key, const std::string& name);
bool listed_pick_of(const char* key, const std::string& name, bool chosen);
std::optional<float> listed_slide(const char* name, float position, int stops, const std::string& value);
std::optional<std::string> listed_field(const char* name, const std::string& value);

}  // namespace florilegium
