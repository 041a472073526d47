// CUDA kernels that move or combine numbers one by one. Each is a struct that says what happens at
// position i; i counts packs of V neighbouring numbers.
#include <cmath>
#include <memory>
#include <vector>

#include "trainer/backend/cuda/kernel.h"
#include "trainer/backend/cuda/launch.h"
#include "trainer/backend/cuda/numbers.h"

namespace florilegium::cuda {
namespace {

template <class T, int V>
struct Add {
  const T *x, *y;
  T* out;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const Pack<T, V> a = load_pack<T, V>(x + std::size_t{i} * V), b = load_pack<T, V>(y + std::size_t{i} * V);
    Pack<T, V> sum;
    for (int v = 0; v < V; ++v) sum.at[v] = store<T>(load(a.at[v]) + load(b.at[v]));
    store_pack(out + std::size_t{i} * V, sum);
  }
};

Work make_add(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const std::int64_t count = elements(b.out_shape(0));
    return with_width<T>(count, {b.in[0], b.in[1], b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const Add<T, V> f{static_cast<const T*>(b.in[0]), static_cast<const T*>(b.in[1]), static_cast<T*>(b.out[0])};
      return [stream = b.stream, packs = checked_count(count / V), f] { each(stream, packs, f); };
    });
  });
}

/// x [N, T, D] + positions [T, D]: number i of x meets number i modulo T D.
template <class T>
struct AddPositions {
  const T* x;
  const float* positions;
  T* out;
  std::uint32_t size;  // T D
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const { out[i] = store<T>(load(x[i]) + positions[i % size]); }
};

Work make_add_positions(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const AddPositions<T> f{static_cast<const T*>(b.in[0]), static_cast<const float*>(b.in[1]),
                            static_cast<T*>(b.out[0]), checked_count(elements(b.in_shape(1)))};
    return [stream = b.stream, count = checked_count(elements(b.out_shape(0))), f] { each(stream, count, f); };
  });
}

template <class T>
struct SumOverPictures {
  const T* d;
  float* out;
  std::uint32_t pictures, count;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    float sum = 0;
    for (std::uint32_t n = 0; n < pictures; ++n) sum += load(d[std::size_t{n} * count + i]);
    out[i] = sum;
  }
};

Work make_sum_over_pictures(const Binding& b) {
  return with_type(b.in_type(0), [&]<class T>(T) -> Work {
    const SumOverPictures<T> f{static_cast<const T*>(b.in[0]), static_cast<float*>(b.out[0]),
                               checked_count(b.in_shape(0)[0]), checked_count(elements(b.out_shape(0)))};
    return [stream = b.stream, f] { each(stream, f.count, f); };
  });
}

template <class T, int V>
struct Silu {
  const T* x;
  T* out;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    Pack<T, V> pack = load_pack<T, V>(x + std::size_t{i} * V);
    for (int v = 0; v < V; ++v) pack.at[v] = store<T>(load(pack.at[v]) * sigmoid(load(pack.at[v])));
    store_pack(out + std::size_t{i} * V, pack);
  }
};

Work make_silu(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const std::int64_t count = elements(b.out_shape(0));
    return with_width<T>(count, {b.in[0], b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const Silu<T, V> f{static_cast<const T*>(b.in[0]), static_cast<T*>(b.out[0])};
      return [stream = b.stream, packs = checked_count(count / V), f] { each(stream, packs, f); };
    });
  });
}

template <class T, int V>
struct SiluGradient {
  const T *d, *x;
  T* out;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const Pack<T, V> slope = load_pack<T, V>(d + std::size_t{i} * V), at = load_pack<T, V>(x + std::size_t{i} * V);
    Pack<T, V> pack;
    for (int v = 0; v < V; ++v) pack.at[v] = store<T>(load(slope.at[v]) * silu_slope(load(at.at[v])));
    store_pack(out + std::size_t{i} * V, pack);
  }
};

Work make_silu_gradient(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const std::int64_t count = elements(b.out_shape(0));
    return with_width<T>(count, {b.in[0], b.in[1], b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const SiluGradient<T, V> f{static_cast<const T*>(b.in[0]), static_cast<const T*>(b.in[1]),
                                 static_cast<T*>(b.out[0])};
      return [stream = b.stream, packs = checked_count(count / V), f] { each(stream, packs, f); };
    });
  });
}

