// The lock of a run folder: one process trains in it at a time. The system gives the lock back when
// the process ends, however it ends.
#pragma once

#include <filesystem>

namespace florilegium {

class RunLock {
 public:
  /// Locks folder/lock and writes into it who this is. Throws std::invalid_argument with a sentence
  /// that names the other process when one trains there. Where the file system knows no locks, none
  /// is had.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace florilegium
