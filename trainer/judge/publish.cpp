#include "trainer/judge/publish.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "src/files/write_file.h"
#include "src/image/resize.h"
#include "src/image/sheet.h"
#include "trainer/data/write_jpeg.h"
#include "trainer/judge/judgement.h"

namespace florilegium {
namespace {

using nlohmann::json;

constexpr int sheet_width = 4096, quality = 74, quiz_side = 256, quiz_columns = 6, quiz_quality = 86;
constexpr std::size_t quiz_pictures = 36;

using Row = std::map<std::string, std::string>;  // cell by column name

std::map<std::string, Row> read_list(const std::filesystem::path& file) {
  std::map<std::string, Row> rows;
  if (file.empty()) return rows;
  std::ifstream in(file);
  if (!in) throw std::runtime_error("The list " + file.string() + " cannot be opened.");
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, '\t');) cells.push_back(cell);
    return cells;
  };
  std::string line;
  std::getline(in, line);
  const auto columns = cells_of(line);
  while (std::getline(in, line)) {
    const auto cells = cells_of(line);
    Row row;
    for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) row[columns[i]] = cells[i];
    rows[row["file"]] = row;
  }
  return rows;
}

/// The books in the order of their first plates; a plate's book is its position there.
class Books {
 public:
  explicit Books(const std::filesystem::path& list) : rows_(read_list(list)) {}

  int of(const RealPlate& plate) {
    const auto found = rows_.find(plate.name);
    if (found == rows_.end()) return -1;
    Row& row = found->second;
    const json book = {{"title", row["title"].empty() ? row["book"] : row["title"]},
                       {"author", row["author"]},
                       {"year", row["year"]},
                       {"gutenberg_id", row["gutenberg_id"]}};
    const auto known = std::find(books_.begin(), books_.end(), book);
    if (known != books_.end()) return static_cast<int>(known - books_.begin());
    books_.push_back(book);
    return static_cast<int>(books_.size()) - 1;
  }
  const json& all() const { return books_; }

 private:
  std::map<std::string, Row> rows_;
  json books_ = json::array();
};

int up_to_16(int pixels) { return (pixels + 15) / 16 * 16; }

/// Copies a thumb to (left, top) and repeats its edges to the end of its cell, so that JPEG blocks
/// across the edge do not blur it.
void place(RgbPicture& sheet, const Picture& thumb, int left, int top, int row_height) {
  for (int y = 0; y < row_height; ++y)
    for (int x = 0; x < up_to_16(thumb.width); ++x) {
      const auto from =
          (static_cast<std::size_t>(std::min(y, thumb.height - 1)) * static_cast<std::size_t>(thumb.width) +
           static_cast<std::size_t>(std::min(x, thumb.width - 1))) *
          4;
      const auto to = (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(sheet.width) +
                       static_cast<std::size_t>(left + x)) *
                      3;
      std::copy_n(&thumb.rgba[from], 3, &sheet.rgb[to]);
    }
}

struct Corner {
  int left, top;
};

/// Where each thumb lies when they are set in rows, and how high the sheet is then.
std::vector<Corner> set_in_rows(const std::vector<RealPlate>& plates, int row_height, int& height) {
  std::vector<Corner> corners;
  Corner next{0, 0};
  for (const RealPlate& plate : plates) {
    const int width = up_to_16(plate.thumb.width);
    if (next.left + width > sheet_width) next = {0, next.top + row_height};
    corners.push_back(next);
    next.left += width;
  }
  height = next.top + row_height;
  return corners;
}

json publish_thumbs(const std::vector<RealPlate>& plates, Books& books, const std::filesystem::path& file) {
  int row_height = 16, height = 0;
  for (const RealPlate& plate : plates) row_height = std::max(row_height, up_to_16(plate.thumb.height));
  const auto corners = set_in_rows(plates, row_height, height);
  RgbPicture sheet{
      sheet_width, height,
      std::vector<std::uint8_t>(static_cast<std::size_t>(sheet_width) * static_cast<std::size_t>(height) * 3, 240)};
  json listed = json::array();
  for (std::size_t i = 0; i < plates.size(); ++i) {
    const Picture& thumb = plates[i].thumb;
    place(sheet, thumb, corners[i].left, corners[i].top, row_height);
    listed.push_back({corners[i].left, corners[i].top, thumb.width, thumb.height, books.of(plates[i]), plates[i].name});
  }
  write_jpeg(file, sheet, quality);
  return listed;
}

/// Held-out plates as training would meet them: by weight, in an order of chance.
json publish_quiz(const std::vector<RealPlate>& held_out, Books& books, const std::filesystem::path& file) {
  std::vector<const RealPlate*> order;
  for (const RealPlate& plate : held_out) order.push_back(&plate);
  const auto key = [](const RealPlate* plate) {
    return std::pow(chance_of(*plate), 1 / std::max(plate->weight, 1e-6));
  };
  std::sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return key(a) > key(b); });
  order.resize(std::min(order.size(), quiz_pictures));
  std::vector<Picture> squares;
  json listed = json::array();
  for (const RealPlate* plate : order) {
    squares.push_back(resized(square_of(*plate, chance_square(*plate), 2 * quiz_side), quiz_side,
                              quiz_side));  // as a grown 512 x 512 picture is reduced
    listed.push_back({books.of(*plate), plate->name});
  }
  if (!squares.empty())
    write_jpeg(file, without_alpha(contact_sheet(squares, {quiz_columns, 0, {255, 255, 255}})), quiz_quality);
  return listed;
}

/// Four digits are enough for a share.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

json statistics(const std::vector<PictureStatistics>& real) {
  const SetStatistics set = statistics_of_set(real);
  json quantiles = json::array(), hue = json::array(), counts = json::array(), by_chance = json::array();
  for (const auto& measure : set.quantiles)
    for (const double value : measure) quantiles.push_back(rounded(value));
  for (const double share : set.hue) hue.push_back(rounded(share));
  for (const std::size_t count : {1U, 2U, 3U, 4U, 6U, 8U, 12U, 16U, 24U, 32U, 48U, 64U}) {
    counts.push_back(count);
    by_chance.push_back(rounded(distance_by_chance(real, count).all));
  }
  json keys = json::array();
  for (const MeasureText& text : measure_texts) keys.push_back(text.key);
  return {{"count", set.count},
          {"measures", keys},
          {"quantiles", quantiles},
          {"hue", hue},
          {"by_chance", {{"counts", counts}, {"distances", by_chance}}}};
}

}  // namespace

void publish(const RealPlates& plates, const std::filesystem::path& list, const std::filesystem::path& folder) {
  Books books(list);
  const json thumbs = publish_thumbs(plates.training, books, folder / "plates.jpg");
  const json quiz = publish_quiz(plates.held_out, books, folder / "held-out.jpg");
  const json all = {{"data", plates.name},
                    {"plates", thumbs},
                    {"held_out", {{"side", quiz_side}, {"columns", quiz_columns}, {"plates", quiz}}},
                    {"books", books.all()},
                    {"statistics", statistics(statistics_as_trained(plates.training))}};
  const std::string text = all.dump() + "\n";
  write_file(folder / "judge.json", text);
}

}  // namespace florilegium