/// Both directions: the small picture [N, h, w, b b C] and the large one [N, h b, w b, C]. Runs of
/// b C numbers stay together:
///   in the small one run ((row * columns + column) * b + dy), in the large one run ((row * b + dy)
///   * columns + column),
/// where row counts the rows of all small pictures.
template <class T, int V, bool to_depth>
struct BlockMove {
  const T* in;
  T* out;
  std::uint32_t run, block, columns;                         // run: packs in b C numbers
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {  // i: pack of the small picture
    const std::uint32_t within = i % run, which = i / run, dy = which % block, cell = which / block,
                        column = cell % columns, row = cell / columns;
    const std::uint32_t spread = ((row * block + dy) * columns + column) * run + within;
    if constexpr (to_depth) store_pack(out + std::size_t{i} * V, load_pack<T, V>(in + std::size_t{spread} * V));
    else store_pack(out + std::size_t{spread} * V, load_pack<T, V>(in + std::size_t{i} * V));
  }
};

template <bool to_depth>
Work make_block_move(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const Shape &small = to_depth ? b.out_shape(0) : b.in_shape(0), &large = to_depth ? b.in_shape(0) : b.out_shape(0);
    const std::int64_t block = b.node.attributes.block, run = block * large[3];
    return with_width<T>(run, {b.in[0], b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const BlockMove<T, V, to_depth> f{static_cast<const T*>(b.in[0]), static_cast<T*>(b.out[0]),
                                        checked_count(run / V), checked_count(block), checked_count(small[2])};
      return [stream = b.stream, packs = checked_count(elements(small) / V), f] { each(stream, packs, f); };
    });
  });
}

/// Between rows of left + right numbers and two tensors with rows of left and of right numbers
/// (counted in packs).
template <class T, int V, bool joins>
struct Concat {
  T *x, *y, *both;
  std::uint32_t left, right;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {  // i: pack of the joined tensor
    const std::uint32_t row = i / (left + right), c = i % (left + right);
    T* part = c < left ? x + (std::size_t{row} * left + c) * V : y + (std::size_t{row} * right + (c - left)) * V;
    T* joined = both + std::size_t{i} * V;
    if constexpr (joins) store_pack(joined, load_pack<T, V>(part));
    else store_pack(part, load_pack<T, V>(joined));
  }
};

template <bool joins>
Work make_concat(const Binding& b) {
  const Shape &x = joins ? b.in_shape(0) : b.out_shape(0), &y = joins ? b.in_shape(1) : b.out_shape(1);
  void *at_x = joins ? b.in[0] : b.out[0], *at_y = joins ? b.in[1] : b.out[1], *at_both = joins ? b.out[0] : b.in[0];
  return with_type(b.in_type(0), [&]<class T>(T) -> Work {
    constexpr std::int64_t wide = 16 / sizeof(T);
    const std::int64_t unit = x[3] % wide == 0 && y[3] % wide == 0 ? wide : 1;
    return with_width<T>(unit, {at_x, at_y, at_both}, [&]<int V>(Width<V>) -> Work {
      const Concat<T, V, joins> f{static_cast<T*>(at_x), static_cast<T*>(at_y), static_cast<T*>(at_both),
                                  checked_count(x[3] / V), checked_count(y[3] / V)};
      return [stream = b.stream, packs = checked_count((elements(x) + elements(y)) / V), f] { each(stream, packs, f); };
    });
  });
}

/// A view has nothing to do, unless its result was to lie elsewhere (a parameter's gradient).
Work make_view(const Binding& b) {
  if (b.in[0] == b.out[0]) return [] {};
  return [from = b.in[0], to = b.out[0], bytes = elements(b.out_shape(0)) * bytes_of(b.out_type(0)),
          stream = b.stream] { copy_on_device(to, from, bytes, stream); };
}

template <class From, class To, int V>
struct Cast {
  const From* x;
  To* out;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const Pack<From, V> from = load_pack<From, V>(x + std::size_t{i} * V);
    Pack<To, V> to;
    for (int v = 0; v < V; ++v) to.at[v] = store<To>(load(from.at[v]));
    store_pack(out + std::size_t{i} * V, to);
  }
};

