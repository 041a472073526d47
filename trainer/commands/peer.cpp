#include "trainer/commands/peer.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace florilegium {

Peer::Peer(const std::string& python, const std::filesystem::path& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {python, script.string(), "step"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  int there[2], back[2];
  if (::pipe(there) != 0 || ::pipe(back) != 0) throw std::runtime_error("No process could be started for PyTorch.");
  std::signal(SIGPIPE, SIG_IGN);  // a peer that has died shall end in a sentence
  process_ = ::fork();
  if (process_ == 0) {  // only async-signal-safe calls from here on
    ::dup2(there[0], STDIN_FILENO);
    ::dup2(back[1], STDOUT_FILENO);
    for (const int end : {there[0], there[1], back[0], back[1]}) ::close(end);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(there[0]);
  ::close(back[1]);
  to_ = ::fdopen(there[1], "w");
  from_ = ::fdopen(back[0], "r");

  const std::string first = read_line();
  if (first.rfind("ready ", 0) == 0) {
    char* rest = nullptr;
    parameters_ = std::strtoll(first.c_str() + 6, &rest, 10);
    description_ = rest + 1;
    return;
  }
  end();
  if (first.rfind("missing", 0) == 0 || first.empty()) {
    throw std::runtime_error(
        "There is no PyTorch to compare with: '" + python + "' does not start the network's twin in " +
        script.string() +
        ". Install it (Debian: apt-get install python3-torch), or name a Python that has it with --python.");
  }
  throw std::runtime_error("The network's twin in " + script.string() + " said '" + first +
                           "' and not that it is ready.");
}

Peer::~Peer() { end(); }

void Peer::end() {
  if (to_) std::fclose(to_);  // the end of its input ends it
  if (from_) std::fclose(from_);
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
  to_ = from_ = nullptr;
  process_ = -1;
}

std::string Peer::read_line() {
  std::string line;
  for (int c = std::fgetc(from_); c != EOF && c != '\n'; c = std::fgetc(from_)) line += static_cast<char>(c);
  return line;
}

PeerStep Peer::step() {
  std::fputs("step\n", to_);
  std::fflush(to_);
  PeerStep result;
  const std::string line = read_line();
  if (std::sscanf(line.c_str(), "%lf %lf", &result.milliseconds, &result.peak_megabytes) != 2)
    throw std::runtime_error(
        "PyTorch's side ended in the middle of the comparison; what it complained of stands above. A smaller --batch "
        "or --size needs less memory.");
  return result;
}

std::filesystem::path peer_script() {
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const std::filesystem::path inside = "tests/peer/twin.py";
  for (const auto& root : {program.parent_path().parent_path().parent_path(), std::filesystem::current_path(unknown)})
    if (std::filesystem::exists(root / inside, unknown)) return root / inside;
  throw std::invalid_argument("The network's twin, " + inside.string() +
                              ", is not here. Run --peer in the folder of the repository.");
}

}  // namespace florilegium
