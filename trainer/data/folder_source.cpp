#include "trainer/data/folder_source.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "trainer/data/view.h"

namespace florilegium {
namespace {

std::vector<std::filesystem::path> files_of(const std::vector<FolderPicture>& pictures) {
  std::vector<std::filesystem::path> files;
  for (const auto& picture : pictures) files.push_back(picture.file);
  return files;
}

}  // namespace

FolderSource::FolderSource(std::string name, std::vector<FolderPicture> pictures,
                           std::function<void(const std::string&)> report, std::size_t cache_bytes)
    : name_(std::move(name)),
      pictures_(std::move(pictures)),
      cache_(files_of(pictures_), cache_bytes, std::move(report)) {
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

void FolderSource::draw(std::uint64_t seed, std::uint64_t index, int size, std::span<float> out) const {
  Dice dice(seed, DiceStream::view, index);
  const double thrown = dice.flat() * weight_up_to_.back();
  const auto first = static_cast<std::size_t>(std::upper_bound(weight_up_to_.begin(), weight_up_to_.end() - 1, thrown) -
                                              weight_up_to_.begin());
  for (std::size_t i = 0; i < training_.size(); ++i) {  // a damaged picture is replaced by the next one
    const std::size_t chosen = training_[(first + i) % training_.size()];
    Dice view_dice = dice;
    const View view = random_view(pictures_[chosen].width, pictures_[chosen].height, view_dice);
    const int halvings = halvings_for(view.side, size);
    if (const auto picture = cache_.get(chosen, halvings)) return resample(*picture, halvings, view, size, out);
  }
  throw std::runtime_error("None of the training pictures in '" + name_ + "' can be read any more.");
}

void FolderSource::training_picture(std::uint64_t, std::size_t index, int size, std::span<float> out) const {
  centre(training_, index, size, out);
}

void FolderSource::held_out(std::size_t index, int size, std::span<float> out) const {
  if (held_out_.empty()) throw std::logic_error("The pictures '" + name_ + "' have none held out.");
  centre(held_out_, index, size, out);
}

/// The centre view of picture number `index` (mod their number) of `among`; a damaged one is
/// replaced by the next.
void FolderSource::centre(const std::vector<std::size_t>& among, std::size_t index, int size,
                          std::span<float> out) const {
  for (std::size_t i = 0; i < among.size(); ++i) {
    const std::size_t chosen = among[(index + i) % among.size()];
    const View view = centre_view(pictures_[chosen].width, pictures_[chosen].height);
    const int halvings = halvings_for(view.side, size);
    if (const auto picture = cache_.get(chosen, halvings)) return resample(*picture, halvings, view, size, out);
  }
  throw std::runtime_error("None of the pictures in '" + name_ + "' can be read any more.");
}

}  // namespace florilegium
