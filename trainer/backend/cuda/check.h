// Every call of CUDA's libraries goes through check(): what fails becomes an exception whose
// sentence names the call.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include <stdexcept>
#include <string>

namespace florilegium::cuda {

[[noreturn]] inline void fail(const char* call, const std::string& reason) {
  throw std::runtime_error("CUDA: " + std::string(call) + " failed: " + reason + ".");
}

inline void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess) fail(call, std::string(cudaGetErrorName(status)) + ", " + cudaGetErrorString(status));
}
inline void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS) fail(call, std::string("status ") + cublasLtGetStatusName(status));
}
inline void check(cudnnStatus_t status, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char more[512] = "";
  cudnnGetLastErrorString(more, sizeof more);
  fail(call, std::string(cudnnGetErrorString(status)) + " " + more);
}

}  // namespace florilegium::cuda
