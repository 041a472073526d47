// The CPU backend: compiles a graph into a list of kernels over one block of memory, and runs the
// list.
#include <omp.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

#include "trainer/backend/backend.h"
#include "trainer/backend/cores.h"
#include "trainer/backend/cpu/kernel.h"
#include "trainer/backend/cpu/numbers.h"
#include "trainer/backend/cpu/onednn.h"
#include "trainer/backend/profile.h"
#include "trainer/graph/plan.h"

namespace florilegium {
namespace {

using namespace cpu;

struct Released {
  void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
};
using Memory = std::unique_ptr<std::byte[], Released>;

Memory zeroed(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
  Memory memory(new (std::align_val_t{64}) std::byte[size]);
  std::memset(memory.get(), 0, size);
  return memory;
}

const Kernel& kernel_for(const char* op) {
  for (const auto list : {dense_kernels(), normalisation_kernels(), pointwise_kernels()})
    for (const Kernel& kernel : list)
      if (std::string_view(kernel.op) == op) return kernel;
  throw std::logic_error(std::string("The CPU backend has no kernel for ") + op + ".");
}

class CpuProgram final : public Program {
 public:
  CpuProgram(Graph graph, std::span<const Value> keep, std::span<const Value> gradients)
      : graph_(std::move(graph)),
        plan_(plan_memory(graph_, {keep, gradients})),
        memory_(zeroed(plan_.bytes)),
        trains_(!gradients.empty()) {
    for (const Node& node : graph_.nodes) {
      Binding binding{graph_, node, {}, {}};
      for (const Value value : node.in) binding.in.push_back(value ? at(value) : nullptr);
      for (const Value value : node.out) binding.out.push_back(at(value));
      work_.push_back(kernel_for(node.op->name).make(binding));
    }
    const auto state = plan_.parameter_elements * 4;
    if (trains_)
      for (Memory& memory : training_state_) memory = zeroed(state);
    state_bytes_ = trains_ ? 3 * state : 0;
    stretches_ = gradient_stretches(graph_, gradients);
    for (const Value value : graph_.parameters())
      decayed_.push_back({elements(graph_.shape(value)), graph_.shape(value).size() >= 2});
  }

  void write(Value input, std::span<const float> numbers) override {
    const Tensor& tensor = graph_[input];
    if (static_cast<std::int64_t>(numbers.size()) != elements(tensor.shape))
      throw std::logic_error("'" + tensor.name + "' has the shape " + text_of(tensor.shape) + " and does not take " +
                             std::to_string(numbers.size()) + " numbers.");
    with_type(tensor.type, [&]<class T>(T) {
      T* to = static_cast<T*>(at(input));
      const float* from = numbers.data();
      constexpr std::int64_t piece = 1 << 16;
      const auto count = static_cast<std::int64_t>(numbers.size());
      parallel((count + piece - 1) / piece, [=](std::int64_t p) {
        for (std::int64_t i = p * piece; i < std::min(count, (p + 1) * piece); ++i) to[i] = store<T>(from[i]);
      });
    });
  }

  void run() override {
    for (std::size_t n = 0; n < work_.size(); ++n) run_node(n);
  }

  void run_with(const GradientListener& listener) override {
    auto next = stretches_.begin();
    for (std::size_t n = 0; n < work_.size(); ++n) {
      run_node(n);
      for (; next != stretches_.end() && next->node <= n; ++next)
        listener.ready({numbers(plan_.gradient_offset) + next->begin, static_cast<std::size_t>(next->size)});
      listener.meanwhile();
    }
  }

  std::vector<float> read(Value value) const override {
    std::vector<float> numbers(static_cast<std::size_t>(elements(graph_.shape(value))));
    with_type(graph_[value].type, [&]<class T>(T) {
      const T* from = static_cast<const T*>(at(value));
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = load(from[i]);
    });
    return numbers;
  }

  void write_state(State state, std::span<const float> numbers) override {
    if (static_cast<std::int64_t>(numbers.size()) != plan_.parameter_elements)
      throw std::logic_error("The network has " + std::to_string(plan_.parameter_elements) + " parameters, not " +
                             std::to_string(numbers.size()) + ".");
    std::copy(numbers.begin(), numbers.end(), this->state(state));
  }

  std::vector<float> read_state(State state) const override {
    return {this->state(state), this->state(state) + plan_.parameter_elements};
  }

