// Tables of text, as a program wrote them or as a spreadsheet saved them again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace florilegium {

struct TableRow {
  int line = 0;  ///< where it begins in the file, counted from 1
  std::vector<std::string> cells;
};

/// The rows of a table, the first line's column names among them, without empty ones. UTF-8 or
/// UTF-16 with or without a byte order mark; lines end as on any system; cells are separated by
/// tabs or, where the first line has none, by semicolons or commas, and may stand in quotes.
std::vector<TableRow> table_rows(const std::string& text);

/// The same of a file. Throws std::runtime_error with a sentence when it cannot be read.
std::vector<TableRow> read_table_rows(const std::filesystem::path& file);

/// A number as it stands in a table: with a decimal point or a decimal comma, nothing else beside
/// it. Nothing for a text that is none, or that could be two ("1,000").
std::optional<double> table_number(const std::string& cell);

}  // namespace florilegium
