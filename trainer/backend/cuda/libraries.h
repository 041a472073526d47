// What the backend takes from NVIDIA's libraries: convolutions from cuDNN, matrix products from
// cuBLASLt.
//
// Each function prepares one piece of work for fixed memory: it asks the library which algorithms
// fit, best first, runs the first that works once, and returns it. It returns an empty Work when
// there is none, or when the library is turned off: then the plain kernels of kernels_dense.cu do
// the work. The choice is the library's heuristic one, not timed, so that a run repeats bit by bit.
//
// FLORILEGIUM_CUDA_PLAIN turns off, by name: "cudnn", "cublas", "graph" (recording of steps),
// several with commas, or "1" for all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "trainer/backend/cuda/kernel.h"

namespace florilegium::cuda {

/// Whether FLORILEGIUM_CUDA_PLAIN asks to do without `part`.
bool plain(std::string_view part);

/// Matrices stored row by row: c [M, N] = A B (+ bias [N] on every row), `batch` times, one set of
/// matrices after the other. a holds A [M, K], or A transposed [K, M]; b holds B [K, N], or B
/// transposed [N, K]. a and b are of one type.
struct Product {
  std::int64_t batch = 1, m = 0, n = 0, k = 0;
  bool a_transposed = false, b_transposed = false;
  Type in = Type::f32, out = Type::f32;
  const void *a = nullptr, *b = nullptr, *bias = nullptr;  // bias in the type of c, or absent
  void* c = nullptr;
};

/// x [N, H, W, C], weight [O, k, k, C], y [N, H, W, O]; stride 1, zero padding k / 2; all of one
/// type, at addresses that are multiples of 16.
struct Convolution {
  std::int64_t pictures = 0, height = 0, width = 0, in = 0, out = 0;
  int kernel = 1;
  Type type = Type::f32;
};

/// The libraries' handles and one workspace, for the programs' own use: each program has its own,
/// since its recorded work keeps the workspace's address.
class Libraries {
 public:
  explicit Libraries(Stream stream);
  ~Libraries();
  Libraries(const Libraries&) = delete;
  Libraries& operator=(const Libraries&) = delete;

  Work product(const Product& product);
  Work convolution(const Convolution& z, const void* x, const void* weight, void* y);
  Work convolution_input_gradient(const Convolution& z, const void* d_y, const void* weight, void* d_x);
  Work convolution_weight_gradient(const Convolution& z, const void* x, const void* d_y, void* d_weight);

  static std::string description();  ///< "cuDNN 9.19.0, cuBLASLt 13.1.0"
  std::int64_t workspace_bytes() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace florilegium::cuda
