// The device as the backend's own code sees it: memory, copies, and recording a stretch of work to
// play it again.
//
// Only device.cpp, libraries.cpp, exchange.cpp and launch.h know CUDA's headers. The tests put a
// device emulated on the CPU behind this interface and launch.h, and so run every kernel of this
// folder, and everything around them, on machines without a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

struct CUstream_st;

namespace florilegium::cuda {

using Stream = CUstream_st*;  ///< what CUDA calls cudaStream_t

/// Bytes on the device, aligned to 256, zero at the start. Freed only when no work uses them any
/// more.
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::int64_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  std::byte* data() const { return data_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  std::int64_t bytes_ = 0;
};

/// Bytes of the host from which the device can copy by itself, while the host goes on.
class Staging {
 public:
  explicit Staging(std::int64_t bytes);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  std::byte* data() const { return data_; }
  /// Starts copying the whole to the device.
  void copy_to(void* device, Stream stream);
  /// Waits until the last copy_to has read the bytes, so that they may be written again.
  void wait();

 private:
  struct Event;
  std::byte* data_ = nullptr;
  std::int64_t bytes_ = 0;
  std::unique_ptr<Event> copied_;
};

void copy_to_device(void* device, const void* host, std::int64_t bytes, Stream stream);  ///< done when it returns
void copy_to_host(void* host, const void* device, std::int64_t bytes, Stream stream);    ///< done when it returns
void copy_on_device(void* to, const void* from, std::int64_t bytes,
                    Stream stream);  ///< in order with the stream's work
void wait_for(Stream stream);

/// Work recorded once and played as one (a CUDA graph).
class Recording {
 public:
  /// Runs `work`, which only puts kernels and copies on the stream, without executing it, and keeps
  /// it. Throws what goes wrong.
  Recording(Stream stream, const std::function<void()>& work);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  void play(Stream stream) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

/// One GPU with a stream of its own.
class Device {
 public:
  explicit Device(int index);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  /// Makes it the calling thread's device; before any other use from a thread.
  void enter() const;
  Stream stream() const { return stream_; }
  bool computes_in_bf16() const;
  std::string description() const;  ///< "NVIDIA H200, 139 GiB, driver 13.0, CUDA 13.0"

 private:
  int index_;
  Stream stream_ = nullptr;
};

/// Empty when the GPU is there and runs this program's kernels; else a sentence that says what is
/// missing.
std::string unusable_reason(int index);

}  // namespace florilegium::cuda
