// The other side of `bench train --peer`: PyTorch training the same network (tests/peer/twin.py),
// in a child process that takes a step when it is told to and says how long that took.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace florilegium {

struct PeerStep {
  double milliseconds = 0, peak_megabytes = 0;  ///< of this step; of the whole process so far
};

class Peer {
 public:
  /// Starts `python script step arguments...` and waits until it is ready. Throws
  /// std::runtime_error with a sentence when it does not come to that, above all because this
  /// Python has no PyTorch.
  Peer(const std::string& python, const std::filesystem::path& script, const std::vector<std::string>& arguments);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Throws std::runtime_error with a sentence when the process has died.
  PeerStep step();
  const std::string& description() const { return description_; }  ///< "PyTorch 1.13.0, 2 threads"
  std::int64_t parameters() const { return parameters_; }          ///< of its network

 private:
  std::string read_line();
  void end();

  pid_t process_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
  std::string description_;
  std::int64_t parameters_ = 0;
};

/// tests/peer/twin.py of the repository that this program was built in, or of the current folder;
/// throws std::invalid_argument with a sentence where there is none.
std::filesystem::path peer_script();

}  // namespace florilegium
