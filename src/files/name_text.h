// Names of files as UTF-8 text. On Linux a name is any bytes; where text is wanted (JSON), bytes
// that are no UTF-8 stand as U+F780 to U+F7FF, and can be had back.
#pragma once

#include <string>
#include <string_view>

namespace florilegium {

/// Valid UTF-8; a name that is UTF-8 already stays as it is, unless it has such characters itself.
std::string text_of_name(std::string_view name);

/// The reverse.
std::string name_of_text(std::string_view text);

/// For people: what is no UTF-8 becomes a question mark.
std::string shown_name(std::string_view name);

}  // namespace florilegium
