#include "trainer/data/picture_cache.h"

#include <stdexcept>
#include <utility>

namespace florilegium {

PictureCache::PictureCache(std::vector<std::filesystem::path> files, std::size_t bytes,
                           std::function<void(const std::string&)> report)
    : files_(std::move(files)), slots_(files_.size()), bytes_(bytes), report_(std::move(report)) {}

std::shared_ptr<const RgbPicture> PictureCache::get(std::size_t index, int halvings) {
  const auto level = static_cast<std::size_t>(halvings);
  {
    const std::lock_guard lock(mutex_);
    const Slot& slot = slots_.at(index);
    if (slot.damaged) return nullptr;
    if (slot.reduced.at(level)) return slot.reduced[level];
  }
  try {
    auto picture = std::make_shared<const RgbPicture>(read_picture(files_[index], halvings));
    const std::lock_guard lock(mutex_);
    auto& kept = slots_[index].reduced[level];
    if (!kept && used_ + picture->rgb.size() <= bytes_) {
      kept = picture;
      used_ += picture->rgb.size();
    }
    return picture;
  } catch (const std::runtime_error& problem) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(slots_[index].damaged, true)) report_(problem.what());
    return nullptr;
  }
}

std::shared_ptr<const WholePlate> PictureCache::get_whole(std::size_t index, int halvings) {
  const auto level = static_cast<std::size_t>(halvings);
  {
    const std::lock_guard lock(mutex_);
    const Slot& slot = slots_.at(index);
    if (slot.whole.at(level)) return slot.whole[level];
  }
  const auto plate = get(index, halvings);
  if (!plate) return nullptr;
  auto whole = std::make_shared<const WholePlate>(whole_plate(*plate));
  const std::lock_guard lock(mutex_);
  auto& kept = slots_[index].whole[level];
  if (!kept && used_ + whole->picture.rgb.size() <= bytes_) {
    kept = whole;
    used_ += whole->picture.rgb.size();
  }
  return whole;
}

}  // namespace florilegium
