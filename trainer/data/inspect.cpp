#include "trainer/data/inspect.h"

#include <algorithm>
#include <bit>
#include <iomanip>
#include <sstream>
#include <stdexcept>

#include "src/image/resize.h"
#include "src/image/sheet.h"

namespace florilegium {
namespace {

Picture with_alpha(const RgbPicture& picture) {
  Picture out{picture.width, picture.height, {}};
  out.rgba.reserve(picture.rgb.size() / 3 * 4);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3)
    out.rgba.insert(out.rgba.end(), {picture.rgb[i], picture.rgb[i + 1], picture.rgb[i + 2], 255});
  return out;
}

std::vector<SizeRow> size_table(const std::vector<FolderPicture>& pictures) {
  std::vector<SizeRow> rows;
  for (const int from : {0, 64, 128, 256, 384, 512, 576, 768, 1024, 2048, 4096}) rows.push_back({from, 0});
  for (const auto& picture : pictures) {
    const int shorter = std::min(picture.width, picture.height);
    const auto above = std::find_if(rows.begin(), rows.end(), [&](const SizeRow& row) { return row.from > shorter; });
    ++std::prev(above)->count;
  }
  return rows;
}

struct Hashes {
  std::size_t picture;  // position in InspectReport::pictures
  PictureHash plain, mirrored;
};

std::vector<NearDuplicate> find_near_duplicates(const std::vector<Hashes>& hashes, int bits) {
  std::vector<NearDuplicate> found;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    for (std::size_t j = i + 1; j < hashes.size(); ++j) {
      const int plain = distance(hashes[i].plain, hashes[j].plain),
                turned = distance(hashes[i].mirrored, hashes[j].plain);
      if (std::min(plain, turned) <= bits)
        found.push_back({hashes[i].picture, hashes[j].picture, std::min(plain, turned), turned < plain});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.bits < b.bits; });
  return found;
}

}  // namespace

RgbPicture mirrored(const RgbPicture& picture) {
  RgbPicture out = picture;
  const auto width = static_cast<std::size_t>(picture.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    for (std::size_t x = 0; x < width; ++x)
      std::copy_n(&picture.rgb[(y * width + x) * 3], 3, &out.rgb[(y * width + width - 1 - x) * 3]);
  }
  return out;
}

PictureHash difference_hash(const RgbPicture& picture) {
  constexpr std::size_t columns = 17, rows = 16;
  const auto width = static_cast<std::size_t>(picture.width), height = static_cast<std::size_t>(picture.height);
  // The mean grey of every field, not rounded: on even paper the differences are small. A pixel
  // belongs to the field of its centre.
  std::array<double, columns * rows> sum{}, count{};
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint8_t* pixel = &picture.rgb[(y * width + x) * 3];
      const std::size_t field = (2 * y + 1) * rows / (2 * height) * columns + (2 * x + 1) * columns / (2 * width);
      sum[field] += 299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2];
      count[field] += 1;
    }
  }
  PictureHash hash{};
  for (std::size_t y = 0; y < rows; ++y) {
    for (std::size_t x = 0; x + 1 < columns; ++x) {
      const std::size_t here = y * columns + x, right = here + 1;
      if (sum[here] * count[right] < sum[right] * count[here]) hash[y / 4] |= std::uint64_t{1} << (y % 4 * 16 + x);
    }
  }
  return hash;
}

int distance(const PictureHash& a, const PictureHash& b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += std::popcount(a[i] ^ b[i]);
  return bits;
}

InspectReport inspect_folder(const std::filesystem::path& folder, const InspectOptions& options) {
  InspectReport report;
  auto listed = list_pictures(
      folder, [&](const std::string& sentence) { report.unusable.push_back(sentence); },
      [&](const std::string& sentence) { report.passed_over = sentence; });
  const auto shown = static_cast<std::size_t>(std::max(0, options.sheet_pictures));
  const std::size_t show_every = shown > 0 ? (listed.size() + shown - 1) / shown : 0;
  std::vector<Hashes> hashes;
  std::vector<Picture> on_sheet;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    int halvings = 0;
    while (halvings < 7 && std::min(listed[i].width, listed[i].height) >> (halvings + 1) >= 128) ++halvings;
    try {
      const RgbPicture picture = read_picture(listed[i].file, halvings);
      hashes.push_back({report.pictures.size(), difference_hash(picture), difference_hash(mirrored(picture))});
      if (show_every > 0 && i % show_every == 0) on_sheet.push_back(fitted(with_alpha(picture), options.sheet_side));
      report.pictures.push_back(listed[i]);
      ++(listed[i].held_out ? report.held_out : report.training);
    } catch (const std::runtime_error& problem) { report.unusable.push_back(problem.what()); }
  }
  if (report.pictures.empty())
    throw std::runtime_error("The folder " + folder.string() +
                             " has no usable picture; the first fault: " + report.unusable.front());
  report.sizes = size_table(report.pictures);
  report.near_duplicates = find_near_duplicates(hashes, options.near_duplicate_bits);
  if (!on_sheet.empty()) report.sheet = contact_sheet(on_sheet);
  return report;
}

std::string describe(const InspectReport& report, const std::filesystem::path& folder) {
  std::ostringstream out;
  const auto name = [&](std::size_t i) { return report.pictures[i].file.lexically_relative(folder).generic_string(); };
  out << report.pictures.size() << " usable pictures: " << report.training << " for training, " << report.held_out
      << " held out\n";
  out << "\nshorter side  pictures\n";
  for (std::size_t i = 0; i < report.sizes.size(); ++i) {
    if (report.sizes[i].count == 0) continue;
    const std::string to = i + 1 < report.sizes.size() ? std::to_string(report.sizes[i + 1].from - 1) : "";
    out << std::setw(5) << report.sizes[i].from << " - " << std::setw(4) << to << "  " << std::setw(8)
        << report.sizes[i].count << "\n";
  }
  out << "\n" << report.unusable.size() << " unusable files\n";
  for (const auto& sentence : report.unusable) out << "  " << sentence << "\n";
  if (!report.passed_over.empty()) out << report.passed_over << "\n";
  out << "\n" << report.near_duplicates.size() << " pairs of near duplicates (bits of 256 that differ)\n";
  for (const auto& pair : report.near_duplicates) {
    const bool across = report.pictures[pair.first].held_out != report.pictures[pair.second].held_out;
    out << "  " << std::setw(3) << pair.bits << "  " << name(pair.first) << "  " << name(pair.second)
        << (pair.mirrored ? "  (mirrored)" : "") << (across ? "  (one is held out: keep both on one side)" : "")
        << "\n";
  }
  return out.str();
}

}  // namespace florilegium
