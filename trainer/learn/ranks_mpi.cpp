#ifdef FLORILEGIUM_WITH_MPI
#include "trainer/learn/ranks_mpi.h"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace florilegium {
namespace {

using Clock = std::chrono::steady_clock;

/// Where a rank runs: its machine and process-number space, as text, and its process number there.
struct Place {
  char machine[192] = {};
  int process = 0;
};

Place this_place() {
  char host[96] = {};
  ::gethostname(host, sizeof host - 1);
  std::error_code unknown;
  const std::string text =
      host + std::string(" ") + std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
  Place place;
  std::strncpy(place.machine, text.c_str(), sizeof place.machine - 1);
  place.process = static_cast<int>(::getpid());
  return place;
}

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    int given = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    places_.resize(static_cast<std::size_t>(count_));
    const Place own = this_place();
    MPI_Allgather(&own, sizeof own, MPI_BYTE, places_.data(), sizeof own, MPI_BYTE, MPI_COMM_WORLD);
  }

  ~MpiRanks() override {
    if (std::uncaught_exceptions() == 0) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int count() const override { return count_; }

  void begin_sum(std::span<float> numbers) override {
    sums_.emplace_back();
    MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD,
                   &sums_.back());
  }

  void go_on() override {
    if (!sums_.empty()) done(sums_);
    look_now_and_then();
  }

  void finish_sums() override {
    wait(sums_);
    sums_.clear();
  }

  void sum(std::span<double> numbers) override {
    std::vector<MPI_Request> request(1);
    MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD,
                   request.data());
    wait(request);
  }

  void broadcast(std::span<std::byte> bytes) override {
    constexpr std::size_t at_once = std::size_t{1} << 30;  // MPI counts in int
    for (std::size_t begin = 0; begin < bytes.size(); begin += at_once) {
      const auto part = bytes.subspan(begin, std::min(at_once, bytes.size() - begin));
      std::vector<MPI_Request> request(1);
      MPI_Ibcast(part.data(), static_cast<int>(part.size()), MPI_BYTE, 0, MPI_COMM_WORLD, request.data());
      wait(request);
    }
  }

 private:
  static bool done(std::vector<MPI_Request>& requests) {
    int all = 0;
    MPI_Testall(static_cast<int>(requests.size()), requests.data(), &all, MPI_STATUSES_IGNORE);
    return all != 0;
  }

  /// MPI itself would wait for ever for a rank that was killed, and eat a core meanwhile.
  void wait(std::vector<MPI_Request>& requests) {
    const auto begin = Clock::now();
    while (!requests.empty() && !done(requests)) {
      if (Clock::now() - begin > std::chrono::microseconds(200))
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      look_now_and_then();
    }
  }

  void look_now_and_then() {
    const auto now = Clock::now();
    if (now < next_look_) return;
    look_after_others();
    next_look_ = now + std::chrono::milliseconds(50);
  }

  /// Of the ranks on this machine, the lowest one that lives says which one does not; the others
  /// leave without a word.
  void look_after_others() {
    const Place& own = places_[static_cast<std::size_t>(rank_)];
    int dead = -1;
    bool spokesman = true;
    for (int r = 0; r < count_; ++r) {
      const Place& other = places_[static_cast<std::size_t>(r)];
      if (r == rank_ || std::strcmp(other.machine, own.machine) != 0) continue;
      if (::kill(other.process, 0) != 0 && errno == ESRCH) dead = r;
      else if (r < rank_) spokesman = false;
    }
    if (dead < 0) return;
    if (!spokesman) ::_exit(1);
    throw std::runtime_error("Process " + std::to_string(dead + 1) + " of the " + std::to_string(count_) +
                             " that train together has ended before its time.");
  }

  int rank_ = 0, count_ = 1;
  std::vector<Place> places_;
  std::vector<MPI_Request> sums_;
  Clock::time_point next_look_{};
};

}  // namespace

std::string mpi_name() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string name(text);
  return name.substr(0, name.find_first_of(",\n"));
}

std::unique_ptr<Ranks> mpi_ranks() { return std::make_unique<MpiRanks>(); }

}  // namespace florilegium
#endif
