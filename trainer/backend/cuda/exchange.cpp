#include "trainer/backend/cuda/exchange.h"

#ifdef FLORILEGIUM_WITH_NCCL

#include <dlfcn.h>
#include <nccl.h>

#include <cstdlib>
#include <utility>

#include "trainer/backend/cuda/check.h"

namespace florilegium::cuda {
namespace {

/// What dlsym() finds, as a pointer to whatever function it is.
struct Found {
  void* symbol;
  template <class Function>
  operator Function() const {
    return reinterpret_cast<Function>(symbol);
  }
};

/// The functions of libnccl.so.2 that are used here.
struct Nccl {
  std::string problem;                                            // why they are not there; else empty
  void* library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);  // stays loaded until the program ends
  decltype(&ncclGetVersion) version = find("ncclGetVersion");
  decltype(&ncclGetErrorString) error_string = find("ncclGetErrorString");
  decltype(&ncclGetLastError) last_error = find("ncclGetLastError");
  decltype(&ncclGetUniqueId) unique_id = find("ncclGetUniqueId");
  decltype(&ncclCommInitRank) init_rank = find("ncclCommInitRank");
  decltype(&ncclAllReduce) all_reduce = find("ncclAllReduce");
  decltype(&ncclCommGetAsyncError) async_error = find("ncclCommGetAsyncError");
  decltype(&ncclCommAbort) abort = find("ncclCommAbort");

 private:
  Found find(const char* name) {
    void* symbol = library ? dlsym(library, name) : nullptr;
    if (!symbol && problem.empty())
      problem = std::string("NCCL, by which processes exchange gradients between GPUs, cannot be used: ") + dlerror() +
                ". Put the folder with libnccl.so.2 into LD_LIBRARY_PATH; PyTorch brings it in "
                "site-packages/nvidia/nccl/lib.";
    return {symbol};
  }
};

const Nccl& nccl() {
  static const Nccl once;
  return once;
}

void check(ncclResult_t status, const char* call, ncclComm_t communicator = nullptr) {
  if (status != ncclSuccess)
    fail(call, std::string(nccl().error_string(status)) + "; " + nccl().last_error(communicator));
}

}  // namespace

struct Exchange::Inside {
  cudaStream_t stream = nullptr;
  cudaEvent_t ready = nullptr, summed = nullptr;
  ncclComm_t communicator = nullptr;

  Inside() {
    int least = 0, greatest = 0;
    check(cudaDeviceGetStreamPriorityRange(&least, &greatest), "cudaDeviceGetStreamPriorityRange");
    check(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, greatest),
          "cudaStreamCreateWithPriority");  // other GPUs wait for it
    check(cudaEventCreateWithFlags(&ready, cudaEventDisableTiming), "cudaEventCreateWithFlags");
    check(cudaEventCreateWithFlags(&summed, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() {
    if (communicator)
      nccl().abort(
          communicator);  // ncclCommDestroy would wait for processes that may be gone; sums are finished by now
    if (summed) cudaEventDestroy(summed);
    if (ready) cudaEventDestroy(ready);
    if (stream) cudaStreamDestroy(stream);
  }
};

Exchange::Exchange(const Group& group) {
  if (const std::string problem = unusable_reason(); !problem.empty()) throw std::runtime_error(problem);
  ::setenv("NCCL_GRAPH_REGISTER", "0",
           0);  // a program's memory ends before the communicator that NCCL would register it with
  inside_ = std::make_unique<Inside>();
  ncclUniqueId meeting{};
  if (group.rank == 0) check(nccl().unique_id(&meeting), "ncclGetUniqueId");
  group.broadcast(std::as_writable_bytes(std::span(meeting.internal)));
  check(nccl().init_rank(&inside_->communicator, group.count, meeting, group.rank), "ncclCommInitRank");
}

Exchange::~Exchange() = default;

void Exchange::begin_sum(float* numbers, std::int64_t count, Stream stream) {
  check(cudaEventRecord(inside_->ready, stream), "cudaEventRecord before a sum");
  check(cudaStreamWaitEvent(inside_->stream, inside_->ready, 0), "cudaStreamWaitEvent before a sum");
  check(nccl().all_reduce(numbers, numbers, static_cast<std::size_t>(count), ncclFloat32, ncclSum,
                          inside_->communicator, inside_->stream),
        "ncclAllReduce", inside_->communicator);
}

void Exchange::finish_sums(Stream stream) {
  check(cudaEventRecord(inside_->summed, inside_->stream), "cudaEventRecord after the sums");
  check(cudaStreamWaitEvent(stream, inside_->summed, 0), "cudaStreamWaitEvent after the sums");
}

bool Exchange::is_done(Stream stream) const {
  const cudaError_t status = cudaStreamQuery(stream);
  if (status == cudaSuccess) return true;
  if (status != cudaErrorNotReady) check(status, "cudaStreamQuery (an error here comes from a kernel before it)");
  ncclResult_t trouble = ncclSuccess;
  check(nccl().async_error(inside_->communicator, &trouble), "ncclCommGetAsyncError", inside_->communicator);
  check(trouble, "the exchange of gradients", inside_->communicator);
  return false;
}

void Exchange::abort() {
  if (inside_->communicator) nccl().abort(std::exchange(inside_->communicator, nullptr));
}

std::string Exchange::unusable_reason() { return nccl().problem; }

std::string Exchange::description() {
  int code = 0;
  check(nccl().version(&code), "ncclGetVersion");
  return "NCCL " + std::to_string(code / 10000) + "." + std::to_string(code % 10000 / 100) + "." +
         std::to_string(code % 100);
}

}  // namespace florilegium::cuda

#else

namespace florilegium::cuda {

struct Exchange::Inside {};
Exchange::Exchange(const Group&) { throw std::runtime_error(unusable_reason()); }
Exchange::~Exchange() = default;
void Exchange::begin_sum(float*, std::int64_t, Stream) {}
void Exchange::finish_sums(Stream) {}
bool Exchange::is_done(Stream) const { return true; }
void Exchange::abort() {}
std::string Exchange::unusable_reason() {
  return "This program was built without NCCL, by which processes exchange gradients between GPUs.";
}
std::string Exchange::description() { return {}; }

}  // namespace florilegium::cuda

#endif