  double optimise(const OptimiserStep& s) override {
    if (!trains_) throw std::logic_error("This program was compiled without gradients.");
    const float* gradient = numbers(plan_.gradient_offset);
    constexpr std::int64_t piece = 1 << 16;
    const std::int64_t count = plan_.parameter_elements, pieces = (count + piece - 1) / piece;
    std::vector<double> partial(static_cast<std::size_t>(pieces));
    parallel(pieces, [&](std::int64_t p) {
      double sum = 0;
      for (std::int64_t begin = p * piece; begin < std::min(count, (p + 1) * piece); begin += 1024) {
        float part = 0;
#pragma omp simd reduction(+ : part)
        for (std::int64_t i = begin; i < std::min(count, begin + 1024); ++i) part += gradient[i] * gradient[i];
        sum += static_cast<double>(part);
      }
      partial[static_cast<std::size_t>(p)] = sum;
    });
    double squares = 0;
    for (const double sum : partial) squares += sum;
    const double norm = std::sqrt(squares);
    if (!std::isfinite(norm)) return norm;

    const float clip = s.clip_norm > 0 && norm > s.clip_norm ? static_cast<float>(s.clip_norm / norm) : 1.0f;
    const auto steps = static_cast<double>(s.step);
    const auto rate = static_cast<float>(s.learning_rate / (1.0 - std::pow(s.beta1, steps)));
    const auto second_correction = static_cast<float>(1.0 / (1.0 - std::pow(s.beta2, steps)));
    const auto b1 = static_cast<float>(s.beta1), b2 = static_cast<float>(s.beta2),
               epsilon = static_cast<float>(s.epsilon), keep = static_cast<float>(s.ema_decay);
    float *w = state(State::parameters), *ema = state(State::ema), *m = state(State::first_moment),
          *v = state(State::second_moment);
    std::int64_t begin = 0;
    for (const auto& [size, decays] : decayed_) {
      const float shrink = decays ? static_cast<float>(1.0 - s.learning_rate * s.weight_decay) : 1.0f;
      parallel((size + piece - 1) / piece, [&, offset = begin](std::int64_t p) {
        for (std::int64_t i = offset + p * piece; i < offset + std::min(size, (p + 1) * piece); ++i) {
          const float g = gradient[i] * clip;
          m[i] = b1 * m[i] + (1.0f - b1) * g;
          v[i] = b2 * v[i] + (1.0f - b2) * g * g;
          w[i] = w[i] * shrink - rate * m[i] / (std::sqrt(v[i] * second_correction) + epsilon);
          ema[i] = keep * ema[i] + (1.0f - keep) * w[i];
        }
      });
      begin += size;
    }
    return norm;
  }

  std::int64_t memory_bytes() const override { return plan_.bytes + state_bytes_; }

 private:
  struct Decay {
    std::int64_t size;
    bool decays;
  };

  void run_node(std::size_t n) {
    if (!profile_.wanted) return work_[n]();
    const auto begin = std::chrono::steady_clock::now();
    work_[n]();
    auto& entry = profile_.spent[graph_.nodes[n].op->name];
    entry.first += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    ++entry.second;
  }

  void* at(Value value) const { return memory_.get() + plan_.offset[static_cast<std::size_t>(value.index)]; }
  float* numbers(std::int64_t offset) const { return reinterpret_cast<float*>(memory_.get() + offset); }
  float* state(State which) const {
    if (which == State::parameters) return numbers(plan_.parameter_offset);
    if (!trains_) throw std::logic_error("This program was compiled without gradients and keeps no training state.");
    return reinterpret_cast<float*>(training_state_[static_cast<std::size_t>(which) - 1].get());
  }

  Graph graph_;
  PlannedGraph plan_;
  Memory memory_;
  bool trains_;
  Memory training_state_[3];
  std::int64_t state_bytes_ = 0;
  std::vector<Decay> decayed_;  // of each parameter in turn
  std::vector<Work> work_;
  std::vector<Stretch> stretches_;
  Profile profile_;
};

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(int threads) : threads_(threads > 0 ? threads : usable_cores()) {
    omp_set_dynamic(0);
    omp_set_num_threads(threads_);
  }

  std::string description() const override {
    const dnnl_version_t* v = dnnl_version();
    return "CPU, oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch) +
           ", " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads") +
           (preferred_type() == Type::bf16 ? ", computes in bf16" : ", computes in f32");
  }

  Type preferred_type() const override {
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    return static_cast<int>(isa) >= static_cast<int>(dnnl::cpu_isa::avx512_core_bf16) && isa != dnnl::cpu_isa::avx2_vnni
               ? Type::bf16
               : Type::f32;
  }

  std::unique_ptr<Program> compile(Graph graph, std::span<const Value> keep,
                                   std::span<const Value> gradients) override {
    return std::make_unique<CpuProgram>(std::move(graph), keep, gradients);
  }

 private:
  int threads_;
};

}  // namespace

std::unique_ptr<Backend> cpu_backend(int threads) { return std::make_unique<CpuBackend>(threads); }

}  // namespace florilegium
