#include "trainer/learn/ranks.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <vector>

#include "trainer/learn/ranks_mpi.h"

namespace florilegium {
namespace {

/// The first of these variables that is set: launchers tell each process what it is in variables of
/// their own.
int number_in_environment(std::initializer_list<const char*> names, int otherwise) {
  for (const char* name : names)
    if (const char* text = std::getenv(name)) return std::max(0, std::atoi(text));
  return otherwise;
}

}  // namespace

Ranks& no_other_ranks() {
  static Ranks alone;
  return alone;
}

int rank_of_this_process() {
  return number_in_environment({"OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"}, 0);
}  // Open MPI; MPICH and Intel MPI; srun

int ranks_on_this_machine() {
  return std::max(1, number_in_environment({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}, 1));
}

int rank_on_this_machine() {
  return number_in_environment({"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}, 0);
}

std::unique_ptr<Ranks> ranks_of_this_job() {
  const int count = number_in_environment({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}, 1);
  if (count <= 1) return std::make_unique<Ranks>();
#ifdef FLORILEGIUM_WITH_MPI
  auto ranks = mpi_ranks();
  if (ranks->count() != count)
    throw std::invalid_argument("The launcher started " + std::to_string(count) +
                                " processes to train together, but the MPI that this program "
                                "was built with sees " +
                                std::to_string(ranks->count()) +
                                ": the launcher belongs to another MPI. Start them with the mpirun that came with " +
                                mpi_name() + ".");
  return ranks;
#else
  throw std::invalid_argument("This is one of " + std::to_string(count) +
                              " processes that were started to train together, but the program was built without MPI. "
                              "Start it alone, or install libopenmpi-dev and build it again.");
#endif
}

std::string broadcast(Ranks& ranks, std::string text) {
  if (ranks.count() == 1) return text;
  std::uint64_t size = text.size();
  ranks.broadcast(std::as_writable_bytes(std::span(&size, 1)));
  text.resize(size);
  ranks.broadcast(std::as_writable_bytes(std::span(text)));
  return text;
}

bool on_any(Ranks& ranks, bool here) {
  double votes = here ? 1 : 0;
  ranks.sum(std::span(&votes, 1));
  return votes > 0;
}

int lowest_where(Ranks& ranks, bool here) {
  std::vector<double> votes(static_cast<std::size_t>(ranks.count()));
  votes[static_cast<std::size_t>(ranks.rank())] = here ? 1 : 0;
  ranks.sum(votes);
  return static_cast<int>(std::find(votes.begin(), votes.end(), 1.0) - votes.begin());
}

std::string problem_with_gpu(const Ranks& ranks, int gpu, const std::string& gpu_problem,
                             const std::string& nccl_problem) {
  if (!gpu_problem.empty()) {
    return "Process " + std::to_string(ranks.rank() + 1) + " of the " + std::to_string(ranks.count()) +
           " that train together is number " + std::to_string(gpu) +
           " on its machine, counted from 0, and cannot use the GPU of that number: " + gpu_problem +
           " Start no more processes on a machine than it has GPUs.";
  }
  if (!nccl_problem.empty())
    return "Several processes cannot train together on GPUs: " + nccl_problem + " One process alone can use one GPU.";
  return {};
}

}  // namespace florilegium
