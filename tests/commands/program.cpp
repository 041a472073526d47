#include "tests/commands/program.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace florilegium {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

StartedProgram::StartedProgram(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                               long largest_file, const std::vector<std::string>& launcher)
    : folder_(folder) {
  const std::string out = (folder / "stdout.txt").string(), err = (folder / "stderr.txt").string(),
                    where = folder.string();
  std::vector<std::string> words = launcher;
  words.push_back(FLORILEGIUM_BINARY);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("No process could be started.");
  if (process_ > 0) return;
  // The child: only async-signal-safe calls from here on.
  const int out_file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644),
            err_file = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(out_file, STDOUT_FILENO);
  ::dup2(err_file, STDERR_FILENO);
  const rlimit limit{static_cast<rlim_t>(largest_file), static_cast<rlim_t>(largest_file)};
  if (largest_file > 0 && ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
  if (::chdir(where.c_str()) == 0) ::execvp(pointers[0], pointers.data());
  ::_exit(127);
}

StartedProgram::~StartedProgram() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void StartedProgram::signal(int number) const { ::kill(process_, number); }

ProgramEnd StartedProgram::wait() {
  int status = 0;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (::waitpid(process_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > give_up) ::kill(process_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  process_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(folder_ / "stdout.txt"),
          content(folder_ / "stderr.txt")};
}

}  // namespace florilegium
