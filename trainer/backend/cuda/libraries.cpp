#include "trainer/backend/cuda/libraries.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "trainer/backend/cuda/check.h"

namespace florilegium::cuda {
namespace {

constexpr std::size_t product_workspace = 32 << 20;           // what NVIDIA advises for Hopper
constexpr std::size_t most_workspace = std::size_t{1} << 30;  // of a convolution

/// Owns a descriptor of one of the libraries.
template <class Handle, auto destroy>
struct Owned {
  Handle handle = nullptr;
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle) destroy(handle);
  }
  operator Handle() const { return handle; }
};

// ---- cuBLASLt -----------------------------------------------------------------------------------
// cuBLASLt thinks of matrices stored column by column; ours are stored row by row. The same memory
// read the other way is the transposed matrix, so c = A B becomes c^T = B^T A^T: our b comes first,
// our a second, M and N change places.
//
//   ours in memory, as cuBLASLt reads it to make the factor, rows x columns
//   b holds B   [K, N] row by row   [N, K], leading dimension N            as it is          N x K
//   b holds B^T [N, K] row by row   [K, N], leading dimension K            transposed        N x K
//   a holds A   [M, K] row by row   [K, M], leading dimension K            as it is          K x M
//   a holds A^T [K, M] row by row   [M, K], leading dimension M            transposed        K x M
//   c [M, N] row by row             [N, M], leading dimension N            result            N x M
//
// The bias epilogue adds one number to each row of the result, which has N rows: our bias [N].

cudaDataType_t cuda_type(Type type) { return type == Type::f32 ? CUDA_R_32F : CUDA_R_16BF; }

struct PreparedProduct {
  Owned<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy> operation;
  Owned<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy> first, second, result;
  cublasLtMatmulAlgo_t algorithm{};
  Product product;
};

void make_layout(cublasLtMatrixLayout_t* layout, Type type, std::int64_t rows, std::int64_t columns, const Product& p) {
  check(cublasLtMatrixLayoutCreate(layout, cuda_type(type), static_cast<std::uint64_t>(rows),
                                   static_cast<std::uint64_t>(columns), rows),
        "cublasLtMatrixLayoutCreate");
  const auto count = static_cast<std::int32_t>(p.batch);
  const std::int64_t stride = rows * columns;
  check(cublasLtMatrixLayoutSetAttribute(*layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count),
        "cublasLtMatrixLayoutSetAttribute of the batch");
  check(cublasLtMatrixLayoutSetAttribute(*layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride),
        "cublasLtMatrixLayoutSetAttribute of the stride");
}

/// The largest power of two up to 256 that divides the address of each matrix of a batch.
std::uint32_t alignment(const void* pointer, std::int64_t numbers, Type type, std::int64_t batch) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer),
             step = batch > 1 ? static_cast<std::uintptr_t>(numbers * bytes_of(type)) : 0;
  std::uint32_t bytes = 256;
  while ((address | step) % bytes != 0) bytes /= 2;
  return bytes;
}

// ---- cuDNN --------------------------------------------------------------------------------------

struct PreparedConvolution {
  Owned<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor> x, y;
  Owned<cudnnFilterDescriptor_t, cudnnDestroyFilterDescriptor> weight;
  Owned<cudnnConvolutionDescriptor_t, cudnnDestroyConvolutionDescriptor> convolution;
  std::size_t workspace = 0;

  explicit PreparedConvolution(const Convolution& z) {
    const cudnnDataType_t type = z.type == Type::f32 ? CUDNN_DATA_FLOAT : CUDNN_DATA_BFLOAT16;
    const auto n = static_cast<int>(z.pictures), h = static_cast<int>(z.height), w = static_cast<int>(z.width),
               in = static_cast<int>(z.in), out = static_cast<int>(z.out);
    check(cudnnCreateTensorDescriptor(&x.handle), "cudnnCreateTensorDescriptor");
    check(cudnnSetTensor4dDescriptor(x, CUDNN_TENSOR_NHWC, type, n, in, h, w), "cudnnSetTensor4dDescriptor of x");
    check(cudnnCreateTensorDescriptor(&y.handle), "cudnnCreateTensorDescriptor");
    check(cudnnSetTensor4dDescriptor(y, CUDNN_TENSOR_NHWC, type, n, out, h, w), "cudnnSetTensor4dDescriptor of y");
    check(cudnnCreateFilterDescriptor(&weight.handle), "cudnnCreateFilterDescriptor");
    // dimensions in the order K, C, R, S; NHWC here means that the memory is K, R, S, C: our [O, k,
    // k, C]
    check(cudnnSetFilter4dDescriptor(weight, type, CUDNN_TENSOR_NHWC, out, in, z.kernel, z.kernel),
          "cudnnSetFilter4dDescriptor");
    check(cudnnCreateConvolutionDescriptor(&convolution.handle), "cudnnCreateConvolutionDescriptor");
    check(cudnnSetConvolution2dDescriptor(convolution, z.kernel / 2, z.kernel / 2, 1, 1, 1, 1, CUDNN_CROSS_CORRELATION,
                                          CUDNN_DATA_FLOAT),
          "cudnnSetConvolution2dDescriptor");
    use(z.type == Type::f32 ? CUDNN_FMA_MATH : CUDNN_TENSOR_OP_MATH);  // FMA: full f32, no TF32
  }
  void use(cudnnMathType_t math) {
    check(cudnnSetConvolutionMathType(convolution, math), "cudnnSetConvolutionMathType");
  }
};

}  // namespace

