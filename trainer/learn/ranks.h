// The processes that train together ("ranks"): each takes its share of every batch, their gradients
// are added up, and so all take the same steps. One process alone is the simplest case, and what
// the class itself does; ranks_mpi.cpp has the other.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace florilegium {

/// To be used from one thread. What concerns all ranks is called by all of them, in the same order.
/// Whoever waits for a rank that has died gets a std::runtime_error with a sentence.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const { return 0; }  ///< of this process; 0 writes, prints and decides
  virtual int count() const { return 1; }

  /// Starts to add up `numbers` over all ranks, in place. They stay as they are, and where they
  /// are, until finish_sums().
  virtual void begin_sum(std::span<float> numbers) { (void)numbers; }
  /// Lets sums that were begun go on, and looks whether the other ranks are there; to be called now
  /// and then during other work.
  virtual void go_on() {}
  /// Returns when all sums that were begun are there.
  virtual void finish_sums() {}
  /// Adds up now.
  virtual void sum(std::span<double> numbers) { (void)numbers; }
  /// Gives all ranks the bytes of rank 0.
  virtual void broadcast(std::span<std::byte> bytes) { (void)bytes; }
};

/// This process alone.
Ranks& no_other_ranks();

/// The ranks of the job that this process was started in, by `mpirun -n N`. Throws
/// std::invalid_argument with a sentence when there are several processes but this program was
/// built without MPI.
std::unique_ptr<Ranks> ranks_of_this_job();

/// From the environment, before anything is opened: this process's number in its job, how many of
/// the job share this machine, and this process's number among those, which is that of its GPU.
int rank_of_this_process();
int ranks_on_this_machine();
int rank_on_this_machine();

/// Rank 0's text for all.
std::string broadcast(Ranks& ranks, std::string text);

/// Whether it is so on any rank.
bool on_any(Ranks& ranks, bool here);

/// The lowest rank on which it is so; count() where it is so on none.
int lowest_where(Ranks& ranks, bool here);

/// Empty, or what to say when this rank cannot train on GPU number `gpu` of its machine together
/// with others. gpu_problem, nccl_problem: why the GPU, or NCCL, cannot be used; else empty.
std::string problem_with_gpu(const Ranks& ranks, int gpu, const std::string& gpu_problem,
                             const std::string& nccl_problem);

}  // namespace florilegium
