// The CUDA backend: compiles a graph into a list of work for one stream over one block of device
// memory, runs it twice as it is, and from then on plays it as one CUDA graph.
//
// This file knows nothing of CUDA itself (device.h stands between), so the tests run it on an
// emulated device too.
//
// To check everything on a machine with a GPU, from the folder of the build:
//   export LD_LIBRARY_PATH=$(python3 -c 'import glob, site;
//   print(":".join(glob.glob(site.getsitepackages()[0] + "/nvidia/*/lib")))') ./florilegium devices
//   && ./florilegium_tests --source-file='*backend/test_cuda*' && ./florilegium bench train
//   --device cuda
// (the first line only where CUDA's libraries come with PyTorch instead of the system).
//
// And on a machine with two of them, where it was built with MPI and nccl.h was found, the exchange
// of gradients between processes:
//   ./florilegium_tests --source-file='*commands/test_ranks*'
// (says "skipped on two GPUs", and why, where there are none). NCCL_DEBUG=WARN in the environment
// makes NCCL explain itself.
//
// If something goes wrong, likeliest first:
//   1. Is it a library, a kernel or the recording? FLORILEGIUM_CUDA_PLAIN=graph, =cublas, =cudnn
//   and =1 turn off one or all; the
//      tests run with each. Own kernels and everything around them also run in
//      test_cuda_emulated.cpp, so an error that is left with =1 is in launch.h (shuffles, shared
//      memory) or device.cpp.
//   2. An "illegal memory access" is reported late. FLORILEGIUM_PROFILE=1 waits after every
//   operator and names the one that
//      failed (and at the end prints the time of each); compute-sanitizer names the line.
//   3. "no kernel image": built for another kind of GPU; configure with -D
//   CMAKE_CUDA_ARCHITECTURES=90 (or its number).
//   4. f32 results off by 1e-3: TF32 crept in; libraries.cpp asks for CUBLAS_COMPUTE_32F and
//   CUDNN_FMA_MATH.
//   5. Slow convolutions: cuDNN refused every deterministic algorithm and the plain kernel runs.
//   FLORILEGIUM_PROFILE=1 shows it;
//      f32 in NHWC and channel counts that are no multiples of 8 are the likely cases. Then cuDNN's
//      graph API would be next.
//   6. Processes that train together hang at the third step: a recording with NCCL in it.
//   FLORILEGIUM_CUDA_PLAIN=graph does without.
//   7. Slow steps with a fast GPU: writing x and target converts 25 MB each on the host at batch 8
//   and 512x512. Make the noise on
//      the device.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>
#include <thread>

#include "trainer/backend/backend.h"
#include "trainer/backend/cuda/entry.h"
#include "trainer/backend/cuda/exchange.h"
#include "trainer/backend/cuda/kernel.h"
#include "trainer/backend/cuda/libraries.h"
#include "trainer/backend/cuda/numbers.h"
#include "trainer/backend/cuda/optimiser.h"
#include "trainer/backend/profile.h"
#include "trainer/graph/plan.h"

namespace florilegium::cuda {
namespace {

constexpr std::int64_t runs_before_recording = 2;

const Kernel& kernel_for(std::string_view op) {
  for (const auto list : {dense_kernels(), normalisation_kernels(), pointwise_kernels()})
    for (const Kernel& kernel : list)
      if (kernel.op == op) return kernel;
  throw std::logic_error("The CUDA backend has no kernel for " + std::string(op) + ".");
}

/// Does something for a node; what goes wrong carries the operator's name.
template <class F>
auto naming(const Node& node, const char* doing, F&& f) {
  try {
    return f();
  } catch (const std::runtime_error& problem) {
    throw std::runtime_error(std::string(doing) + " " + node.op->name + ": " + problem.what());
  }
}

class CudaProgram final : public Program {
 public:
  /// exchange: where the gradients are to be added up over a group; else null.
  CudaProgram(std::shared_ptr<const Device> device, std::shared_ptr<Exchange> exchange, Graph graph,
              std::span<const Value> keep, std::span<const Value> gradients)
      : device_(std::move(device)),
        exchange_(std::move(exchange)),
        graph_(std::move(graph)),
        plan_(plan_memory(graph_, {keep, gradients})),
        trains_(!gradients.empty()),
        memory_(plan_.bytes),
        libraries_(device_->stream()) {
    copy_weights();
    std::vector<Binding> bindings;
    std::int64_t scratch = 0;
    for (const Node& node : graph_.nodes) {
      Binding binding{graph_, node, {}, {}, {}, stream(), nullptr, &libraries_};
      for (const Value value : node.in) {
        binding.in.push_back(value ? at(value) : nullptr);
        const auto weight = value ? weights_.find({value.index, graph_[node.in[0]].type}) : weights_.end();
        binding.weight.push_back(weight == weights_.end() ? nullptr : weight->second);
      }
      for (const Value value : node.out) binding.out.push_back(at(value));
      if (const auto asks = kernel_for(node.op->name).scratch) scratch = std::max(scratch, asks(binding));
      bindings.push_back(std::move(binding));
    }
    scratch_ = Memory(scratch);
    for (Binding& binding : bindings) {
      binding.scratch = scratch_.data();
      work_.push_back(
          naming(binding.node, "Preparing", [&] { return kernel_for(binding.node.op->name).make(binding); }));
    }
    if (trains_) {
      for (Memory& memory : training_state_) memory = Memory(plan_.parameter_elements * 4);
      std::vector<ParameterRange> ranges;
      for (const Value value : graph_.parameters())
        ranges.push_back({elements(graph_.shape(value)), graph_.shape(value).size() >= 2});
      optimiser_ = Optimiser(ranges, stream());
    }
    if (exchange_) stretches_ = gradient_stretches(graph_, gradients);
    wait_for(stream());
  }

