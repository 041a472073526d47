#include "trainer/data/loader.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace florilegium {

BatchLoader::BatchLoader(const PictureSource& source, std::uint64_t seed, int batch, const Sight& sight,
                         std::uint64_t first_index, int threads, std::uint64_t stride)
    : source_(source),
      seed_(seed),
      batch_(static_cast<std::uint64_t>(batch)),
      first_index_(first_index),
      stride_(stride > 0 ? stride : batch_),
      sight_(sight),
      picture_floats_(static_cast<std::size_t>(sight.side) * static_cast<std::size_t>(sight.side) * 3) {
  if (batch < 1 || sight.side < 1 || threads < 1) {
    throw std::invalid_argument("A loader needs a batch, a size and a number of threads of at least 1, not " +
                                std::to_string(batch) + ", " + std::to_string(sight.side) + " and " +
                                std::to_string(threads) + ".");
  }
  slots_.resize(batches_ahead);
  for (Slot& slot : slots_) {
    slot.pictures.resize(batch_ * picture_floats_);
    slot.kinds.resize(batch_);
  }
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_to_do_.notify_all();
  threads_.clear();
}

void BatchLoader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_to_do_.wait(lock, [this] { return stop_ || taken_ < (given_ + batches_ahead) * batch_; });
    if (stop_) return;
    const std::uint64_t picture = taken_++;
    Slot& slot = slot_of(picture / batch_);
    lock.unlock();
    std::exception_ptr failure;
    try {
      slot.kinds[picture % batch_] =
          source_.draw(seed_, first_index_ + picture / batch_ * stride_ + picture % batch_, sight_,
                       std::span(slot.pictures).subspan(picture % batch_ * picture_floats_, picture_floats_));
    } catch (...) { failure = std::current_exception(); }
    lock.lock();
    if (failure && !failure_) {
      failure_ = failure;
      stop_ = true;
      work_to_do_.notify_all();
    }
    if (++slot.done == batch_ || failure_) batch_ready_.notify_one();
  }
}

void BatchLoader::next(std::span<float> out, std::span<ViewKind> kinds) {
  if (out.size() != batch_ * picture_floats_ || (!kinds.empty() && kinds.size() != batch_)) {
    throw std::invalid_argument("A batch of " + std::to_string(batch_ * picture_floats_) +
                                " numbers does not fit into " + std::to_string(out.size()) + ".");
  }
  std::unique_lock lock(mutex_);
  Slot& slot = slot_of(given_);
  batch_ready_.wait(lock, [&] { return failure_ || slot.done == batch_; });
  if (failure_) std::rethrow_exception(failure_);
  lock.unlock();
  std::copy(slot.pictures.begin(), slot.pictures.end(),
            out.begin());  // no thread writes to this slot until given_ grows
  if (!kinds.empty()) std::copy(slot.kinds.begin(), slot.kinds.end(), kinds.begin());
  lock.lock();
  slot.done = 0;
  ++given_;
  lock.unlock();
  work_to_do_.notify_all();
}

}  // namespace florilegium
