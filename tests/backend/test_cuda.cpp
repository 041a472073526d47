// The CUDA backend on a real GPU against the CPU backend. Where there is none every case says so
// and passes.
#include <cstdlib>

#include "tests/backend/compare.h"

namespace florilegium {
namespace {

/// Empty, after a visible word, where there is no GPU.
std::unique_ptr<Backend> gpu() {
  const std::string reason = cuda_unavailable_reason();
  if (reason.empty()) return cuda_backend();
  MESSAGE("skipped: " << reason);
  return {};
}

/// FLORILEGIUM_CUDA_PLAIN for as long as it lives.
struct Plain {
  explicit Plain(const char* parts) { setenv("FLORILEGIUM_CUDA_PLAIN", parts, 1); }
  ~Plain() { unsetenv("FLORILEGIUM_CUDA_PLAIN"); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
};

/// From own kernels alone to everything: the first line that fails says where to look.
constexpr const char* stages[] = {"1", "cublas,cudnn", "cudnn,graph", "cublas,graph", "graph", "none"};

}  // namespace

TEST_SUITE("cuda") {
  TEST_CASE("what CUDA finds here") {
    const std::string reason = cuda_unavailable_reason();
    if (const auto backend = gpu()) {
      MESSAGE(backend->description());
      CHECK(!backend->description().empty());
    } else {
      CHECK_THROWS_WITH_AS(cuda_backend(), ("CUDA cannot be used. " + reason).c_str(), std::runtime_error);
    }
    const std::string no_nccl = nccl_unavailable_reason();
    MESSAGE("NCCL: " << (no_nccl.empty() ? "found" : no_nccl));
    CHECK((no_nccl.empty() || no_nccl.ends_with(".")));
    CHECK_THROWS_AS(cuda_backend(99), std::runtime_error);
  }

  TEST_CASE("every operator agrees with the CPU") {
    const auto backend = gpu();
    if (!backend) return;
    const auto cpu = cpu_backend();
    for (const char* stage : stages) {
      CAPTURE(stage);
      const Plain plain(stage);
      check_operators(*backend, Type::f32, *cpu, 1e-4);
      check_operators(*backend, Type::bf16, *cpu, 2e-2);
    }
  }

  TEST_CASE("the optimiser agrees with f64") {
    if (const auto backend = gpu()) check_optimiser(*backend);
  }

  TEST_CASE("whole networks agree with the CPU, forward and gradients") {
    const auto backend = gpu();
    if (!backend) return;
    const auto cpu = cpu_backend();
    for (const char* config : {"tiny", "garden"}) {
      const Outcome expected = network_outcome(*cpu, config, 2, Type::f32);
      for (const char* stage : stages) {
        CAPTURE(config);
        CAPTURE(stage);
        const Plain plain(stage);
        check_same(network_outcome(*backend, config, 2, Type::f32), expected, 1e-4);
        check_same(network_outcome(*backend, config, 2, Type::bf16), expected, 2e-2);
      }
    }
  }

  TEST_CASE("twenty steps of training agree with the CPU") {
    const auto backend = gpu();
    if (!backend) return;
    const auto cpu = cpu_backend();
    const ShortTraining expected = train_briefly(*cpu, Type::f32, 20);
    for (const char* stage : stages) {
      CAPTURE(stage);
      const Plain plain(stage);
      check_training(train_briefly(*backend, Type::f32, 20), expected, 1e-2);
      check_training(train_briefly(*backend, Type::bf16, 20), expected, 1e-2);
    }
  }
}

}  // namespace florilegium
