#include "trainer/data/picture_cache.h"

#include <new>
#include <stdexcept>
#include <utility>

namespace florilegium {

PictureCache::PictureCache(std::vector<std::filesystem::path> files, std::size_t bytes,
                           std::function<void(const std::string&)> report, std::function<std::size_t()> free,
                           std::size_t look_again_after)
    : files_(std::move(files)),
      slots_(files_.size()),
      bytes_(bytes),
      report_(std::move(report)),
      free_(std::move(free)),
      look_again_after_(look_again_after) {}

/// With mutex_ held. So much is left to others; once less is free, the cache stays as it is.
bool PictureCache::has_room_for(std::size_t bytes) {
  constexpr std::size_t left_to_others = std::size_t{512} << 20;
  if (used_ + bytes > bytes_) return false;
  if (used_ >= look_again_at_) {
    look_again_at_ = used_ + look_again_after_;
    if (free_() < left_to_others) bytes_ = used_;
  }
  return used_ + bytes <= bytes_;
}

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
    if (!kept && has_room_for(picture->rgb.size())) {
      kept = picture;
      used_ += picture->rgb.size();
    }
    return picture;
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    if (used_ == 0) throw;
    for (Slot& slot : slots_) slot = {{}, {}, slot.damaged};
    used_ = bytes_ = 0;
  } catch (const std::runtime_error& problem) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(slots_[index].damaged, true)) report_(problem.what());
    return nullptr;
  }
  return get(index, halvings);  // without what the cache had kept
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
  if (!kept && has_room_for(whole->picture.rgb.size())) {
    kept = whole;
    used_ += whole->picture.rgb.size();
  }
  return whole;
}

}  // namespace florilegium
