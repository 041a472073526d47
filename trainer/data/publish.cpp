#include "trainer/data/publish.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "src/files/write_file.h"
#include "src/image/picture.h"
#include "trainer/data/folder.h"
#include "trainer/data/source.h"
#include "trainer/data/table.h"
#include "trainer/data/write_jpeg.h"

namespace florilegium {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// values: [size, size, 3] in [-1, 1].
RgbPicture rgb_of(std::span<const float> values, int size) {
  RgbPicture picture{size, size, std::vector<std::uint8_t>(values.size())};
  std::transform(values.begin(), values.end(), picture.rgb.begin(), shade);
  return picture;
}

RgbPicture average_of(const PictureSource& source, const PublishOptions& options) {
  constexpr std::uint64_t seed = 1;
  std::vector<float> one(static_cast<std::size_t>(options.size) * static_cast<std::size_t>(options.size) * 3);
  std::vector<double> sum(one.size());
  for (int i = 0; i < options.draws; ++i) {
    source.draw(seed, static_cast<std::uint64_t>(i), options.size, one);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += static_cast<double>(one[k]);
  }
  std::transform(sum.begin(), sum.end(), one.begin(),
                 [&](double value) { return static_cast<float>(value / options.draws); });
  return rgb_of(one, options.size);
}

/// A held-out picture that may be published: its number for PictureSource::held_out(), its file,
/// and what the table says of it.
struct HeldOut {
  std::size_t number = 0;
  std::string file;
  Json about;
};

/// What a pack's table says of its pictures, by file name; nothing for a plain folder.
std::map<std::string, Json> read_descriptions(const fs::path& folder) {
  std::map<std::string, Json> found;
  if (!fs::exists(folder / "plates.tsv")) return found;
  const auto rows = read_table_rows(folder / "plates.tsv");
  if (rows.empty()) return found;
  const auto& columns = rows.front().cells;
  const auto file = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), "file") - columns.begin());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    if (cells.size() <= file) continue;
    Json about = Json::object();
    for (const char* name : {"title", "author", "book", "year", "gutenberg_id"}) {
      const auto column = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
      if (column < cells.size() && !cells[column].empty()) about[name] = cells[column];
    }
    found[cells[file]] = about;
  }
  return found;
}

std::vector<HeldOut> list_held_out(const std::string& data, const PictureSource& source) {
  std::vector<HeldOut> all;
  if (!fs::is_directory(data)) {
    for (std::size_t i = 0; i < source.held_out_count(); ++i)
      all.push_back({i, "plate-" + std::to_string(i + 1) + ".jpg", Json::object()});
    return all;
  }
  auto descriptions = read_descriptions(data);
  for (const auto& picture : list_pictures(data, [](const std::string&) {})) {
    if (!picture.held_out) continue;
    const std::string name = picture.file.filename().string();
    all.push_back({all.size(), fs::path(name).replace_extension(".jpg").string(),
                   descriptions.contains(name) ? descriptions[name] : Json::object()});
  }
  return all;
}

std::vector<HeldOut> choose(std::vector<HeldOut> all, const PublishOptions& options) {
  std::vector<HeldOut> chosen;
  if (options.pictures.empty()) {
    const std::size_t count = std::min(all.size(), static_cast<std::size_t>(options.count));
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[(2 * i + 1) * all.size() / (2 * count)]);
    return chosen;
  }
  for (const auto& name : options.pictures) {
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const HeldOut& one) { return fs::path(one.file).stem() == fs::path(name).stem(); });
    if (found == all.end())
      throw std::invalid_argument("'" + name + "' is not one of the " + std::to_string(all.size()) +
                                  " held-out pictures.");
    chosen.push_back(*found);
  }
  return chosen;
}

}  // namespace

PublishReport publish(const std::string& data, const fs::path& to, const PublishOptions& options,
                      const std::function<void(const std::string&)>& report) {
  if (options.size < smallest_side || options.size > 2048 || options.draws < 1 || options.count < 1 ||
      options.quality < 1 || options.quality > 100) {
    throw std::invalid_argument(
        "Published pictures need a size of 16 to 2048 pixels, at least one draw and one picture, and a quality of 1 to "
        "100.");
  }
  const auto source = open_source(data, report);
  const std::vector<HeldOut> chosen = choose(list_held_out(data, *source), options);
  std::error_code error;
  fs::create_directories(to, error);
  if (error) throw std::runtime_error("The folder " + to.string() + " could not be made: " + error.message() + ".");

  PublishReport result;
  const auto write = [&](const std::string& file, const RgbPicture& picture) {
    write_jpeg(to / file, picture, options.quality);
    result.bytes += fs::file_size(to / file);
  };
  write("average.jpg", average_of(*source, options));
  Json plates = Json::array();
  std::vector<float> values(static_cast<std::size_t>(options.size) * static_cast<std::size_t>(options.size) * 3);
  for (const HeldOut& one : chosen) {
    source->held_out(one.number, options.size, values);
    write(one.file, rgb_of(values, options.size));
    Json plate = {{"file", one.file}};
    plate.update(one.about);
    plates.push_back(plate);
  }
  const Json about = {{"source", source->name()},
                      {"size", options.size},
                      {"average", "average.jpg"},
                      {"draws", options.draws},
                      {"plates", plates}};
  const std::string text = about.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  write_file(to / "plates.json", text);
  result.pictures = chosen.size();
  result.bytes += text.size();
  return result;
}

}  // namespace florilegium
