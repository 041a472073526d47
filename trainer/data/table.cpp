#include "trainer/data/table.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace florilegium {
namespace {

void append_utf8(std::string& to, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { to += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

/// UTF-16 after its byte order mark; a half of a pair alone becomes U+FFFD.
std::string from_utf16(const std::string& text, bool little) {
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(text[at]), second = static_cast<unsigned char>(text[at + 1]);
    return little ? first | std::uint32_t{second} << 8 : second | std::uint32_t{first} << 8;
  };
  std::string out;
  for (std::size_t at = 2; at + 1 < text.size(); at += 2) {
    std::uint32_t code = unit(at);
    if (code >= 0xd800 && code < 0xe000) {
      const std::uint32_t next = at + 3 < text.size() ? unit(at + 2) : 0;
      const bool pair = code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
      code = pair ? 0x10000 + ((code & 0x3ff) << 10) + (next & 0x3ff) : 0xfffd;
      if (pair) at += 2;
    }
    append_utf8(out, code);
  }
  return out;
}

std::string as_utf8(const std::string& text) {
  if (text.starts_with("\xef\xbb\xbf")) return text.substr(3);
  if (text.starts_with("\xff\xfe")) return from_utf16(text, true);
  if (text.starts_with("\xfe\xff")) return from_utf16(text, false);
  return text;
}

char separator_of(const std::string& text) {
  const std::string first = text.substr(0, text.find_first_of("\r\n"));
  for (const char one : {'\t', ';', ','})
    if (first.find(one) != std::string::npos) return one;
  return '\t';
}

}  // namespace

std::vector<TableRow> table_rows(const std::string& written) {
  const std::string text = as_utf8(written);
  const char separator = separator_of(text);
  std::vector<TableRow> rows;
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    TableRow row{line, {}};
    for (bool more = true; more;) {
      std::string cell;
      const std::size_t close = at < text.size() && text[at] == '"' ? text.find('"', at + 1) : std::string::npos;
      if (close != std::string::npos) {  // in quotes, in which "" is a quotation mark
        for (++at; at < text.size(); ++at) {
          if (text[at] == '\n') ++line;
          if (text[at] != '"') cell += text[at];
          else if (at + 1 < text.size() && text[at + 1] == '"') cell += text[at++];
          else break;
        }
        if (at < text.size()) ++at;
      }
      while (at < text.size() && text[at] != separator && text[at] != '\n' && text[at] != '\r') cell += text[at++];
      row.cells.push_back(std::move(cell));
      more = at < text.size() && text[at] == separator;
      if (more) ++at;
    }
    if (at < text.size()) {
      ++line;
      at += text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
    }
    if (std::any_of(row.cells.begin(), row.cells.end(), [](const auto& cell) { return !cell.empty(); }))
      rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<TableRow> read_table_rows(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + " cannot be opened (may you read it?).");
  return table_rows({std::istreambuf_iterator<char>(in), {}});
}

std::optional<double> table_number(const std::string& cell) {
  const std::size_t begin = cell.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  std::string text = cell.substr(begin, cell.find_last_not_of(" \t") + 1 - begin);
  if (text.front() == '+') text.erase(0, 1);
  const std::size_t comma = text.find(',');
  if (comma != std::string::npos) {
    const bool thousands = text.size() - comma == 4 && comma > 0 && text.front() != '0';
    if (thousands) return {};
    text[comma] = '.';
  }
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace florilegium
