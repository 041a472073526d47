// Text in pages.
#pragma once

#include <string>

namespace florilegium {

/// The text as HTML shows it, between tags and in quoted attributes.
inline std::string escaped(const std::string& text) {
  std::string html;
  for (const char c : text) {
    if (c == '&') html += "&amp;";
    else if (c == '<') html += "&lt;";
    else if (c == '>') html += "&gt;";
    else if (c == '"') html += "&quot;";
    else html += c;
  }
  return html;
}

}  // namespace florilegium
