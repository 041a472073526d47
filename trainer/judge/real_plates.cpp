#include "trainer/judge/real_plates.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "src/image/resize.h"
#include "trainer/data/dice.h"
#include "trainer/data/folder.h"
#include "trainer/data/garden.h"
#include "trainer/data/paper.h"
#include "trainer/data/source.h"

namespace florilegium {
namespace {

constexpr int measured_side = 128, view_side = 64;
constexpr std::uint64_t judge_seed = 0x6a75646765;  // of the chance places; the same in every judgement

Dice dice_of(const RealPlate& plate) { return Dice(judge_seed, DiceStream::view, stable_hash(plate.name)); }

RgbPicture draw_garden(const RealPlate& plate, int size) {
  const GardenSource garden;
  std::vector<float> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3);
  if (plate.held_out) garden.held_out(plate.garden_index, size, values);
  else garden.draw(judge_seed, plate.garden_index, size, values);
  return without_alpha(picture_from_rgb(values, size, size));
}

Picture resampled(const RgbPicture& picture, int halvings, const View& view, int size) {
  std::vector<float> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3);
  resample(picture, halvings, view, size, values);
  return picture_from_rgb(values, size, size);
}

/// The plate, or, where it is judged as a whole, the square that it was continued to.
RgbPicture picture_of(const RealPlate& plate, int halvings) {
  RgbPicture picture = read_picture(plate.file, halvings);
  if (!plate.whole) return picture;
  WholePlate whole = whole_plate(picture);
  return whole ? std::move(whole.picture) : std::move(picture);
}

void measure(RealPlate& plate, ViewKind kind) {
  const bool of_garden = plate.file.empty();
  const int halvings = of_garden ? 0 : halvings_for(std::min(plate.width, plate.height), measured_side);
  RgbPicture picture = of_garden ? draw_garden(plate, measured_side) : read_picture(plate.file, halvings);
  std::array<double, 2> margin{};
  if (kind == ViewKind::whole && !of_garden) {
    if (WholePlate whole = whole_plate(picture)) {
      plate.whole = true;
      picture = std::move(whole.picture);
      plate.width = picture.width << halvings;
      plate.height = picture.height << halvings;
      for (std::size_t side = 0; side < 2; ++side) margin[side] = std::ldexp(whole.margin[side], halvings);
    }
  }
  plate.thumb = shorter_side(with_alpha(picture), thumb_side);
  plate.statistics = statistics_of(resampled(picture, halvings, chance_square(plate), measured_side));
  Dice dice = dice_of(plate);
  if (of_garden) {
    plate.view = with_alpha(picture);
    return;
  }
  const View view = plate.whole ? random_whole_view(plate.width, plate.height, margin, dice)
                                : random_view(plate.width, plate.height, dice);
  plate.view = resampled(picture, halvings, view, view_side);
}

std::vector<RealPlate> list_garden(std::size_t count) {
  std::vector<RealPlate> plates;
  for (std::size_t i = 0; i < count + count / 10; ++i) {
    RealPlate plate;
    plate.held_out = i >= count;
    plate.garden_index = plate.held_out ? i - count : i;
    plate.name = std::string(plate.held_out ? "held-out garden " : "garden ") + std::to_string(plate.garden_index);
    plate.width = plate.height = measured_side;
    plates.push_back(plate);
  }
  return plates;
}

std::vector<RealPlate> list_folder(const std::filesystem::path& folder,
                                   const std::function<void(const std::string&)>& report) {
  std::vector<RealPlate> plates;
  for (const FolderPicture& picture : list_pictures(folder, report)) {
    RealPlate plate;
    plate.name = picture.file.filename().string();
    plate.file = picture.file;
    plate.width = picture.width;
    plate.height = picture.height;
    plate.weight = picture.weight;
    plate.held_out = picture.held_out;
    plates.push_back(plate);
  }
  return plates;
}

}  // namespace

