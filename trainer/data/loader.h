// The loader: training pictures in batches, prepared by background threads while the network is
// busy.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "trainer/data/source.h"

namespace florilegium {

/// Batches of pictures first_index, first_index + 1, ... in order, the same whatever the number of
/// threads; from one batch to the next the index grows by `stride` (0: by the batch), so that
/// several loaders can share one sequence. Two batches are prepared ahead. To be used from one
/// thread; destruction waits for the pictures in work only.
class BatchLoader {
 public:
  /// source must outlive the loader. Throws std::invalid_argument when batch, size or threads is
  /// less than 1.
  BatchLoader(const PictureSource& source, std::uint64_t seed, int batch, const Sight& sight, std::uint64_t first_index,
              int threads, std::uint64_t stride = 0);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// The next batch. out: [N, H, W, 3] = batch * size * size * 3 floats in [-1, 1]. Throws what a
  /// background thread threw (then and from then on), std::invalid_argument when out has another
  /// size.
  /// kinds: [N], what kind of view each one is; empty when nobody asks.
  void next(std::span<float> out, std::span<ViewKind> kinds = {});

  /// Index of the first picture of the next batch: a loader made with it as first_index goes on
  /// from here.
  std::uint64_t position() const { return first_index_ + given_ * stride_; }

 private:
  static constexpr std::uint64_t batches_ahead = 2;

  struct Slot {
    std::vector<float> pictures;
    std::vector<ViewKind> kinds;
    std::uint64_t done = 0;  // pictures ready
  };

  void work();
  Slot& slot_of(std::uint64_t batch) { return slots_[batch % slots_.size()]; }

  const PictureSource& source_;
  std::uint64_t seed_, batch_, first_index_, stride_;
  Sight sight_;
  std::size_t picture_floats_;
  std::vector<Slot> slots_;

  std::mutex mutex_;  // guards what follows, and Slot::done
  std::condition_variable work_to_do_, batch_ready_;
  std::uint64_t taken_ = 0;  // pictures that threads have taken on
  std::uint64_t given_ = 0;  // batches that next() has given
  bool stop_ = false;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;
};

}  // namespace florilegium
