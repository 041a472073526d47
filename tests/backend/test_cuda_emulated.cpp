// The CUDA backend without a GPU: its own kernels, its memory, weight copies and optimiser, and
// what it asks of the exchange of gradients, compiled for the CPU with a device that is plain
// memory, libraries that refuse everything (so that the plain kernels work) and an exchange between
// threads. What is not tested here is what only GPUs have: shuffles and shared memory (launch.h),
// NVIDIA's libraries (libraries.cpp, exchange.cpp), copies and recordings (device.cpp).
#include <atomic>
#include <barrier>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>

#include "tests/backend/compare.h"
#include "trainer/backend/cuda/cuda_backend.cpp"
#include "trainer/backend/cuda/kernels_dense.cu"
#include "trainer/backend/cuda/kernels_normalisation.cu"
#include "trainer/backend/cuda/kernels_pointwise.cu"
#include "trainer/backend/cuda/optimiser.cu"
#include "trainer/learn/training_step.h"

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
  if (bytes > 0)
    std::memcpy(device, host, static_cast<std::size_t>(bytes));  // the compiler would warn of sizes below 0
}
void copy_to_host(void* host, const void* device, std::int64_t bytes, Stream) {
  std::memcpy(host, device, static_cast<std::size_t>(bytes));
}
void copy_on_device(void* to, const void* from, std::int64_t bytes, Stream) {
  std::memcpy(to, from, static_cast<std::size_t>(bytes));
}
void wait_for(Stream) {}

std::atomic<int> recordings = 0;  ///< that there are
struct Recording::Graph {
  std::function<void()> work;
};
Recording::Recording(Stream, const std::function<void()>& work) : graph_(std::make_unique<Graph>(work)) {
  ++recordings;
}
Recording::~Recording() { --recordings; }
void Recording::play(Stream) const { graph_->work(); }

Device::Device(int index) : index_(index) {}
Device::~Device() = default;
void Device::enter() const {}
bool Device::computes_in_bf16() const { return true; }
std::string Device::description() const { return "an emulated GPU, number " + std::to_string(index_); }
std::string unusable_reason(int) { return {}; }

/// What the exchange was asked for.
struct Journal {
  struct Sum {
    float* numbers;
    std::vector<float> then;    // what stood there when it was begun
    std::vector<float> before;  // and what stood in all that lies before
  };
  std::vector<Sum> sums;
  const float* first_number = nullptr;  // of the gradients, once known
  int finished = 0, aborted = 0;
  bool recordings_left_when_aborted = false;
  int looks_until_done = 0;  // how often the device says that it is still at work
  std::string trouble;       // what it says instead
};
Journal* journal = nullptr;  ///< of a group of one; larger groups keep none

/// Where the threads of a group meet: each sum waits for all of them, and nothing is summed before
/// the backend waits for it.
struct Meeting {
  explicit Meeting(int count) : all(count), numbers(static_cast<std::size_t>(count)) {}
  std::barrier<> all;
  std::vector<std::span<float>> numbers;  // of each
};
struct Exchange::Inside {
  int rank;
  std::shared_ptr<Meeting> meeting;
  std::vector<std::span<float>> begun;
};
Exchange::Exchange(const Group& group) : inside_(std::make_unique<Inside>()) {
  inside_->rank = group.rank;
  inside_->meeting = std::make_shared<Meeting>(group.count);
  const std::shared_ptr<Meeting>* of_the_first = &inside_->meeting;
  group.broadcast(std::as_writable_bytes(std::span(&of_the_first, 1)));
  inside_->meeting = std::shared_ptr<Meeting>(*of_the_first);
  group.broadcast({});  // until all have it
}
Exchange::~Exchange() = default;
void Exchange::begin_sum(float* numbers, std::int64_t count, Stream) {
  const auto size = static_cast<std::size_t>(count);
  inside_->begun.emplace_back(numbers, size);
  if (journal)
    journal->sums.push_back({numbers,
                             {numbers, numbers + size},
                             journal->first_number
                                 ? std::vector<float>(journal->first_number, static_cast<const float*>(numbers))
                                 : std::vector<float>()});
}
void Exchange::finish_sums(Stream) {
  if (journal) ++journal->finished;
  Meeting& meeting = *inside_->meeting;
  for (const std::span<float> own : std::exchange(inside_->begun, {})) {
    meeting.numbers[static_cast<std::size_t>(inside_->rank)] = own;
    meeting.all.arrive_and_wait();
    std::vector<float> sum(own.size());
    for (const auto& part : meeting.numbers)
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
    meeting.all.arrive_and_wait();
    std::copy(sum.begin(), sum.end(), own.begin());
  }
}
bool Exchange::is_done(Stream) const {
  if (journal && !journal->trouble.empty()) throw std::runtime_error(journal->trouble);
  return !journal || journal->looks_until_done-- <= 0;
}
void Exchange::abort() {
  if (!journal) return;
  ++journal->aborted;
  journal->recordings_left_when_aborted = recordings > 0;
}
std::string Exchange::unusable_reason() { return {}; }
std::string Exchange::description() { return "an emulated exchange"; }

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

