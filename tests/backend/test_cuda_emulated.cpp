// The CUDA backend without a GPU: its own kernels, its memory, weight copies and optimiser, compiled for the CPU with a device that
// is plain memory and libraries that refuse everything (so that the plain kernels work). What is not tested here is what only a
// GPU has: shuffles and shared memory (launch.h), NVIDIA's libraries (libraries.cpp), copies and recordings (device.cpp).
#include <cstring>
#include <new>

#include "tests/backend/compare.h"
#include "trainer/backend/cuda/cuda_backend.cpp"
#include "trainer/backend/cuda/kernels_dense.cu"
#include "trainer/backend/cuda/kernels_normalisation.cu"
#include "trainer/backend/cuda/kernels_pointwise.cu"
#include "trainer/backend/cuda/optimiser.cu"

namespace florilegium::cuda {

Memory::Memory(std::int64_t bytes) : bytes_(bytes) {
  if (bytes <= 0) return;
  data_ = static_cast<std::byte*>(::operator new[](static_cast<std::size_t>(bytes), std::align_val_t{256}));
  std::memset(data_, 0, static_cast<std::size_t>(bytes));
}
Memory::~Memory() { ::operator delete[](data_, std::align_val_t{256}); }

struct Staging::Event {};
Staging::Staging(std::int64_t bytes) : data_(new std::byte[static_cast<std::size_t>(bytes)]), bytes_(bytes) {}
Staging::~Staging() { delete[] data_; }
void Staging::copy_to(void* device, Stream) { std::memcpy(device, data_, static_cast<std::size_t>(bytes_)); }
void Staging::wait() {}

void copy_to_device(void* device, const void* host, std::int64_t bytes, Stream) {
  if (bytes > 0) std::memcpy(device, host, static_cast<std::size_t>(bytes));  // the compiler would warn of sizes below 0
}
void copy_to_host(void* host, const void* device, std::int64_t bytes, Stream) { std::memcpy(host, device, static_cast<std::size_t>(bytes)); }
void copy_on_device(void* to, const void* from, std::int64_t bytes, Stream) { std::memcpy(to, from, static_cast<std::size_t>(bytes)); }
void wait_for(Stream) {}

struct Recording::Graph {
  std::function<void()> work;
};
Recording::Recording(Stream, const std::function<void()>& work) : graph_(std::make_unique<Graph>(work)) {}
Recording::~Recording() = default;
void Recording::play(Stream) const { graph_->work(); }

Device::Device(int index) : index_(index) {}
Device::~Device() = default;
void Device::enter() const {}
bool Device::computes_in_bf16() const { return true; }
std::string Device::description() const { return "an emulated GPU, number " + std::to_string(index_); }
std::string unusable_reason(int) { return {}; }

bool plain(std::string_view) { return false; }
struct Libraries::Inside {};
Libraries::Libraries(Stream) {}
Libraries::~Libraries() = default;
Work Libraries::product(const Product&) { return {}; }
Work Libraries::convolution(const Convolution&, const void*, const void*, void*) { return {}; }
Work Libraries::convolution_input_gradient(const Convolution&, const void*, const void*, void*) { return {}; }
Work Libraries::convolution_weight_gradient(const Convolution&, const void*, const void*, void*) { return {}; }
std::string Libraries::description() { return "no libraries"; }
std::int64_t Libraries::workspace_bytes() const { return 0; }

}  // namespace florilegium::cuda

namespace florilegium {
namespace {

std::unique_ptr<Backend> emulated() { return florilegium_cuda_entry()->open(0); }

}  // namespace

TEST_SUITE("cuda, emulated") {
  TEST_CASE("every operator agrees with the CPU backend in f32") { check_operators(*emulated(), Type::f32, *cpu_backend(), 1e-4); }

  TEST_CASE("every operator agrees with the CPU backend in bf16") { check_operators(*emulated(), Type::bf16, *cpu_backend(), 2e-2); }

  TEST_CASE("the optimiser agrees with f64") { check_optimiser(*emulated()); }

  TEST_CASE("the tiny network agrees with the CPU backend") {
    const Outcome expected = network_outcome(*cpu_backend(), "tiny", 2, Type::f32);
    check_same(network_outcome(*emulated(), "tiny", 2, Type::f32), expected, 1e-4);
    check_same(network_outcome(*emulated(), "tiny", 2, Type::bf16), expected, 2e-2);
  }

  TEST_CASE("twenty steps of training agree with the CPU backend") {
    check_training(train_briefly(*emulated(), Type::f32, 20), train_briefly(*cpu_backend(), Type::f32, 20), 1e-2);
  }

  TEST_CASE("wrong numbers of numbers are refused") {
    Graph graph;
    const Value x = graph.input("x", {2, 3});
    const Value y = silu(graph, x);
    const auto program = emulated()->compile(graph, std::vector<Value>{y});
    CHECK_THROWS_AS(program->write(x, std::vector<float>(5)), std::logic_error);
    CHECK_THROWS_AS(program->write_state(State::parameters, std::vector<float>(1)), std::logic_error);
    CHECK_THROWS_AS(program->read_state(State::ema), std::logic_error);
    CHECK_THROWS_AS(program->optimise({}), std::logic_error);
  }
}

TEST_SUITE("slow") {
  TEST_CASE("twenty steps of training in bf16 on the emulated GPU agree with the CPU backend") {
    check_training(train_briefly(*emulated(), Type::bf16, 20), train_briefly(*cpu_backend(), Type::f32, 20), 1e-2);
  }

  TEST_CASE("the garden network on the emulated GPU agrees with the CPU backend") {
    check_same(network_outcome(*emulated(), "garden", 2, Type::f32), network_outcome(*cpu_backend(), "garden", 2, Type::f32), 1e-4);
  }
}

}  // namespace florilegium
