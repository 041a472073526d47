#include "src/files/name_text.h"

#include <cstdint>

namespace florilegium {
namespace {

constexpr std::uint32_t stands_for_byte = 0xf700;

/// Bytes of the UTF-8 character at the start, 0 when there is none; its code point.
std::size_t character_at(std::string_view text, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(0);
  code = first;
  if (first < 0x80) return 1;
  std::size_t length = 0;
  std::uint32_t least = 0;
  if (first >= 0xc2 && first < 0xe0) length = 2, least = 0x80, code = first & 0x1f;
  else if (first >= 0xe0 && first < 0xf0) length = 3, least = 0x800, code = first & 0x0f;
  else if (first >= 0xf0 && first < 0xf5) length = 4, least = 0x10000, code = first & 0x07;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  return code >= least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? length : 0;
}

bool stands_for_one(std::uint32_t code) { return code >= stands_for_byte + 0x80 && code <= stands_for_byte + 0xff; }

std::string replaced(std::string_view name, bool by_question_marks) {
  std::string out;
  while (!name.empty()) {
    std::uint32_t code = 0;
    const std::size_t length = character_at(name, code);
    if (length > 0 && (by_question_marks || !stands_for_one(code))) {
      out += name.substr(0, length);
      name.remove_prefix(length);
      continue;
    }
    const std::uint32_t byte = stands_for_byte + static_cast<unsigned char>(name.front());
    if (by_question_marks) out += '?';
    else
      out += {static_cast<char>(0xef), static_cast<char>(0x80 | (byte >> 6 & 0x3f)),
              static_cast<char>(0x80 | (byte & 0x3f))};
    name.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::string text_of_name(std::string_view name) { return replaced(name, false); }

std::string shown_name(std::string_view name) { return replaced(name, true); }

std::string name_of_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::uint32_t code = 0;
    const std::size_t length = character_at(text, code);
    if (length == 3 && stands_for_one(code)) out += static_cast<char>(code - stands_for_byte);
    else out += text.substr(0, length > 0 ? length : 1);
    text.remove_prefix(length > 0 ? length : 1);
  }
  return out;
}

}  // namespace florilegium