bool plain(std::string_view part) {
  const char* asked = std::getenv("FLORILEGIUM_CUDA_PLAIN");
  if (!asked) return false;
  const std::string_view text(asked);
  return text == "1" || text.find(part) != std::string_view::npos;
}

struct Libraries::Inside {
  Stream stream;
  cublasLtHandle_t cublas = nullptr;
  cudnnHandle_t cudnn = nullptr;
  Memory workspace;  // grows while programs are compiled; fixed once they run

  void need(std::size_t bytes) {
    if (static_cast<std::int64_t>(bytes) <= workspace.bytes()) return;
    wait_for(stream);
    workspace = Memory();
    workspace = Memory(static_cast<std::int64_t>(bytes));
  }

  /// The first of the candidates that works on this memory, as Work; the others' refusals are
  /// forgotten.
  template <class Algorithms, class Run>
  Work first_that_works(const std::shared_ptr<PreparedConvolution>& c, const Algorithms& candidates, int count,
                        Type type, const Run& run) {
    for (int i = 0; i < count; ++i) {
      const auto candidate = candidates[static_cast<std::size_t>(i)];
      const bool changes_f32 =
          type == Type::f32 && candidate.mathType != CUDNN_FMA_MATH && candidate.mathType != CUDNN_DEFAULT_MATH;
      if (candidate.status != CUDNN_STATUS_SUCCESS || candidate.determinism != CUDNN_DETERMINISTIC ||
          candidate.memory > most_workspace || changes_f32)
        continue;
      c->use(type == Type::f32 ? CUDNN_FMA_MATH : candidate.mathType);
      c->workspace = candidate.memory;
      need(c->workspace);
      if (run(candidate.algo) != CUDNN_STATUS_SUCCESS) {
        cudaGetLastError();  // forget what the refusal left behind
        continue;
      }
      wait_for(stream);
      return [run, algorithm = candidate.algo] { check(run(algorithm), "the convolution of cuDNN"); };
    }
    return {};
  }
};

Libraries::Libraries(Stream stream) : inside_(std::make_unique<Inside>()) {
  inside_->stream = stream;
  check(cublasLtCreate(&inside_->cublas), "cublasLtCreate");
  check(cudnnCreate(&inside_->cudnn), "cudnnCreate");
  check(cudnnSetStream(inside_->cudnn, stream), "cudnnSetStream");
}

Libraries::~Libraries() {
  if (inside_->cudnn) cudnnDestroy(inside_->cudnn);
  if (inside_->cublas) cublasLtDestroy(inside_->cublas);
}

std::int64_t Libraries::workspace_bytes() const { return inside_->workspace.bytes(); }

std::string Libraries::description() {
  const auto version = [](std::size_t v, std::size_t major, std::size_t minor) {
    return std::to_string(v / major) + "." + std::to_string(v % major / minor) + "." + std::to_string(v % minor);
  };
  return "cuDNN " + version(cudnnGetVersion(), 10000, 100) + ", cuBLASLt " + version(cublasLtGetVersion(), 10000, 100);
}