  ~CudaProgram() override {
    try {
      device_->enter();
      wait_for(stream());
    } catch (const std::exception& problem) { std::fprintf(stderr, "%s\n", problem.what()); }
  }

  void write(Value input, std::span<const float> numbers) override {
    device_->enter();
    const Tensor& tensor = graph_[input];
    if (static_cast<std::int64_t>(numbers.size()) != elements(tensor.shape))
      throw std::logic_error("'" + tensor.name + "' has the shape " + text_of(tensor.shape) + " and does not take " +
                             std::to_string(numbers.size()) + " numbers.");
    auto& staging = staging_[input.index];
    if (!staging) staging = std::make_unique<Staging>(elements(tensor.shape) * bytes_of(tensor.type));
    staging->wait();
    with_type(tensor.type, [&]<class T>(T) {
      std::transform(numbers.begin(), numbers.end(), reinterpret_cast<T*>(staging->data()),
                     [](float v) { return store<T>(v); });
    });
    staging->copy_to(at(input), stream());
  }

  void wait() override { wait_for(stream()); }

  void run() override {
    device_->enter();
    if (recording_) {
      recording_->play(stream());
      return;
    }
    if (runs_++ == runs_before_recording && !profile_.wanted && !plain("graph")) {
      try {
        recording_.emplace(stream(), [this] { put_on_stream(); });
        recording_->play(stream());
        return;
      } catch (const std::runtime_error& problem) {
        recording_.reset();
        // All of a group record, or none.
        if (exchange_)
          throw std::runtime_error("The step could not be recorded; FLORILEGIUM_CUDA_PLAIN=graph trains without. " +
                                   std::string(problem.what()));
        std::fprintf(stderr, "The step could not be recorded and runs operator by operator, which is slower. %s\n",
                     problem.what());
      }
    }
    put_on_stream();
  }

