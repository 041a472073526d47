#include "trainer/data/folder_source.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "trainer/data/dice.h"
#include "trainer/data/view.h"

namespace florilegium {
namespace {

std::vector<std::filesystem::path> files_of(const std::vector<FolderPicture>& pictures) {
  std::vector<std::filesystem::path> files;
  for (const auto& picture : pictures) files.push_back(picture.file);
  return files;
}

/// Of views in which whole plates are wanted; about three quarters of the plates allow it.
constexpr double whole_wanted = 0.75;

/// How much the pixels of a view differ from each other, from 16 x 16 of them.
double busyness(const RgbPicture& picture, int halvings, const View& view) {
  constexpr int samples = 16;
  const double scale = std::ldexp(1.0, -halvings), cosine = std::cos(view.angle), sine = std::sin(view.angle);
  double sum = 0, squares = 0;
  for (int row = 0; row < samples; ++row)
    for (int column = 0; column < samples; ++column) {
      const double right = ((column + 0.5) / samples - 0.5) * view.side,
                   down = ((row + 0.5) / samples - 0.5) * view.side;
      const int x =
          std::clamp(static_cast<int>((view.centre_x + cosine * right - sine * down) * scale), 0, picture.width - 1);
      const int y =
          std::clamp(static_cast<int>((view.centre_y + sine * right + cosine * down) * scale), 0, picture.height - 1);
      const double green = picture.rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                                        static_cast<std::size_t>(x)) *
                                           3 +
                                       1];
      sum += green;
      squares += green * green;
    }
  const double mean = sum / (samples * samples);
  return squares / (samples * samples) - mean * mean;
}

/// The crop that a sight asks for: three times in four the busier one of two, since much of a plate
/// is blank paper, which is soon learned.
View busier_crop(const RgbPicture& picture, int halvings, const View& view, const Sight& sight, Dice& dice) {
  const View one = crop_of(view, sight, dice);
  if (sight.of <= sight.side || dice.chance(0.25)) return one;
  const View other = crop_of(view, sight, dice);
  return busyness(picture, halvings, one) >= busyness(picture, halvings, other) ? one : other;
}

/// Blocks are averaged by resampling to blocks of 4 x 4 first, and then exactly.
int block_of(const Sight& sight) { return sight.averaged % 4 == 0 ? 4 : sight.averaged; }

/// Side of a whole view as it is resampled.
int rendered_side(const Sight& sight) { return sight.of > 0 ? sight.of : sight.side * block_of(sight); }

/// What a sight sees of a picture through `view`, which is a crop already.
void see(const RgbPicture& picture, int halvings, const View& view, const Sight& sight, std::span<float> out) {
  const int block = block_of(sight);
  if (block == 1) return resample(picture, halvings, view, sight.side, out);
  const auto side = static_cast<std::size_t>(sight.side * block);
  std::vector<float> finer(side * side * 3);
  resample(picture, halvings, view, sight.side * block, finer);
  average_blocks(finer, sight.side, block, out);
}

}  // namespace

FolderSource::FolderSource(const std::filesystem::path& folder, std::string name, std::vector<FolderPicture> pictures,
                           std::function<void(const std::string&)> report, std::size_t cache_bytes)
    : name_(std::move(name)),
      pictures_(std::move(pictures)),
      cache_(files_of(pictures_), cache_bytes, std::move(report)) {
  std::ostringstream lines;
  for (const FolderPicture& one : pictures_)
    lines << one.file.lexically_relative(folder).generic_string() << '\t' << one.width << 'x' << one.height << '\t'
          << (one.held_out ? "heldout" : "train") << '\t' << one.weight << '\n';
  inventory_ = lines.str();
  double weight = 0;
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (pictures_[i].held_out) {
      held_out_.push_back(i);
    } else if (pictures_[i].weight > 0) {
      training_.push_back(i);
      weight_up_to_.push_back(weight += pictures_[i].weight);
    }
  }
  if (training_.empty())
    throw std::runtime_error("The pictures '" + name_ + "' have none for training: all are held out or weigh 0.");
}

