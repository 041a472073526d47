#include "trainer/data/prepare.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "src/files/write_file.h"
#include "trainer/data/folder.h"
#include "trainer/data/read_picture.h"
#include "trainer/data/scale.h"
#include "trainer/data/write_jpeg.h"

namespace florilegium {
namespace {

namespace fs = std::filesystem;

/// "My roses/No. 1.png" becomes "My_roses_No._1.jpg"; a name that is taken gets a number.
std::string pack_name(const fs::path& relative, std::set<std::string>& taken) {
  std::string stem = fs::path(relative).replace_extension().generic_string();
  for (char& letter : stem) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '.' || letter == '_';
    if (!plain) letter = '_';
  }
  std::string name = stem + ".jpg";
  for (int number = 2; !taken.insert(name).second; ++number) name = stem + "_" + std::to_string(number) + ".jpg";
  return name;
}

std::string without_tabs(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char letter) { return letter == '\t' || letter == '\n' || letter == '\r'; }, ' ');
  return text;
}

RgbPicture brought_to_size(const FolderPicture& from, const PrepareOptions& options) {
  int halvings = 0;
  while (halvings < 7 && std::min(from.width, from.height) >> (halvings + 1) >= 2 * options.short_side) ++halvings;
  const RgbPicture whole = read_picture(from.file, halvings);
  const int shorter = std::min(whole.width, whole.height),
            longest = static_cast<int>(std::lround(shorter * options.longest));
  const RgbPicture cut = middle_of(whole, longest, longest);
  const double scale = static_cast<double>(options.short_side) / shorter;
  const auto scaled = [&](int side) {
    return side == shorter ? options.short_side : static_cast<int>(std::lround(side * scale));
  };
  return lanczos(cut, scaled(cut.width), scaled(cut.height));
}

struct Row {
  std::string file, original;
  int width = 0, height = 0, original_width = 0, original_height = 0;
  bool held_out = false;
};

bool lies_within(const fs::path& inner, const fs::path& outer) {
  const auto relative = fs::weakly_canonical(inner).lexically_relative(fs::weakly_canonical(outer));
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

PrepareReport prepare_pack(const fs::path& from, const fs::path& to, const PrepareOptions& options,
                           const std::function<void(const std::string&)>& report) {
  if (options.short_side < smallest_side || options.short_side > 8192 || options.longest < 1 || options.quality < 1 ||
      options.quality > 100 || options.held_out_one_in < 2 || options.most_enlargement <= 0) {
    throw std::invalid_argument(
        "A pack needs a short side of 16 to 8192 pixels, a long side of at least 1 of it, a quality of 1 to 100 and "
        "one in 2 or more held out.");
  }
  if (lies_within(to, from))
    throw std::runtime_error("The pack " + to.string() + " would lie within the pictures' folder " + from.string() +
                             "; choose a folder outside.");
  if (fs::exists(to / "plates.tsv"))
    throw std::runtime_error(to.string() + " holds a pack already (plates.tsv); choose another folder.");

  PrepareReport result;
  const auto leave_out = [&](const std::string& sentence) {
    ++result.left_out;
    report(sentence);
  };
  const auto pictures = list_pictures(from, leave_out, report, report);
  std::error_code error;
  fs::create_directories(to / "plates", error);
  if (error)
    throw std::runtime_error("The folder " + (to / "plates").string() + " could not be made: " + error.message() + ".");

  std::vector<Row> rows;
  std::set<std::string> taken;
  for (const auto& picture : pictures) {
    const int shorter = std::min(picture.width, picture.height);
    if (shorter * options.most_enlargement < options.short_side) {
      leave_out(picture.file.string() + " is too small for this pack (" + std::to_string(picture.width) + "x" +
                std::to_string(picture.height) + " pixels).");
      continue;
    }
    RgbPicture plate;
    try {
      plate = brought_to_size(picture, options);
    } catch (const std::runtime_error& problem) {
      leave_out(problem.what());
      continue;
    }
    const fs::path relative = picture.file.lexically_relative(from);
    Row row{pack_name(relative, taken),
            without_tabs(relative.generic_string()),
            plate.width,
            plate.height,
            picture.width,
            picture.height,
            false};
    row.held_out = stable_hash(row.file) % static_cast<std::uint64_t>(options.held_out_one_in) == 0;
    write_jpeg(to / "plates" / row.file, plate, options.quality);
    rows.push_back(row);
  }
  if (rows.empty())
    throw std::runtime_error("No picture in " + from.string() + " is large enough for a short side of " +
                             std::to_string(options.short_side) + " pixels.");

  const auto held_out = [&] {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.held_out; }));
  };
  if (rows.size() >= 2 && (held_out() == 0 || held_out() == rows.size())) {
    for (Row& row : rows) row.held_out = false;
    std::min_element(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return stable_hash(a.file) < stable_hash(b.file);
    })->held_out = true;
  }
  if (rows.size() == 1) rows.front().held_out = false;
  std::ostringstream table;
  table << "file\twidth\theight\tsplit\tweight\toriginal_path\toriginal_size\n";
  for (const Row& row : rows) {
    table << row.file << '\t' << row.width << '\t' << row.height << '\t' << (row.held_out ? "heldout" : "train")
          << "\t1.0\t" << row.original << '\t' << row.original_width << 'x' << row.original_height << '\n';
  }
  const std::string text = table.str();
  write_file(to / "plates.tsv", text);
  result.written = rows.size();
  result.held_out = held_out();
  return result;
}

}  // namespace florilegium
