#include "trainer/backend/cuda/device.h"

#include <cstdio>

#include "trainer/backend/cuda/check.h"
#include "trainer/backend/cuda/launch.h"

namespace florilegium::cuda {

Memory::Memory(std::int64_t bytes) : bytes_(bytes) {
  if (bytes <= 0) return;
  void* pointer = nullptr;
  const cudaError_t status = cudaMalloc(&pointer, static_cast<std::size_t>(bytes));
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // forget it: the program may go on with a smaller batch
    throw std::runtime_error("The GPU has not enough free memory for " + std::to_string(bytes >> 20) +
                             " MiB more. Use a smaller --batch, or end other programs on it.");
  }
  check(status, "cudaMalloc");
  data_ = static_cast<std::byte*>(pointer);
  check(cudaMemset(data_, 0, static_cast<std::size_t>(bytes)), "cudaMemset");
  check(cudaDeviceSynchronize(),
        "cudaDeviceSynchronize after cudaMemset");  // our stream does not wait for the default one
}

Memory::~Memory() {
  if (data_) cudaFree(data_);  // waits for work on it
}

struct Staging::Event {
  cudaEvent_t event = nullptr;
  ~Event() {
    if (event) cudaEventDestroy(event);
  }
};

Staging::Staging(std::int64_t bytes) : bytes_(bytes), copied_(std::make_unique<Event>()) {
  check(cudaEventCreateWithFlags(&copied_->event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  void* pointer = nullptr;
  check(cudaMallocHost(&pointer, static_cast<std::size_t>(bytes > 0 ? bytes : 1)), "cudaMallocHost");
  data_ = static_cast<std::byte*>(pointer);
}

Staging::~Staging() {
  cudaEventSynchronize(copied_->event);
  cudaFreeHost(data_);
}

void Staging::copy_to(void* device, Stream stream) {
  check(cudaMemcpyAsync(device, data_, static_cast<std::size_t>(bytes_), cudaMemcpyHostToDevice, stream),
        "cudaMemcpyAsync of an input");
  check(cudaEventRecord(copied_->event, stream), "cudaEventRecord");
}

void Staging::wait() { check(cudaEventSynchronize(copied_->event), "cudaEventSynchronize"); }

void copy_to_device(void* device, const void* host, std::int64_t bytes, Stream stream) {
  check(cudaMemcpyAsync(device, host, static_cast<std::size_t>(bytes), cudaMemcpyHostToDevice, stream),
        "cudaMemcpyAsync to the device");
  wait_for(stream);
}

void copy_to_host(void* host, const void* device, std::int64_t bytes, Stream stream) {
  check(cudaMemcpyAsync(host, device, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToHost, stream),
        "cudaMemcpyAsync to the host");
  wait_for(stream);
}

void copy_on_device(void* to, const void* from, std::int64_t bytes, Stream stream) {
  if (bytes > 0)
    check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice, stream),
          "cudaMemcpyAsync on the device");
}

void wait_for(Stream stream) {
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize (an error here comes from a kernel before it)");
}

struct Recording::Graph {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t ready = nullptr;
  ~Graph() {
    if (ready) cudaGraphExecDestroy(ready);
    if (graph) cudaGraphDestroy(graph);
  }
};

Recording::Recording(Stream stream, const std::function<void()>& work) : graph_(std::make_unique<Graph>()) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  try {
    work();
  } catch (...) {
    cudaStreamEndCapture(stream, &graph_->graph);
    cudaGetLastError();
    throw;
  }
  check(cudaStreamEndCapture(stream, &graph_->graph), "cudaStreamEndCapture");
  check(cudaGraphInstantiate(&graph_->ready, graph_->graph, 0), "cudaGraphInstantiate");
}

Recording::~Recording() = default;

void Recording::play(Stream stream) const { check(cudaGraphLaunch(graph_->ready, stream), "cudaGraphLaunch"); }

Device::Device(int index) : index_(index) {
  enter();
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
}

Device::~Device() {
  cudaSetDevice(index_);
  cudaStreamDestroy(stream_);
}

void Device::enter() const { check(cudaSetDevice(index_), "cudaSetDevice"); }

bool Device::computes_in_bf16() const {
  int major = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index_), "cudaDeviceGetAttribute");
  return major >= 8;
}

std::string Device::description() const {
  cudaDeviceProp properties{};
  int driver = 0, runtime = 0;
  check(cudaGetDeviceProperties(&properties, index_), "cudaGetDeviceProperties");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  const auto version = [](int v) { return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10); };
  return std::string(properties.name) + ", " + std::to_string(properties.totalGlobalMem >> 30) +
         " GiB, driver for CUDA " + version(driver) + ", CUDA " + version(runtime);
}

std::string unusable_reason(int index) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver)
    return "There is no NVIDIA driver here, or it is older than the CUDA that this program was built with.";
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0)) return "There is no NVIDIA GPU here.";
  if (status != cudaSuccess) return std::string("CUDA cannot start: ") + cudaGetErrorString(status) + ".";
  if (index < 0 || index >= count)
    return "There is no GPU number " + std::to_string(index) + "; there are " + std::to_string(count) +
           ", counted from 0.";
  if (cudaSetDevice(index) != cudaSuccess)
    return "GPU number " + std::to_string(index) + " cannot be used: " + cudaGetErrorString(cudaGetLastError()) + ".";
  const cudaError_t image = static_cast<cudaError_t>(kernel_image_status());
  if (image != cudaSuccess)
    return "This program was not built for the kind of GPU that is here (" + std::string(cudaGetErrorString(image)) +
           "); build it with CMAKE_CUDA_ARCHITECTURES set to it.";
  return {};
}

}  // namespace florilegium::cuda