/// Ranks that are threads of this process.
class ThreadRanks final : public Ranks {
 public:
  struct Shared {
    explicit Shared(int number) : count(number), all(number) {}
    const int count;
    std::barrier<> all;
    std::vector<double> numbers;
    std::vector<std::byte> bytes;
    std::mutex adding;
  };
  ThreadRanks(Shared& shared, int rank) : shared_(shared), rank_(rank) {}
  int rank() const override { return rank_; }
  int count() const override { return shared_.count; }
  void begin_sum(std::span<float>) override { throw std::logic_error("Gradients left the device."); }
  void sum(std::span<double> numbers) override {
    if (rank_ == 0) shared_.numbers.assign(numbers.size(), 0.0);
    shared_.all.arrive_and_wait();
    {
      const std::lock_guard lock(shared_.adding);
      for (std::size_t i = 0; i < numbers.size(); ++i) shared_.numbers[i] += numbers[i];
    }
    shared_.all.arrive_and_wait();
    std::copy(shared_.numbers.begin(), shared_.numbers.end(), numbers.begin());
    shared_.all.arrive_and_wait();
  }
  void broadcast(std::span<std::byte> bytes) override {
    if (rank_ == 0) shared_.bytes.assign(bytes.begin(), bytes.end());
    shared_.all.arrive_and_wait();
    std::copy(shared_.bytes.begin(), shared_.bytes.end(), bytes.begin());
    shared_.all.arrive_and_wait();
  }

 private:
  Shared& shared_;
  int rank_;
};

struct Steps {
  std::vector<StepResult> results;
  std::vector<float> parameters;
};

/// Five steps of four pictures, of which this rank takes its share.
Steps take_steps(Ranks& ranks) {
  TrainingSettings s;
  s.network = network_config("tiny");
  s.batch = 4;
  s.compute = Type::f32;
  s.warm_up = 0;
  const auto backend = emulated();
  if (ranks.count() > 1)
    backend->join({ranks.rank(), ranks.count(), [&](std::span<std::byte> bytes) { ranks.broadcast(bytes); }});
  TrainingStep step(*backend, s, ranks);
  Graph graph;
  build_denoiser(graph, s.network, 1, Type::f32);
  step.program().write_state(State::parameters, initial_parameters(graph, 3));
  const std::vector<float> all = random_numbers(4 * s.network.image_size * s.network.image_size * 3, 5, 0.5f);
  const std::size_t of_one = all.size() / 4;
  const auto own = std::span(all).subspan(static_cast<std::size_t>(step.first_picture()) * of_one,
                                          static_cast<std::size_t>(step.share()) * of_one);
  Steps taken;
  for (std::int64_t i = 1; i <= 5; ++i) taken.results.push_back(step.take(own, i));
  taken.parameters = step.program().read_state(State::parameters);
  return taken;
}

/// The tiny network, ready to compute its gradients on a device in a group of one, with what the
/// exchange was asked for.
struct InGroup {
  cuda::Journal journal;
  std::unique_ptr<Backend> backend = emulated();
  std::vector<Value> gradients;
  std::unique_ptr<Program> program;

  InGroup() {
    cuda::journal = &journal;
    backend->join({0, 1, [](std::span<std::byte>) {}});
    Graph graph;
    const Denoiser network = build_denoiser(graph, network_config("tiny"), 1, Type::f32);
    const Value target = graph.input("target", graph.shape(network.denoised)), weight = graph.input("weight", {1}),
                seed = graph.input("seed", {1});
    const Loss loss = weighted_squared_error(graph, network.denoised, target, weight);
    gradients = graph.differentiate(loss.loss, seed, graph.parameters());
    program = backend->compile(graph, gradients, gradients);
    program->write_state(State::parameters, random_numbers(graph.parameter_elements(), 2, 0.1f));
    program->write(network.x, random_numbers(elements(graph.shape(network.x)), 7));
    for (const Value one : {network.noise_level, weight, seed}) program->write(one, std::vector<float>{1.0f});
  }
  ~InGroup() { cuda::journal = nullptr; }
  InGroup(const InGroup&) = delete;
  InGroup& operator=(const InGroup&) = delete;

  std::vector<float> all_gradients() const {
    std::vector<float> flat;
    for (const Value gradient : gradients)
      for (const float v : program->read(gradient)) flat.push_back(v);
    return flat;
  }
};

const auto nothing = [] {};

}  // namespace

