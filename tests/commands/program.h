// Running the real program from a test: with limits, with signals, and with what it said.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace florilegium {

struct ProgramEnd {
  int status = 0;  ///< exit status; 128 + signal when it was killed
  std::string out, err;
};

/// One started `florilegium`. Its output goes to files below `folder`.
class StartedProgram {
 public:
  /// largest_file: in bytes, as with `ulimit -f`; 0: no limit. launcher: a program and its
  /// arguments that start ours, such as mpirun.
  StartedProgram(const std::filesystem::path& folder, const std::vector<std::string>& arguments, long largest_file = 0,
                 const std::vector<std::string>& launcher = {});
  ~StartedProgram();
  StartedProgram(const StartedProgram&) = delete;
  StartedProgram& operator=(const StartedProgram&) = delete;

  void signal(int number) const;
  int process() const { return process_; }
  /// Waits for its end. After 120 seconds it is killed.
  ProgramEnd wait();

 private:
  std::filesystem::path folder_;
  int process_ = -1;
};

inline ProgramEnd run_program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                              long largest_file = 0) {
  return StartedProgram(folder, arguments, largest_file).wait();
}

}  // namespace florilegium
