// Three ways to put work on the device, on which all own kernels are built:
//   each          f(i) for every i                                       one thread each
//   each_row f(row, warp) for every row one warp of 32 threads each
//   channel_sums sums of two numbers over rows, for every channel blocks that share a slice of the
//   rows
// f is a plain struct of numbers and pointers with a const operator() marked FLORILEGIUM_BOTH.
//
// Compiled by anything but nvcc the same three run as loops on the CPU, which is what the emulated
// device of the tests uses. No sum depends on the order in which threads run: the same input gives
// the same bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "trainer/backend/cuda/device.h"
#include "trainer/backend/cuda/numbers.h"
#ifdef __CUDACC__
#include "trainer/backend/cuda/check.h"
#endif

namespace florilegium::cuda {

inline constexpr std::uint32_t threads_in_block = 256;

/// cudaError_t as int: whether the device can run kernels of this program (kernels_pointwise.cu).
int kernel_image_status();

inline std::uint32_t checked_count(std::int64_t count) {
  if (count < 0 || count > 0x7fffffff)
    throw std::runtime_error("The CUDA backend moves at most 2^31 - 1 numbers at once, not " + std::to_string(count) +
                             ": use a smaller batch.");
  return static_cast<std::uint32_t>(count);
}

/// The 32 threads that work on one row. Each handles the positions lane, lane + lanes, lane + 2
/// lanes, ...
struct Warp {
  std::uint32_t lane, lanes;

  /// The sum over the threads of the warp, the same in each.
  template <class Number>
  FLORILEGIUM_BOTH Number sum(Number v) const {
#ifdef __CUDA_ARCH__
    for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffu, v, step);
#endif
    return v;
  }
  FLORILEGIUM_BOTH float highest(float v) const {
#ifdef __CUDA_ARCH__
    for (int step = 16; step > 0; step /= 2) v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, step));
#endif
    return v;
  }
};

/// What channel_sums adds up: numbers [pictures, rows, channels], every picture's rows cut into
/// slices.
struct ChannelSums {
  std::uint32_t pictures, rows, channels, slices;

  /// Numbers in the result [pictures, slices, 2, channels].
  std::int64_t partials() const { return std::int64_t{pictures} * slices * 2 * channels; }
  FLORILEGIUM_BOTH std::uint32_t begin(std::uint32_t slice) const {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(rows) * slice / slices);
  }
  FLORILEGIUM_BOTH std::size_t place(std::uint32_t picture, std::uint32_t slice, std::uint32_t which,
                                     std::uint32_t channel) const {
    return ((static_cast<std::size_t>(picture) * slices + slice) * 2 + which) * channels + channel;
  }
};

/// The number of slices depends on the shape alone, so that results do too.
inline ChannelSums channel_sums_of(std::int64_t pictures, std::int64_t rows, std::int64_t channels) {
  if (pictures > 65535)
    throw std::runtime_error("The CUDA backend takes at most 65535 pictures at once: use a smaller batch.");
  const std::int64_t most = pictures == 1 ? 256 : 64;
  return {checked_count(pictures), checked_count(rows), checked_count(channels),
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(rows / 64, 1, most))};
}

#ifdef __CUDACC__

template <class F>
__global__ void __launch_bounds__(threads_in_block) each_kernel(F f, std::uint32_t count) {
  const std::uint32_t i = blockIdx.x * threads_in_block + threadIdx.x;  // < 2^31 + 256
  if (i < count) f(i);
}

template <class F>
__global__ void __launch_bounds__(threads_in_block) each_row_kernel(F f, std::uint32_t rows) {
  const std::uint32_t row = blockIdx.x * (threads_in_block / 32) + threadIdx.x / 32;
  if (row < rows) f(row, Warp{threadIdx.x % 32, 32});  // a warp has one row: it stays or leaves as a whole
}