  void run_with(const GradientListener& listener) override {
    if (!exchange_) return Program::run_with(listener);
    try {
      run();
      while (!exchange_->is_done(stream())) {
        listener.meanwhile();
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    } catch (const std::exception&) {
      recording_.reset();  // before the exchange: NCCL keeps what a recording needs
      exchange_->abort();
      for (int i = 0; i < 20; ++i) {  // that a process has died is the better explanation, and may be known only now
        listener.meanwhile();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      throw;
    }
  }

  std::vector<float> read(Value value) const override {
    device_->enter();
    std::vector<float> numbers(static_cast<std::size_t>(elements(graph_.shape(value))));
    with_type(graph_[value].type, [&]<class T>(T) {
      std::vector<T> own(numbers.size());
      copy_to_host(own.data(), at(value), static_cast<std::int64_t>(own.size() * sizeof(T)), stream());
      std::transform(own.begin(), own.end(), numbers.begin(), [](T v) { return load(v); });
    });
    return numbers;
  }

  void write_state(State which, std::span<const float> numbers) override {
    device_->enter();
    if (static_cast<std::int64_t>(numbers.size()) != plan_.parameter_elements)
      throw std::logic_error("The network has " + std::to_string(plan_.parameter_elements) + " parameters, not " +
                             std::to_string(numbers.size()) + ".");
    copy_to_device(state(which), numbers.data(), plan_.parameter_elements * 4, stream());
  }

  std::vector<float> read_state(State which) const override {
    device_->enter();
    std::vector<float> numbers(static_cast<std::size_t>(plan_.parameter_elements));
    copy_to_host(numbers.data(), state(which), plan_.parameter_elements * 4, stream());
    return numbers;
  }

  double optimise(const OptimiserStep& step) override {
    device_->enter();
    if (!trains_) throw std::logic_error("This program was compiled without gradients.");
    return optimiser_.step(step, numbers(plan_.gradient_offset), state(State::parameters), state(State::ema),
                           state(State::first_moment), state(State::second_moment), stream());
  }

  std::int64_t memory_bytes() const override {
    std::int64_t total = memory_.bytes() + weight_memory_.bytes() + scratch_.bytes() + libraries_.workspace_bytes();
    for (const Memory& memory : training_state_) total += memory.bytes();
    return total;
  }

 private:
  Stream stream() const { return device_->stream(); }
  void* at(Value value) const { return memory_.data() + plan_.offset[static_cast<std::size_t>(value.index)]; }
  float* numbers(std::int64_t offset) const { return reinterpret_cast<float*>(memory_.data() + offset); }
  float* state(State which) const {
    if (which == State::parameters) return numbers(plan_.parameter_offset);
    if (!trains_) throw std::logic_error("This program was compiled without gradients and keeps no training state.");
    return reinterpret_cast<float*>(training_state_[static_cast<std::size_t>(which) - 1].data());
  }

  /// Weights of dense operators in the type they compute in: the parameter itself where that fits,
  /// else a copy made at every run.
  void copy_weights() {
    std::vector<ParameterCopy> copies;
    std::vector<std::pair<int, Type>> keys;
    const auto want = [&](const Node& node, std::size_t i) {
      const Value value = node.in[i];
      const Type type = graph_[node.in[0]].type;
      if (graph_[value].role != Role::parameter)
        throw std::logic_error(std::string("The weights of ") + node.op->name + " are to be parameters.");
      auto& place = weights_[{value.index, type}];
      if (place) return;
      place = at(value);
      if (type == Type::f32 && reinterpret_cast<std::uintptr_t>(place) % 16 == 0) return;
      copies.push_back({static_cast<const float*>(place), nullptr, elements(graph_.shape(value)), type});
      keys.emplace_back(value.index, type);
    };
    for (const Node& node : graph_.nodes) {
      const std::string_view op = node.op->name;
      if (op == "conv2d" || op == "linear" || op == "conv2d_input_gradient" || op == "linear_input_gradient")
        want(node, 1);
      if (op == "linear") want(node, 2);
    }
    const auto place_all = [&](Cut cut) {
      for (std::size_t i = 0; i < copies.size(); ++i)
        weights_[keys[i]] = copies[i].to = cut.take(copies[i].count * bytes_of(copies[i].type));
      return cut.used();
    };
    weight_memory_ = Memory(place_all(Cut(nullptr)));
    place_all(Cut(weight_memory_.data()));
    weight_copies_ = ParameterCopies(copies, stream());
  }

  void put_on_stream() {
    weight_copies_.run(stream());
    auto next = stretches_.begin();
    for (std::size_t n = 0; n < work_.size(); ++n) {
      const Node& node = graph_.nodes[n];
      const auto begin = std::chrono::steady_clock::now();
      naming(node, "Running", [&] {
        work_[n]();
        if (profile_.wanted) wait_for(stream());
      });
      for (; next != stretches_.end() && next->node <= n; ++next)
        exchange_->begin_sum(numbers(plan_.gradient_offset) + next->begin, next->size, stream());
      if (!profile_.wanted) continue;
      auto& entry = profile_.spent[node.op->name];
      entry.first += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      ++entry.second;
    }
    if (exchange_) exchange_->finish_sums(stream());
  }

  std::shared_ptr<const Device> device_;
  std::shared_ptr<Exchange> exchange_;  // outlives the recording
  Graph graph_;
  PlannedGraph plan_;
  bool trains_;
  Memory memory_, weight_memory_, scratch_;
  std::array<Memory, 3> training_state_;
  std::map<std::pair<int, Type>, const void*> weights_;  // by parameter and type
  ParameterCopies weight_copies_;
  Optimiser optimiser_;
  std::map<int, std::unique_ptr<Staging>> staging_;  // by input
  Libraries libraries_;
  std::vector<Work> work_;
  std::vector<Stretch> stretches_;  // only with an exchange
  std::optional<Recording> recording_;
  std::int64_t runs_ = 0;
  Profile profile_;
};

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(int device) : device_(std::make_shared<const Device>(device)) {}
  std::string description() const override {
    return device_->description() + ", " + Libraries::description() + (exchange_ ? ", " + Exchange::description() : "");
  }
  Type preferred_type() const override { return device_->computes_in_bf16() ? Type::bf16 : Type::f32; }
  std::unique_ptr<Program> compile(Graph graph, std::span<const Value> keep,
                                   std::span<const Value> gradients) override {
    device_->enter();
    return std::make_unique<CudaProgram>(device_, gradients.empty() ? nullptr : exchange_, std::move(graph), keep,
                                         gradients);
  }
  void join(const Group& group) override {
    device_->enter();
    exchange_ = std::make_shared<Exchange>(group);
  }

 private:
  std::shared_ptr<const Device> device_;
  std::shared_ptr<Exchange> exchange_;  // once in a group
};

constexpr Entry entry{unusable_reason, Exchange::unusable_reason,
                      [](int device) -> std::unique_ptr<Backend> { return std::make_unique<CudaBackend>(device); }};

}  // namespace
}  // namespace florilegium::cuda

extern "C" const florilegium::cuda::Entry* florilegium_cuda_entry() { return &florilegium::cuda::entry; }
