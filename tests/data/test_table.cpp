#include "trainer/data/table.h"

#include <doctest/doctest.h>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/folder.h"

using namespace florilegium;

namespace {

std::string utf16(const std::string& ascii, bool little) {
  std::string out = little ? "\xff\xfe" : "\xfe\xff";
  for (const char letter : ascii) out += little ? std::string{letter, '\0'} : std::string{'\0', letter};
  return out;
}

using Cells = std::vector<std::vector<std::string>>;

Cells cells_of(const std::string& text) {
  Cells cells;
  for (const TableRow& row : table_rows(text)) cells.push_back(row.cells);
  return cells;
}

}  // namespace

TEST_CASE("a table reads the same however it was saved") {
  const Cells expected = {{"file", "weight"}, {"a b.jpg", "0,5"}, {"c.jpg", "1"}};
  const std::string plain = "file\tweight\na b.jpg\t0,5\nc.jpg\t1\n";
  CHECK(cells_of(plain) == expected);
  CHECK(cells_of("\xef\xbb\xbf" + plain) == expected);
  CHECK(cells_of(utf16(plain, true)) == expected);
  CHECK(cells_of(utf16(plain, false)) == expected);
  CHECK(cells_of("file\tweight\r\na b.jpg\t0,5\r\nc.jpg\t1") == expected);
  CHECK(cells_of("file\tweight\ra b.jpg\t0,5\rc.jpg\t1\r") == expected);
  CHECK(cells_of("\"file\"\t\"weight\"\r\n\"a b.jpg\"\t\"0,5\"\r\n\r\n\t\r\n\"c.jpg\"\t1\r\n") == expected);
  CHECK(cells_of("file;weight\r\na b.jpg;0,5\r\nc.jpg;1\r\n") == expected);
  CHECK(cells_of("file,weight\na b.jpg,\"0,5\"\nc.jpg,1\n") == expected);
  // Quotation marks, separators and ends of lines within a cell; a mark that is just a letter.
  CHECK(cells_of("a\tb\n\"say \"\"so\"\"\"\t\"x\ty\nz\"\n5\" high\t\"open\n") ==
        Cells{{"a", "b"}, {"say \"so\"", "x\ty\nz"}, {"5\" high", "\"open"}});
  CHECK(table_rows("a\tb\n\"1\n2\"\t3\n4\t5\n")[2].line == 4);
}

TEST_CASE("numbers of a table: with point or comma, and nothing else beside") {
  CHECK(table_number("0.5") == 0.5);
  CHECK(table_number("0,5") == 0.5);
  CHECK(table_number(" 12,25 ") == 12.25);
  CHECK(table_number("0,125") == 0.125);
  CHECK(table_number("+1e2") == 100);
  for (const char* none : {"", " ", "much", "1x", "0.5.1", "1,000", "1.000,5", "1,2,3", "1 000", "--1"}) {
    CAPTURE(std::string(none));
    CHECK_FALSE(table_number(none).has_value());
  }
}

TEST_CASE("a pack whose table a spreadsheet saved again") {
  const TemporaryFolder folder;
  for (std::uint64_t i = 0; i < 2; ++i) write_garden_jpeg(folder.path / (std::to_string(i) + ".jpg"), i, 40);
  write_text(folder.path / "plates.tsv",
             "\xef\xbb\xbf\"file\"\tsplit\tweight\r\n0.jpg\ttrain\t0,5\r\n\"1.jpg\"\theldout\t2\r\n");
  const auto pictures = list_pictures(folder.path, [](const std::string& sentence) { FAIL(sentence); });
  REQUIRE(pictures.size() == 2);
  CHECK(pictures[0].weight == 0.5);
  CHECK(pictures[1].held_out);
  write_text(folder.path / "plates.tsv", "file\tweight\n0.jpg\t1,000\n");
  CHECK_THROWS_WITH_AS(list_pictures(folder.path, [](const std::string&) {}),
                       doctest::Contains("line 2: the weight is '1,000'"), std::runtime_error);
}