std::string folder_name(const std::string& folder) {
  const auto path = std::filesystem::absolute(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

Picture with_alpha(const RgbPicture& picture) {
  Picture out = blank_picture(picture.width, picture.height, 0, 0, 0);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) out.rgba[i / 3 * 4 + i % 3] = picture.rgb[i];
  return out;
}

RgbPicture without_alpha(const Picture& picture) {
  RgbPicture out{picture.width, picture.height, std::vector<std::uint8_t>(picture.rgba.size() / 4 * 3)};
  for (std::size_t i = 0; i < out.rgb.size(); ++i) out.rgb[i] = picture.rgba[i / 3 * 4 + i % 3];
  return out;
}

double chance_of(const RealPlate& plate) {
  return Dice(judge_seed + 2, DiceStream::view, stable_hash(plate.name)).flat();
}

View chance_square(const RealPlate& plate) {
  Dice dice(judge_seed + 1, DiceStream::view, stable_hash(plate.name));
  View view = centre_view(plate.width, plate.height);
  if (plate.whole) return view;
  view.centre_x = dice.between(view.side / 2, plate.width - view.side / 2);
  view.centre_y = dice.between(view.side / 2, plate.height - view.side / 2);
  return view;
}

View found_square(const RealPlate& plate, const Place& place) {
  const double scale = static_cast<double>(std::min(plate.width, plate.height)) / thumb_side;
  View view;
  view.side = place.side * scale;
  view.centre_x = place.left * scale + view.side / 2;
  view.centre_y = place.top * scale + view.side / 2;
  view.mirrored = place.mirrored;
  return view;
}

Picture square_of(const RealPlate& plate, const View& view, int size) {
  const int halvings = plate.file.empty() ? 0 : halvings_for(view.side, size);
  if (!plate.file.empty()) return resampled(picture_of(plate, halvings), halvings, view, size);
  // The garden is drawn at the size asked for, so that it is as sharp as a plate.
  const double scale = static_cast<double>(size) / view.side;
  View larger = view;
  larger.centre_x *= scale;
  larger.centre_y *= scale;
  larger.side *= scale;
  return resampled(draw_garden(plate, static_cast<int>(std::lround(plate.width * scale))), 0, larger, size);
}

std::vector<ShelvedPlate> shelf_of(const std::vector<RealPlate>& plates) {
  std::vector<ShelvedPlate> shelf;
  for (const RealPlate& plate : plates) shelf.push_back(shelved(plate.thumb));
  return shelf;
}

std::vector<PictureStatistics> statistics_as_trained(const std::vector<RealPlate>& plates) {
  double greatest = 0;
  for (const RealPlate& plate : plates) greatest = std::max(greatest, plate.weight);
  std::vector<PictureStatistics> all;
  for (const RealPlate& plate : plates) {
    if (chance_of(plate) < plate.weight / greatest) all.push_back(plate.statistics);
  }
  return all;
}

std::vector<Picture> real_pictures(const std::string& data, ViewKind kind, std::size_t count, int size,
                                   const std::function<void(const std::string&)>& report) {
  const auto source = open_source(data, report);
  Sight sight(size);
  sight.whole_plates = kind == ViewKind::whole;
  std::vector<Picture> pictures(count), others(count);
  std::vector<float> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3);
  std::size_t found = 0, of_others = 0;
  for (std::uint64_t index = 0; found < count && (found > 0 || of_others < count); ++index) {
    const bool wanted = source->draw(judge_seed, index, sight, values) == kind || source->training_count() == 0;
    Picture picture = picture_from_rgb(values, size, size);
    if (wanted) pictures[found++] = std::move(picture);
    else if (of_others < count) others[of_others++] = std::move(picture);
  }
  return found > 0 ? pictures : others;
}

RealPlates read_real_plates(const std::string& data, std::size_t garden_plates,
                            const std::function<void(const std::string&)>& report, ViewKind kind) {
  const bool of_garden = data == "garden";
  auto plates = of_garden ? list_garden(garden_plates) : list_folder(data, report);
  std::vector<std::string> faults(plates.size());
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < plates.size(); ++i) {
    try {
      measure(plates[i], kind);
    } catch (const std::exception& problem) { faults[i] = problem.what(); }
  }
  RealPlates out{of_garden ? GardenSource().name() : folder_name(data), {}, {}};
  for (std::size_t i = 0; i < plates.size(); ++i) {
    if (!faults[i].empty()) report(faults[i]);
    else if (plates[i].held_out) out.held_out.push_back(std::move(plates[i]));
    else if (plates[i].weight > 0) out.training.push_back(std::move(plates[i]));
  }
  if (out.training.size() < 2)
    throw std::runtime_error("'" + data + "' has fewer than two plates for training: nothing to judge against.");
  return out;
}

}  // namespace florilegium
