// The picture cache: decodes pictures on first use, at the reduction that is asked for, and keeps
// them while there is room.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "trainer/data/free_memory.h"
#include "trainer/data/paper.h"
#include "trainer/data/read_picture.h"

namespace florilegium {

class PictureCache {
 public:
  static constexpr int most_halvings = 7;

  /// report: gets one sentence, once, for each file that cannot be decoded; never called from two
  /// threads at once.
  /// free: how much memory is free; asked whenever the cache has grown by look_again_after bytes.
  PictureCache(std::vector<std::filesystem::path> files, std::size_t bytes,
               std::function<void(const std::string&)> report, std::function<std::size_t()> free = free_memory,
               std::size_t look_again_after = std::size_t{64} << 20);

  /// Picture number `index`, halved `halvings` times; null when its file is damaged. Thread-safe.
  /// When the cache is full, or memory is short on the machine, the picture is decoded again each
  /// time.
  std::shared_ptr<const RgbPicture> get(std::size_t index, int halvings);

  /// The same with its blank sides continued (paper.h), empty when it has none; null when its file
  /// is damaged.
  std::shared_ptr<const WholePlate> get_whole(std::size_t index, int halvings);

  std::size_t bytes_used() const { return used_; }

 private:
  struct Slot {
    std::array<std::shared_ptr<const RgbPicture>, most_halvings + 1> reduced;
    std::array<std::shared_ptr<const WholePlate>, most_halvings + 1> whole;
    bool damaged = false;
  };

  bool has_room_for(std::size_t bytes);

  std::vector<std::filesystem::path> files_;
  std::vector<Slot> slots_;
  std::size_t bytes_;
  std::atomic<std::size_t> used_ = 0;
  std::function<void(const std::string&)> report_;
  std::function<std::size_t()> free_;
  std::size_t look_again_after_, look_again_at_ = 0;
  std::mutex mutex_;  // guards slots_ and report_; decoding happens outside it
};

}  // namespace florilegium
