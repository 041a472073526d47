// A backend runs graphs on one kind of device. It is small on purpose: compile a graph once, then
// write inputs, run, read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "trainer/graph/graph.h"

namespace florilegium {

/// One update of AdamW (Loshchilov & Hutter 2019) on gradients clipped to a global norm, with a
/// moving average of the weights.
struct OptimiserStep {
  double learning_rate = 5e-4, beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
  double weight_decay = 0.01;  ///< on parameters of two or more dimensions
  double clip_norm = 1.0;      ///< of all gradients together; 0 = do not clip
  double ema_decay = 0.999;    ///< moving average: ema = decay ema + (1 - decay) parameter
  std::int64_t step = 1;       ///< counted from 1, for the moments' bias correction
};

/// The flat f32 arrays behind a program's parameters, each in the order of Graph::parameters().
enum class State : std::uint8_t { parameters, ema, first_moment, second_moment };

/// Whoever wants gradients while a run still computes others.
struct GradientListener {
  std::function<void(std::span<float>)>
      ready;  ///< gets a stretch of the gradients' memory that the run is done with: together all, each once
  std::function<void()> meanwhile;  ///< called again and again during the run; what it throws ends the run
};

/// This process among those that train together, for devices that exchange gradients by themselves.
struct Group {
  int rank = 0, count = 1;
  std::function<void(std::span<std::byte>)> broadcast;  ///< gives all of them the bytes of rank 0
};

/// A compiled graph with memory of its own.
class Program {
 public:
  virtual ~Program() = default;
  /// Copies numbers to an input, converting them to its type. Throws std::logic_error when the
  /// count is wrong.
  virtual void write(Value input, std::span<const float> numbers) = 0;
  /// Starts the graph's work; what it computes is there when read() or optimise() needs it.
  virtual void run() = 0;
  /// As run(). Devices that compute in the host's memory give out their gradients, and optimise()
  /// uses what the listener makes of them. Devices whose backend has joined a group have added them
  /// up over the group when it returns, and call `meanwhile` alone. Others: std::logic_error.
  virtual void run_with(const GradientListener& listener) {
    (void)listener;
    throw std::logic_error("This device does not give out gradients while it computes others.");
  }
  /// Returns when all work that was started is done; only timing needs it.
  virtual void wait() {}
  /// Copies out an input or a kept value as f32.
  virtual std::vector<float> read(Value value) const = 0;
  virtual void write_state(State state, std::span<const float> numbers) = 0;
  virtual std::vector<float> read_state(State state) const = 0;
  /// Uses the gradients of the last run. Returns their norm before clipping; when that is not
  /// finite nothing is changed.
  virtual double optimise(const OptimiserStep& step) = 0;
  virtual std::int64_t memory_bytes() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  /// Called by all of the group, once. Where gradients stay on the device, programs for training
  /// that are compiled from now on add them up over the group in every run; on the host nothing
  /// changes. Throws std::runtime_error with a sentence when the devices cannot meet.
  virtual void join(const Group& group) { (void)group; }
  virtual std::string description() const = 0;  ///< for people: "CPU, oneDNN 2.6.3, 2 threads, bf16"
  virtual Type preferred_type() const = 0;      ///< bf16 where the device computes in it natively
  /// keep: values that can be read after a run. gradients: for optimise(), in the order of
  /// Graph::parameters(); empty = not for training.
  virtual std::unique_ptr<Program> compile(Graph graph, std::span<const Value> keep,
                                           std::span<const Value> gradients = {}) = 0;
};

/// threads: 0 = as many as the machine has cores.
std::unique_ptr<Backend> cpu_backend(int threads = 0);

/// device: number of the GPU. Throws std::runtime_error with a sentence where it cannot be used.
std::unique_ptr<Backend> cuda_backend(int device = 0);
/// Empty when the GPU can be used; else a sentence: built without CUDA, a library is missing, no
/// driver, no such GPU.
std::string cuda_unavailable_reason(int device = 0);
/// Empty when a CUDA backend can join a group, as far as is known without one; else a sentence:
/// built without NCCL, or it is not found.
std::string nccl_unavailable_reason();

}  // namespace florilegium
