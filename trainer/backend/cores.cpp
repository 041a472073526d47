#include "trainer/backend/cores.h"

#include <sched.h>   // sched_getaffinity
#include <unistd.h>  // getppid

#include <algorithm>
#include <thread>

namespace florilegium {
namespace {

int cores_of(pid_t process) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(process, sizeof set, &set) != 0 || CPU_COUNT(&set) < 1)
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return CPU_COUNT(&set);
}

}  // namespace

int usable_cores() { return cores_of(0); }

int cores_of_parent() { return std::max(cores_of(::getppid()), usable_cores()); }

int threads_for(int own, int all, int processes) {
  return std::clamp(all / std::max(1, processes), 1, std::max(1, own));
}

std::string starved(int own, int all, int processes) {
  const int share = all / std::max(1, processes);
  if (own >= share) return {};
  return "This process is bound to " + std::to_string(own) + (own == 1 ? " core" : " cores") + ", where its share of " +
         std::to_string(all) + " would be " + std::to_string(share) +
         ". Start without that binding to go faster: mpirun --bind-to none, or no taskset.";
}

}  // namespace florilegium