Work make_cast(const Binding& b) {
  return with_type(b.in_type(0), [&]<class From>(From) -> Work {
    return with_type(b.out_type(0), [&]<class To>(To) -> Work {
      const std::int64_t count = elements(b.out_shape(0));
      return with_width<float>(
          count, {b.in[0], b.out[0]}, [&]<int V>(Width<V>) -> Work {  // 4 at once: 16 bytes of f32 and 8 of bf16
            const Cast<From, To, V> f{static_cast<const From*>(b.in[0]), static_cast<To*>(b.out[0])};
            return [stream = b.stream, packs = checked_count(count / V), f] { each(stream, packs, f); };
          });
    });
  });
}

struct NoiseFeatures {
  const float *level, *turns;  // turns: 2 pi times each frequency
  float* out;
  std::uint32_t frequencies;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {  // i: picture and frequency
    const std::uint32_t n = i / frequencies, k = i % frequencies;
    const float phase = turns[k] * level[n];
    float* row = out + std::size_t{n} * 2 * frequencies;
    row[k] = cosf(phase);
    row[frequencies + k] = sinf(phase);
  }
};

Work make_noise_features(const Binding& b) {
  const auto features = static_cast<int>(b.out_shape(0)[1]);
  std::vector<float> turns;
  for (int i = 0; i < features / 2; ++i)
    turns.push_back(static_cast<float>(6.283185307179586 * noise_frequency(i, features)));
  const auto table = std::make_shared<Memory>(static_cast<std::int64_t>(turns.size() * sizeof(float)));
  copy_to_device(table->data(), turns.data(), table->bytes(), b.stream);
  const NoiseFeatures f{static_cast<const float*>(b.in[0]), reinterpret_cast<const float*>(table->data()),
                        static_cast<float*>(b.out[0]), checked_count(features / 2)};
  return [stream = b.stream, count = checked_count(b.out_shape(0)[0] * (features / 2)), f, table] {
    each(stream, count, f);
  };
}

// ---- neighbour_differences: between [N, H, W, C] and [N, H, W, 2 C] ----------------------------
// i counts the numbers of the former.

template <class T>
struct NeighbourDifferences {
  const T* x;
  T* out;
  std::uint32_t height, width, channels;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t pixel = i / channels, column = pixel % width, row = pixel / width % height;
    const float here = load(x[i]);
    T* to = out + std::size_t{i} + std::size_t{pixel} * channels;
    to[0] = store<T>(column + 1 < width ? load(x[std::size_t{i} + channels]) - here : 0.0f);
    to[channels] = store<T>(row + 1 < height ? load(x[std::size_t{i} + std::size_t{width} * channels]) - here : 0.0f);
  }
};

template <class T>
struct NeighbourDifferencesGradient {
  const T* d;
  T* out;
  std::uint32_t height, width, channels;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t pixel = i / channels, column = pixel % width, row = pixel / width % height;
    const T* at = d + std::size_t{i} + std::size_t{pixel} * channels;
    float sum = 0;
    if (column + 1 < width) sum -= load(at[0]);
    if (column > 0) sum += load(*(at - std::size_t{2} * channels));
    if (row + 1 < height) sum -= load(at[channels]);
    if (row > 0) sum += load(*(at + channels - std::size_t{2} * width * channels));
    out[i] = store<T>(sum);
  }
};

template <template <class> class Kernel, bool forward>
Work make_neighbour_differences(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const Shape& s = forward ? b.in_shape(0) : b.out_shape(0);
    const Kernel<T> f{static_cast<const T*>(b.in[0]), static_cast<T*>(b.out[0]), checked_count(s[1]),
                      checked_count(s[2]), checked_count(s[3])};
    return [stream = b.stream, count = checked_count(elements(s)), f] { each(stream, count, f); };
  });
}

// ---- weighted_squared_error ---------------------------------------------------------------------
// In three steps, so that no sum depends on the order of threads: pieces of a picture, a picture,
// the batch.

constexpr std::uint32_t error_piece = 4096;  // numbers one warp adds up

struct PieceError {
  const float *prediction, *target;
  double* partial;  // [N, pieces]
  std::uint32_t size, pieces;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const std::uint32_t n = row / pieces, begin = row % pieces * error_piece,
                        end = begin + error_piece < size ? begin + error_piece : size;
    const float *p = prediction + std::size_t{n} * size, *t = target + std::size_t{n} * size;
    double sum = 0;
    for (std::uint32_t i = begin + warp.lane; i < end; i += warp.lanes)
      sum += static_cast<double>((p[i] - t[i]) * (p[i] - t[i]));
    sum = warp.sum(sum);
    if (warp.lane == 0) partial[row] = sum;
  }
};

