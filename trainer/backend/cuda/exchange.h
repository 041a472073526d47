// The exchange of gradients between the GPUs of processes that train together: NCCL adds them up
// where they are, on a stream of its own, while the device computes further gradients.
//
//   device's stream     gradients 1 | gradients 2 | ... | gradients n |           | optimiser
//   exchange's stream               | sum 1 | sum 2 | ...             | sum n |
//
// Each sum begins after an event of the device's stream, and the device's stream waits for an event
// after the last one, so that a step with its exchange can be recorded as one.
//
// libnccl.so.2 is looked for when it is first needed: one process on one GPU does without.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "trainer/backend/backend.h"
#include "trainer/backend/cuda/device.h"

namespace florilegium::cuda {

class Exchange {
 public:
  /// Meets the group's other processes, which wait for each other here, for the current device.
  explicit Exchange(const Group& group);
  /// Waits for nobody. To be called when no recording with sums is left.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Adds up `count` numbers of the device over the group, in place, once what is on `stream` so
  /// far is done. All call it in one order.
  void begin_sum(float* numbers, std::int64_t count, Stream stream);
  /// What is put on `stream` from here on waits for all sums that were begun.
  void finish_sums(Stream stream);
  /// Whether all that is on `stream` is done, with the sums that it waits for. Throws
  /// std::runtime_error when NCCL has noticed that it never will be.
  bool is_done(Stream stream) const;
  /// Ends sums that wait for other processes, without a result; there will be no others. To be
  /// called when no recording with sums is left.
  void abort();

  static std::string unusable_reason();  ///< empty, or a sentence: built without NCCL, or it is not found
  static std::string description();      ///< "NCCL 2.28.9"

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace florilegium::cuda