Work Libraries::product(const Product& p) {
  if (plain("cublas")) return {};
  const auto prepared = std::make_shared<PreparedProduct>();
  prepared->product = p;
  check(cublasLtMatmulDescCreate(&prepared->operation.handle, CUBLAS_COMPUTE_32F, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, const auto& value, const char* call) {
    check(cublasLtMatmulDescSetAttribute(prepared->operation, attribute, &value, sizeof value), call);
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
      "cublasLtMatmulDescSetAttribute of the first factor");
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.a_transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
      "cublasLtMatmulDescSetAttribute of the second factor");
  if (p.bias) {
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS, "cublasLtMatmulDescSetAttribute of the epilogue");
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias, "cublasLtMatmulDescSetAttribute of the bias");
    set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, cuda_type(p.out), "cublasLtMatmulDescSetAttribute of the bias type");
  }
  make_layout(&prepared->first.handle, p.in, p.b_transposed ? p.k : p.n, p.b_transposed ? p.n : p.k, p);
  make_layout(&prepared->second.handle, p.in, p.a_transposed ? p.m : p.k, p.a_transposed ? p.k : p.m, p);
  make_layout(&prepared->result.handle, p.out, p.n, p.m, p);

  Owned<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy> wishes;
  check(cublasLtMatmulPreferenceCreate(&wishes.handle), "cublasLtMatmulPreferenceCreate");
  const auto wish = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    check(cublasLtMatmulPreferenceSetAttribute(wishes, attribute, &value, sizeof value),
          "cublasLtMatmulPreferenceSetAttribute");
  };
  const std::uint32_t c_alignment = alignment(p.c, p.m * p.n, p.out, p.batch);
  wish(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, product_workspace);
  wish(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment(p.b, p.k * p.n, p.in, p.batch));
  wish(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment(p.a, p.m * p.k, p.in, p.batch));
  wish(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, c_alignment);
  wish(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, c_alignment);

  std::array<cublasLtMatmulHeuristicResult_t, 8> candidates{};
  int found = 0;
  const cublasStatus_t asked = cublasLtMatmulAlgoGetHeuristic(
      inside_->cublas, prepared->operation, prepared->first, prepared->second, prepared->result, prepared->result,
      wishes, static_cast<int>(candidates.size()), candidates.data(), &found);
  if (asked != CUBLAS_STATUS_SUCCESS) return {};
  inside_->need(product_workspace);
  const auto run = [inside = inside_.get(), prepared] {
    const float one = 1.0f, zero = 0.0f;
    const Product& own = prepared->product;
    return cublasLtMatmul(inside->cublas, prepared->operation, &one, own.b, prepared->first, own.a, prepared->second,
                          &zero, own.c, prepared->result, own.c, prepared->result, &prepared->algorithm,
                          inside->workspace.data(), product_workspace, inside->stream);
  };
  for (int i = 0; i < found; ++i) {
    const auto& candidate = candidates[static_cast<std::size_t>(i)];
    if (candidate.state != CUBLAS_STATUS_SUCCESS || candidate.workspaceSize > product_workspace) continue;
    prepared->algorithm = candidate.algo;
    if (run() != CUBLAS_STATUS_SUCCESS) {
      cudaGetLastError();  // forget what the refusal left behind
      continue;
    }
    wait_for(inside_->stream);
    return [run] { check(run(), "cublasLtMatmul"); };
  }
  return {};
}

Work Libraries::convolution(const Convolution& z, const void* x, const void* weight, void* y) {
  if (plain("cudnn")) return {};
  const auto c = std::make_shared<PreparedConvolution>(z);
  std::array<cudnnConvolutionFwdAlgoPerf_t, CUDNN_CONVOLUTION_FWD_ALGO_COUNT> candidates{};
  int found = 0;
  if (cudnnGetConvolutionForwardAlgorithm_v7(inside_->cudnn, c->x, c->weight, c->convolution, c->y,
                                             static_cast<int>(candidates.size()), &found,
                                             candidates.data()) != CUDNN_STATUS_SUCCESS)
    return {};
  return inside_->first_that_works(
      c, candidates, found, z.type, [inside = inside_.get(), c, x, weight, y](cudnnConvolutionFwdAlgo_t algorithm) {
        const float one = 1.0f, zero = 0.0f;
        return cudnnConvolutionForward(inside->cudnn, &one, c->x, x, c->weight, weight, c->convolution, algorithm,
                                       inside->workspace.data(), c->workspace, &zero, c->y, y);
      });
}

Work Libraries::convolution_input_gradient(const Convolution& z, const void* d_y, const void* weight, void* d_x) {
  if (plain("cudnn")) return {};
  const auto c = std::make_shared<PreparedConvolution>(z);
  std::array<cudnnConvolutionBwdDataAlgoPerf_t, CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT> candidates{};
  int found = 0;
  if (cudnnGetConvolutionBackwardDataAlgorithm_v7(inside_->cudnn, c->weight, c->y, c->convolution, c->x,
                                                  static_cast<int>(candidates.size()), &found,
                                                  candidates.data()) != CUDNN_STATUS_SUCCESS)
    return {};
  return inside_->first_that_works(
      c, candidates, found, z.type,
      [inside = inside_.get(), c, d_y, weight, d_x](cudnnConvolutionBwdDataAlgo_t algorithm) {
        const float one = 1.0f, zero = 0.0f;
        return cudnnConvolutionBackwardData(inside->cudnn, &one, c->weight, weight, c->y, d_y, c->convolution,
                                            algorithm, inside->workspace.data(), c->workspace, &zero, c->x, d_x);
      });
}

Work Libraries::convolution_weight_gradient(const Convolution& z, const void* x, const void* d_y, void* d_weight) {
  if (plain("cudnn")) return {};
  const auto c = std::make_shared<PreparedConvolution>(z);
  std::array<cudnnConvolutionBwdFilterAlgoPerf_t, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT> candidates{};
  int found = 0;
  if (cudnnGetConvolutionBackwardFilterAlgorithm_v7(inside_->cudnn, c->x, c->y, c->convolution, c->weight,
                                                    static_cast<int>(candidates.size()), &found,
                                                    candidates.data()) != CUDNN_STATUS_SUCCESS)
    return {};
  return inside_->first_that_works(
      c, candidates, found, z.type,
      [inside = inside_.get(), c, x, d_y, d_weight](cudnnConvolutionBwdFilterAlgo_t algorithm) {
        const float one = 1.0f, zero = 0.0f;
        return cudnnConvolutionBackwardFilter(inside->cudnn, &one, c->x, x, c->y, d_y, c->convolution, algorithm,
                                              inside->workspace.data(), c->workspace, &zero, c->weight, d_weight);
      });
}

}  // namespace florilegium::cuda