ViewKind FolderSource::draw(std::uint64_t seed, std::uint64_t index, const Sight& sight, std::span<float> out) const {
  Dice dice(seed, DiceStream::view, index);
  const double thrown = dice.flat() * weight_up_to_.back();
  const auto first = static_cast<std::size_t>(std::upper_bound(weight_up_to_.begin(), weight_up_to_.end() - 1, thrown) -
                                              weight_up_to_.begin());
  const bool wants_whole = sight.whole_plates && Dice(seed, DiceStream::kind, index).chance(whole_wanted);
  Dice crop_dice(seed, DiceStream::crop, index);
  for (std::size_t i = 0; i < training_.size(); ++i) {  // a damaged picture is replaced by the next one
    const std::size_t chosen = training_[(first + i) % training_.size()];
    const FolderPicture& picture = pictures_[chosen];
    Dice view_dice = dice;
    if (wants_whole) {
      const int halvings = halvings_for(picture.height, rendered_side(sight));
      const auto whole = cache_.get_whole(chosen, halvings);
      if (!whole) continue;
      if (*whole) {
        const auto full = [&](double side) { return std::ldexp(side, halvings); };
        const View view = random_whole_view(whole->picture.width << halvings, whole->picture.height << halvings,
                                            {full(whole->margin[0]), full(whole->margin[1])}, view_dice);
        see(whole->picture, halvings, busier_crop(whole->picture, halvings, view, sight, crop_dice), sight, out);
        return ViewKind::whole;
      }
    }
    const View view = random_view(picture.width, picture.height, view_dice);
    const int halvings = halvings_for(view.side, rendered_side(sight));
    if (const auto plate = cache_.get(chosen, halvings)) {
      see(*plate, halvings, busier_crop(*plate, halvings, view, sight, crop_dice), sight, out);
      return ViewKind::detail;
    }
  }
  throw std::runtime_error("None of the training pictures in '" + name_ + "' can be read any more.");
}

ViewKind FolderSource::training_picture(std::uint64_t, std::size_t index, const Sight& sight,
                                        std::span<float> out) const {
  return centre(training_, index, sight, out);
}

ViewKind FolderSource::held_out(std::size_t index, const Sight& sight, std::span<float> out) const {
  if (held_out_.empty()) throw std::logic_error("The pictures '" + name_ + "' have none held out.");
  return centre(held_out_, index, sight, out);
}

/// The centre view of picture number `index` (mod their number) of `among`; a damaged one is
/// replaced by the next.
ViewKind FolderSource::centre(const std::vector<std::size_t>& among, std::size_t index, const Sight& sight,
                              std::span<float> out) const {
  Dice crop_dice(0, DiceStream::crop, index);
  for (std::size_t i = 0; i < among.size(); ++i) {
    const std::size_t chosen = among[(index + i) % among.size()];
    const FolderPicture& picture = pictures_[chosen];
    if (sight.whole_plates) {
      const int halvings = halvings_for(picture.height, rendered_side(sight));
      const auto whole = cache_.get_whole(chosen, halvings);
      if (!whole) continue;
      if (*whole) {
        const View view = centre_view(whole->picture.width << halvings, whole->picture.height << halvings);
        see(whole->picture, halvings, busier_crop(whole->picture, halvings, view, sight, crop_dice), sight, out);
        return ViewKind::whole;
      }
    }
    const View view = centre_view(picture.width, picture.height);
    const int halvings = halvings_for(view.side, rendered_side(sight));
    if (const auto plate = cache_.get(chosen, halvings)) {
      see(*plate, halvings, busier_crop(*plate, halvings, view, sight, crop_dice), sight, out);
      return ViewKind::detail;
    }
  }
  throw std::runtime_error("None of the pictures in '" + name_ + "' can be read any more.");
}

}  // namespace florilegium
