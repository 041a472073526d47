#include "trainer/run/run_lock.h"

#include <fcntl.h>     // open
#include <sys/file.h>  // flock
#include <unistd.h>    // read, write, getpid, gethostname

#include <cerrno>
#include <stdexcept>
#include <string>

namespace florilegium {
namespace {

std::string this_process() {
  char host[96] = {};
  ::gethostname(host, sizeof host - 1);
  return "process " + std::to_string(::getpid()) + " on " + host;
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& folder)
    : file_(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (file_ < 0) return;  // writing the run's files will tell what is wrong
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    const std::string text = this_process() + "\n";
    if (::ftruncate(file_, 0) == 0 && ::write(file_, text.data(), text.size()) < 0) errno = 0;  // only a note
    return;
  }
  if (errno != EWOULDBLOCK) return;
  std::string who(200, '\0');
  const ssize_t length = ::pread(file_, who.data(), who.size(), 0);
  who.resize(static_cast<std::size_t>(length > 0 ? length : 0));
  who = who.substr(0, who.find('\n'));
  ::close(file_);
  throw std::invalid_argument("A training is at work in '" + folder.string() + "'" + (who.empty() ? "" : ": " + who) +
                              ". Wait for its end or stop it, or name another folder with --out.");
}

RunLock::~RunLock() {
  if (file_ < 0) return;
  if (::ftruncate(file_, 0) != 0) errno = 0;  // only a note
  ::close(file_);
}

}  // namespace florilegium