/// Grid: x the slice, y the picture, z which 256 of the packs of V channels. A block's threads
/// share the slice's rows: thread (lane, column) adds rows lane, lane + lanes, ... of pack
/// `column`; then the lanes are joined in order, in f64.
template <int V, class Term>
__global__ void __launch_bounds__(threads_in_block) channel_sums_kernel(Term term, ChannelSums s, double* partial) {
  __shared__ float shared[2 * V * threads_in_block];  // [2 V, threads]: 16 KiB for V = 8
  const std::uint32_t first_pack = blockIdx.z * threads_in_block;
  const std::uint32_t columns = min(threads_in_block, s.channels / V - first_pack);
  const std::uint32_t lanes = threads_in_block / columns, column = threadIdx.x % columns, lane = threadIdx.x / columns;
  float first[V] = {}, second[V] = {};
  if (lane < lanes)
    for (std::uint32_t row = s.begin(blockIdx.x) + lane; row < s.begin(blockIdx.x + 1); row += lanes)
      term(blockIdx.y, row, (first_pack + column) * V, first, second);
#pragma unroll
  for (int v = 0; v < V; ++v) {
    shared[v * threads_in_block + threadIdx.x] = first[v];
    shared[(V + v) * threads_in_block + threadIdx.x] = second[v];
  }
  __syncthreads();
  for (std::uint32_t k = threadIdx.x; k < 2 * V * columns; k += threads_in_block) {
    const std::uint32_t plane = k / columns, own = k % columns;
    double sum = 0;
    for (std::uint32_t l = 0; l < lanes; ++l)
      sum += static_cast<double>(shared[plane * threads_in_block + l * columns + own]);
    partial[s.place(blockIdx.y, blockIdx.x, plane / V, (first_pack + own) * V + plane % V)] = sum;
  }
}

template <class F>
void each(Stream stream, std::uint32_t count, const F& f) {
  if (count == 0) return;
  each_kernel<<<(count + threads_in_block - 1) / threads_in_block, threads_in_block, 0, stream>>>(f, count);
  check(cudaGetLastError(), "launching a kernel over numbers");
}

template <class F>
void each_row(Stream stream, std::uint32_t rows, const F& f) {
  if (rows == 0) return;
  constexpr std::uint32_t rows_in_block = threads_in_block / 32;
  each_row_kernel<<<(rows + rows_in_block - 1) / rows_in_block, threads_in_block, 0, stream>>>(f, rows);
  check(cudaGetLastError(), "launching a kernel over rows");
}

/// partial [pictures, slices, 2, channels]: term(picture, row, first of V channels, first, second)
/// adds one row's numbers.
template <int V, class Term>
void channel_sums(Stream stream, const ChannelSums& s, const Term& term, double* partial) {
  if (s.partials() == 0) return;
  const dim3 grid(s.slices, s.pictures, (s.channels / V + threads_in_block - 1) / threads_in_block);
  channel_sums_kernel<V><<<grid, threads_in_block, 0, stream>>>(term, s, partial);
  check(cudaGetLastError(), "launching a kernel of channel sums");
}

#else

template <class F>
void each(Stream, std::uint32_t count, const F& f) {
  for (std::uint32_t i = 0; i < count; ++i) f(i);
}

template <class F>
void each_row(Stream, std::uint32_t rows, const F& f) {
  for (std::uint32_t row = 0; row < rows; ++row) f(row, Warp{0, 1});
}

template <int V, class Term>
void channel_sums(Stream, const ChannelSums& s, const Term& term, double* partial) {
  std::fill_n(partial, s.partials(), 0.0);
  for (std::uint32_t n = 0; n < s.pictures; ++n)
    for (std::uint32_t slice = 0; slice < s.slices; ++slice)
      for (std::uint32_t c = 0; c < s.channels; c += V)
        for (std::uint32_t row = s.begin(slice); row < s.begin(slice + 1); ++row) {
          float first[V] = {}, second[V] = {};
          term(n, row, c, first, second);
          for (std::uint32_t v = 0; v < V; ++v) {
            partial[s.place(n, slice, 0, c + v)] += static_cast<double>(first[v]);
            partial[s.place(n, slice, 1, c + v)] += static_cast<double>(second[v]);
          }
        }
}

#endif

}  // namespace florilegium::cuda