TEST_SUITE("cuda, emulated") {
  TEST_CASE("every operator agrees with the CPU backend in f32") {
    check_operators(*emulated(), Type::f32, *cpu_backend(), 1e-4);
  }

  TEST_CASE("every operator agrees with the CPU backend in bf16") {
    check_operators(*emulated(), Type::bf16, *cpu_backend(), 2e-2);
  }

  TEST_CASE("the optimiser agrees with f64") { check_optimiser(*emulated()); }

  TEST_CASE("the tiny network agrees with the CPU backend") {
    const Outcome expected = network_outcome(*cpu_backend(), "tiny", 2, Type::f32);
    check_same(network_outcome(*emulated(), "tiny", 2, Type::f32), expected, 1e-4);
    check_same(network_outcome(*emulated(), "tiny", 2, Type::bf16), expected, 2e-2);
  }

  TEST_CASE("twenty steps of training agree with the CPU backend") {
    check_training(train_briefly(*emulated(), Type::f32, 20), train_briefly(*cpu_backend(), Type::f32, 20), 1e-2);
  }

  TEST_CASE(
      "gradients are exchanged while others are computed, each once, when it is done; and the run ends when all are "
      "there") {
    InGroup group;
    group.program->run_with({{}, nothing});
    const std::vector<float> expected = group.all_gradients();
    const auto& sums = group.journal.sums;
    REQUIRE(sums.size() >= 8);
    CHECK(group.journal.finished == 1);
    std::size_t count = 0;
    for (const auto& sum : sums) {
      CHECK(sum.numbers + sum.then.size() ==
            sums.front().numbers + sums.front().then.size() - count);  // without gaps, from the end on
      count += sum.then.size();
      CHECK(std::equal(sum.then.begin(), sum.then.end(), expected.end() - static_cast<std::ptrdiff_t>(count)));
    }
    CHECK(count == expected.size());

    // From other weights, when half of them are under way, those of the first parameters are still
    // the old ones; so too when the run is a recorded one.
    for (int run = 2; run <= 4; ++run) {
      CAPTURE(run);
      const std::vector<float> old = group.all_gradients();
      group.program->write_state(State::parameters, random_numbers(static_cast<std::int64_t>(old.size()),
                                                                   10 + static_cast<std::uint32_t>(run), 0.1f));
      group.journal.first_number = group.journal.sums.back().numbers;
      group.journal.sums.clear();
      group.program->run_with({{}, nothing});
      CHECK(group.journal.finished == run);
      REQUIRE(group.journal.sums.size() >= 8);
      const auto& half = group.journal.sums[group.journal.sums.size() / 2];
      const std::vector<float> now = group.all_gradients();
      CHECK(half.before.front() == old.front());
      CHECK(half.before.front() != now.front());
    }
    CHECK(cuda::recordings == 1);
  }

  TEST_CASE("two emulated GPUs take the steps of one with all pictures, and have the same weights to the last bit") {
    const Steps alone = take_steps(no_other_ranks());
    ThreadRanks::Shared shared(2);
    Steps first, second;
    std::thread other([&] {
      ThreadRanks ranks(shared, 1);
      second = take_steps(ranks);
    });
    ThreadRanks ranks(shared, 0);
    first = take_steps(ranks);
    other.join();
    CHECK(first.parameters == second.parameters);
    CHECK(relative_error(first.parameters, alone.parameters) < 1e-4);
    for (std::size_t i = 0; i < alone.results.size(); ++i) {
      CHECK(first.results[i].loss == doctest::Approx(alone.results[i].loss).epsilon(1e-4));
      CHECK(first.results[i].gradient_norm == doctest::Approx(alone.results[i].gradient_norm).epsilon(1e-3));
      CHECK(second.results[i].loss == first.results[i].loss);
    }
  }

  TEST_CASE("a process that dies, or trouble that the exchange reports, ends a run that waits for it") {
    InGroup group;
    for (int run = 0; run < 3; ++run) group.program->run_with({{}, nothing});
    REQUIRE(cuda::recordings == 1);
    int looks = 0;
    const auto dies = [&] {
      if (++looks == 5) throw std::runtime_error("Process 2 has ended.");
    };
    group.journal.looks_until_done = 1000000;
    CHECK_THROWS_WITH(group.program->run_with({{}, dies}), "Process 2 has ended.");
    CHECK(looks > 5);  // asked again, in case that it had not been its reason
    CHECK(group.journal.aborted == 1);
    CHECK(!group.journal.recordings_left_when_aborted);

    group.journal.trouble = "The exchange has failed.";
    CHECK_THROWS_WITH(group.program->run_with({{}, nothing}), "The exchange has failed.");
    looks = 0;
    CHECK_THROWS_WITH(group.program->run_with({{}, dies}),
                      "Process 2 has ended.");  // known a little later, and the better reason
    CHECK(group.journal.aborted == 3);
  }

  TEST_CASE("without a group gradients stay on the device, and a backend in one says so") {
    Graph graph;
    const Value x = graph.input("x", {2, 3});
    const Value y = silu(graph, x);
    const auto backend = emulated();
    CHECK_THROWS_AS(backend->compile(graph, std::vector<Value>{y})->run_with({{}, nothing}), std::logic_error);
    CHECK(backend->description().find("exchange") == std::string::npos);
    CHECK(InGroup().backend->description().ends_with(", an emulated exchange"));
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
    check_same(network_outcome(*emulated(), "garden", 2, Type::f32),
               network_outcome(*cpu_backend(), "garden", 2, Type::f32), 1e-4);
  }
}

}  // namespace florilegium