struct PictureError {
  const double* partial;
  float* squared_error;
  std::uint32_t size, pieces;
  FLORILEGIUM_BOTH void operator()(std::uint32_t n, Warp warp) const {
    double sum = 0;
    for (std::uint32_t p = warp.lane; p < pieces; p += warp.lanes) sum += partial[std::size_t{n} * pieces + p];
    sum = warp.sum(sum);
    if (warp.lane == 0) squared_error[n] = static_cast<float>(sum / size);
  }
};

struct WeightedMean {
  const float *weight, *squared_error;
  float* loss;
  std::uint32_t pictures;
  FLORILEGIUM_BOTH void operator()(std::uint32_t, Warp warp) const {
    double sum = 0;
    for (std::uint32_t n = warp.lane; n < pictures; n += warp.lanes)
      sum += static_cast<double>(weight[n] * squared_error[n]);
    sum = warp.sum(sum);
    if (warp.lane == 0) loss[0] = static_cast<float>(sum / pictures);
  }
};

struct ErrorSizes {
  std::uint32_t pictures, size, pieces;
  ErrorSizes(const Shape& shape)
      : pictures(checked_count(shape[0])),
        size(checked_count(elements(shape) / shape[0])),
        pieces((size + error_piece - 1) / error_piece) {}
};

std::int64_t error_scratch(const Binding& b) {
  const ErrorSizes z(b.in_shape(0));
  return std::int64_t{z.pictures} * z.pieces * 8;
}

Work make_weighted_squared_error(const Binding& b) {
  const ErrorSizes z(b.in_shape(0));
  auto* partial = reinterpret_cast<double*>(b.scratch);
  auto* squared_error = static_cast<float*>(b.out[1]);
  const PieceError pieces{static_cast<const float*>(b.in[0]), static_cast<const float*>(b.in[1]), partial, z.size,
                          z.pieces};
  const PictureError picture{partial, squared_error, z.size, z.pieces};
  const WeightedMean mean{static_cast<const float*>(b.in[2]), squared_error, static_cast<float*>(b.out[0]), z.pictures};
  return [stream = b.stream, z, pieces, picture, mean] {
    each_row(stream, z.pictures * z.pieces, pieces);
    each_row(stream, z.pictures, picture);
    each_row(stream, 1, mean);
  };
}

struct SquaredErrorGradient {
  const float *d, *prediction, *target, *weight;
  float* out;
  std::uint32_t size;
  float count;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    out[i] = d[0] * weight[i / size] * 2.0f / count * (prediction[i] - target[i]);
  }
};

Work make_weighted_squared_error_gradient(const Binding& b) {
  const ErrorSizes z(b.in_shape(1));
  const std::uint32_t count = checked_count(elements(b.in_shape(1)));
  const SquaredErrorGradient f{static_cast<const float*>(b.in[0]), static_cast<const float*>(b.in[1]),
                               static_cast<const float*>(b.in[2]), static_cast<const float*>(b.in[3]),
                               static_cast<float*>(b.out[0]),      z.size,
                               static_cast<float>(count)};
  return [stream = b.stream, count, f] { each(stream, count, f); };
}

constexpr Kernel pointwise[] = {
    {"add", make_add},
    {"add_positions", make_add_positions},
    {"sum_over_pictures", make_sum_over_pictures},
    {"silu", make_silu},
    {"silu_gradient", make_silu_gradient},
    {"space_to_depth", make_block_move<true>},
    {"depth_to_space", make_block_move<false>},
    {"concat", make_concat<true>},
    {"concat_gradient", make_concat<false>},
    {"to_tokens", make_view},
    {"to_grid", make_view},
    {"neighbour_differences", make_neighbour_differences<NeighbourDifferences, true>},
    {"neighbour_differences_gradient", make_neighbour_differences<NeighbourDifferencesGradient, false>},
    {"cast", make_cast},
    {"noise_features", make_noise_features},
    {"weighted_squared_error", make_weighted_squared_error, error_scratch},
    {"weighted_squared_error_gradient", make_weighted_squared_error_gradient},
};

}  // namespace

std::span<const Kernel> pointwise_kernels() { return pointwise; }

int kernel_image_status() {
#ifdef __CUDACC__
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, each_kernel<NoiseFeatures>);
  cudaGetLastError();
  return static_cast<int>(status);
#else
  return 0;
#endif
}

}  // namespace florilegium::cuda
