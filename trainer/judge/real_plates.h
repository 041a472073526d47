// The real plates that grown ones are judged against, read once and kept small.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "src/image/picture.h"
#include "src/judge/neighbours.h"
#include "src/judge/statistics.h"
#include "trainer/data/read_picture.h"
#include "trainer/data/view.h"

namespace florilegium {

struct RealPlate {
  std::string name;            ///< file name, or "garden 12"
  std::filesystem::path file;  ///< empty for the garden
  std::uint64_t garden_index = 0;
  int width = 0, height = 0;  ///< of the whole plate, pixels
  double weight = 1;          ///< how often training shows it, relative to others
  bool held_out = false;
  /// Judged as a whole, its blank paper continued to a square; width and height are then that
  /// square's.
  bool whole = false;
  Picture thumb;                   ///< shorter side thumb_side pixels
  Picture view;                    ///< 64 x 64: as training shows it, at a chance place, zoom, turn and tint
  PictureStatistics statistics{};  ///< of chance_square(), colours untouched
};

struct RealPlates {
  std::string name;
  std::vector<RealPlate> training, held_out;
};

/// data: "garden", a pack or a folder, as open_source takes it (trainer/data/source.h). The garden
/// never ends: garden_plates of its training plates are drawn, and a tenth as many held-out ones.
/// report gets a sentence for each file that cannot be used. Throws std::runtime_error with a
/// sentence when there are fewer than two plates for training. kind: whole takes the whole of each
/// plate whose blank paper can be continued to a square (trainer/data/paper.h).
RealPlates read_real_plates(const std::string& data, std::size_t garden_plates,
                            const std::function<void(const std::string&)>& report, ViewKind kind = ViewKind::detail);

/// `count` real pictures of size x size pixels as training shows them, of this kind as far as there
/// are any (trainer/data/source.h), to be told from grown ones.
std::vector<Picture> real_pictures(const std::string& data, ViewKind kind, std::size_t count, int size,
                                   const std::function<void(const std::string&)>& report);

/// A square of a plate at size x size pixels. view: in pixels of the whole plate (its colours are
/// taken, too).
Picture square_of(const RealPlate& plate, const View& view, int size);
/// The full-width square that a plate's statistics were measured on; the middle one of a whole
/// plate.
View chance_square(const RealPlate& plate);
/// The square where nearest_plates found a picture, turned as the picture is.
View found_square(const RealPlate& plate, const Place& place);

/// A number in (0, 1) that belongs to the plate's name, for choices that shall be the same in every
/// judgement.
double chance_of(const RealPlate& plate);

/// The folder's own name, without where it lies.
std::string folder_name(const std::string& folder);

/// Pictures with alpha out of those without, and back.
Picture with_alpha(const RgbPicture& picture);
RgbPicture without_alpha(const Picture& picture);

/// Ready to be compared with, in the same order.
std::vector<ShelvedPlate> shelf_of(const std::vector<RealPlate>& plates);

/// The statistics of plates, each taken with a chance of its weight over the greatest weight: as
/// training meets them.
std::vector<PictureStatistics> statistics_as_trained(const std::vector<RealPlate>& plates);

}  // namespace florilegium
