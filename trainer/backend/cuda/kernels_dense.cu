// CUDA kernels where the arithmetic is: convolution, matrix products and attention. NVIDIA's
// libraries do them where they can (libraries.h); the plain kernels here, one thread a result,
// define what they compute, take what the libraries refuse, and show with FLORILEGIUM_CUDA_PLAIN=1
// on which side an error lies. Plain convolutions and products are slow.
#include <cmath>

#include "trainer/backend/cuda/kernel.h"
#include "trainer/backend/cuda/launch.h"
#include "trainer/backend/cuda/libraries.h"
#include "trainer/backend/cuda/numbers.h"

namespace florilegium::cuda {
namespace {

bool on_16_bytes(std::initializer_list<const void*> pointers) {
  for (const void* pointer : pointers)
    if (reinterpret_cast<std::uintptr_t>(pointer) % 16 != 0) return false;
  return true;
}

// ---- matrix products ----------------------------------------------------------------------------

/// One number of c [batch, M, N]; see Product.
template <class In, class Out>
struct PlainProduct {
  const In *a, *b;
  const Out* bias;
  Out* c;
  std::uint32_t m, n, k, a_row, a_column, b_row, b_column;  // distances of neighbours in A [M, K] and B [K, N]
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t column = i % n, row = i / n % m, batch = i / n / m;
    const In *left = a + std::size_t{batch} * m * k + std::size_t{row} * a_row,
             *right = b + std::size_t{batch} * k * n + std::size_t{column} * b_column;
    double sum = 0;
    for (std::size_t j = 0; j < k; ++j) sum += static_cast<double>(load(left[j * a_column]) * load(right[j * b_row]));
    if (bias) sum += static_cast<double>(load(bias[column]));
    c[i] = store<Out>(static_cast<float>(sum));
  }
};

Work make_product(const Binding& binding, const Product& p) {
  if (Work fast = binding.libraries->product(p)) return fast;
  return with_type(p.in, [&]<class In>(In) -> Work {
    return with_type(p.out, [&]<class Out>(Out) -> Work {
      const std::uint32_t m = checked_count(p.m), n = checked_count(p.n), k = checked_count(p.k);
      const PlainProduct<In, Out> f{static_cast<const In*>(p.a),
                                    static_cast<const In*>(p.b),
                                    static_cast<const Out*>(p.bias),
                                    static_cast<Out*>(p.c),
                                    m,
                                    n,
                                    k,
                                    p.a_transposed ? 1 : k,
                                    p.a_transposed ? m : 1,
                                    p.b_transposed ? 1 : n,
                                    p.b_transposed ? k : 1};
      return [stream = binding.stream, count = checked_count(p.batch * p.m * p.n), f] { each(stream, count, f); };
    });
  });
}

// ---- bias gradients: sums over all rows of d_y [rows, O] ----------------------------------------

template <class T, int V>
struct RowSums {
  const T* d_y;
  std::uint32_t channels;
  FLORILEGIUM_BOTH void operator()(std::uint32_t, std::uint32_t row, std::uint32_t channel, float (&first)[V],
                                   float (&)[V]) const {
    const Pack<T, V> pack = load_pack<T, V>(d_y + std::size_t{row} * channels + channel);
    for (int v = 0; v < V; ++v) first[v] += load(pack.at[v]);
  }
};

struct JoinSlices {
  const double* partial;
  float* out;
  ChannelSums s;
  FLORILEGIUM_BOTH void operator()(std::uint32_t channel) const {
    double sum = 0;
    for (std::uint32_t slice = 0; slice < s.slices; ++slice) sum += partial[s.place(0, slice, 0, channel)];
    out[channel] = static_cast<float>(sum);
  }
};

Work make_row_sums(Stream stream, Type type, const void* d_y, std::int64_t rows, std::int64_t channels, double* partial,
                   void* out) {
  const ChannelSums sums = channel_sums_of(1, rows, channels);
  const JoinSlices join{partial, static_cast<float*>(out), sums};
  return with_type(type, [&]<class T>(T) -> Work {
    return with_width<T>(channels, {d_y}, [&]<int V>(Width<V>) -> Work {
      const RowSums<T, V> add{static_cast<const T*>(d_y), sums.channels};
      return [stream, sums, add, join, partial] {
        channel_sums<V>(stream, sums, add, partial);
        each(stream, sums.channels, join);
      };
    });
  });
}

// ---- linear -------------------------------------------------------------------------------------
// x [R, D], weight [O, D], y [R, O]: y = x weight^T + bias, d_x = d_y weight, d_weight = d_y^T x,
// d_bias = sum over rows of d_y.

Work make_linear(const Binding& b) {
  const std::int64_t in = b.in_shape(0).back(), out = b.out_shape(0).back(), rows = elements(b.in_shape(0)) / in;
  return make_product(b, {.m = rows,
                          .n = out,
                          .k = in,
                          .b_transposed = true,
                          .in = b.in_type(0),
                          .out = b.out_type(0),
                          .a = b.in[0],
                          .b = b.weight[1],
                          .bias = b.weight[2],
                          .c = b.out[0]});
}

Work make_linear_input_gradient(const Binding& b) {
  const std::int64_t in = b.out_shape(0).back(), out = b.in_shape(0).back(), rows = elements(b.in_shape(0)) / out;
  return make_product(b, {.m = rows,
                          .n = in,
                          .k = out,
                          .in = b.in_type(0),
                          .out = b.out_type(0),
                          .a = b.in[0],
                          .b = b.weight[1],
                          .c = b.out[0]});
}

std::int64_t linear_weight_gradient_scratch(const Binding& b) {
  const std::int64_t out = b.in_shape(1).back();
  return channel_sums_of(1, elements(b.in_shape(1)) / out, out).partials() * 8;
}

Work make_linear_weight_gradient(const Binding& b) {
  const std::int64_t in = b.in_shape(0).back(), out = b.in_shape(1).back(), rows = elements(b.in_shape(0)) / in;
  return [weights = make_product(b, {.m = out,
                                     .n = in,
                                     .k = rows,
                                     .a_transposed = true,
                                     .in = b.in_type(0),
                                     .out = Type::f32,
                                     .a = b.in[1],
                                     .b = b.in[0],
                                     .c = b.out[0]}),
          bias = make_row_sums(b.stream, b.in_type(1), b.in[1], rows, out, reinterpret_cast<double*>(b.scratch),
                               b.out[1])] {
    weights();
    bias();
  };
}

// ---- conv2d -------------------------------------------------------------------------------------

struct ConvolutionSizes {
  std::uint32_t pictures, height, width, in, out, kernel;
  ConvolutionSizes(const Convolution& c)
      : pictures(checked_count(c.pictures)),
        height(checked_count(c.height)),
        width(checked_count(c.width)),
        in(checked_count(c.in)),
        out(checked_count(c.out)),
        kernel(checked_count(c.kernel)) {}
  /// Whether pixel (y, x) of the output meets a pixel of the input at place (row, column) of the
  /// kernel, and which: its number in the picture.
  FLORILEGIUM_BOTH bool meets(std::uint32_t y, std::uint32_t x, std::uint32_t row, std::uint32_t column,
                              std::uint32_t& pixel) const {
    const std::uint32_t at_y = y + row - kernel / 2,
                        at_x = x + column - kernel / 2;  // beyond the top or left they wrap to huge numbers
    pixel = at_y * width + at_x;
    return at_y < height && at_x < width;
  }
};

/// Number i of y [N, H, W, O], bias not yet added.
template <class T>
struct PlainConvolution {
  const T *x, *weight;
  T* y;
  ConvolutionSizes z;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t o = i % z.out, column = i / z.out % z.width, row = i / z.out / z.width % z.height,
                        n = i / z.out / z.width / z.height;
    const T* picture = x + std::size_t{n} * z.height * z.width * z.in;
    double sum = 0;
    for (std::uint32_t r = 0; r < z.kernel; ++r)
      for (std::uint32_t s = 0; s < z.kernel; ++s) {
        std::uint32_t pixel;
        if (!z.meets(row, column, r, s, pixel)) continue;
        const T *from = picture + std::size_t{pixel} * z.in,
                *w = weight + ((std::size_t{o} * z.kernel + r) * z.kernel + s) * z.in;
        for (std::uint32_t c = 0; c < z.in; ++c) sum += static_cast<double>(load(from[c]) * load(w[c]));
      }
    y[i] = store<T>(static_cast<float>(sum));
  }
};

/// Number i of d_x [N, H, W, C]: y(row, column) meets x(row + r - k/2, column + s - k/2), so x
/// meets y at the mirrored place.
template <class T>
struct PlainConvolutionInputGradient {
  const T *d_y, *weight;
  T* d_x;
  ConvolutionSizes z;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t c = i % z.in, column = i / z.in % z.width, row = i / z.in / z.width % z.height,
                        n = i / z.in / z.width / z.height;
    const T* picture = d_y + std::size_t{n} * z.height * z.width * z.out;
    double sum = 0;
    for (std::uint32_t r = 0; r < z.kernel; ++r)
      for (std::uint32_t s = 0; s < z.kernel; ++s) {
        std::uint32_t pixel;
        if (!z.meets(row, column, z.kernel - 1 - r, z.kernel - 1 - s, pixel)) continue;
        const T *from = picture + std::size_t{pixel} * z.out, *w = weight + (std::size_t{r} * z.kernel + s) * z.in + c;
        for (std::uint32_t o = 0; o < z.out; ++o)
          sum += static_cast<double>(load(from[o]) * load(w[std::size_t{o} * z.kernel * z.kernel * z.in]));
      }
    d_x[i] = store<T>(static_cast<float>(sum));
  }
};

/// Row i of d_weight [O, k, k, C] in f32 (one number a row): its warp shares the pixels.
template <class T>
struct PlainConvolutionWeightGradient {
  const T *x, *d_y;
  float* d_weight;
  ConvolutionSizes z;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i, Warp warp) const {
    const std::uint32_t c = i % z.in, s = i / z.in % z.kernel, r = i / z.in / z.kernel % z.kernel,
                        o = i / z.in / z.kernel / z.kernel, pixels = z.height * z.width;
    double sum = 0;
    for (std::uint32_t p = warp.lane; p < z.pictures * pixels; p += warp.lanes) {
      const std::uint32_t n = p / pixels, within = p % pixels;
      std::uint32_t pixel;
      if (!z.meets(within / z.width, within % z.width, r, s, pixel)) continue;
      sum += static_cast<double>(load(x[(std::size_t{n} * pixels + pixel) * z.in + c]) *
                                 load(d_y[std::size_t{p} * z.out + o]));
    }
    sum = warp.sum(sum);
    if (warp.lane == 0) d_weight[i] = static_cast<float>(sum);
  }
};

/// y [.., O] += bias [O], V channels at once.
template <class T, int V>
struct AddBias {
  T* y;
  const float* bias;
  std::uint32_t columns;  // packs in a row
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    Pack<T, V> pack = load_pack<T, V>(y + std::size_t{i} * V);
    const float* own = bias + i % columns * V;
    for (int v = 0; v < V; ++v) pack.at[v] = store<T>(load(pack.at[v]) + own[v]);
    store_pack(y + std::size_t{i} * V, pack);
  }
};

Convolution convolution_of(const Shape& x, std::int64_t out, const Binding& b, Type type) {
  return {.pictures = x[0],
          .height = x[1],
          .width = x[2],
          .in = x[3],
          .out = out,
          .kernel = b.node.attributes.kernel,
          .type = type};
}

Work make_conv2d(const Binding& b) {
  const Convolution z = convolution_of(b.in_shape(0), b.out_shape(0)[3], b, b.in_type(0));
  Work multiply;
  if (on_16_bytes({b.in[0], b.out[0]})) multiply = b.libraries->convolution(z, b.in[0], b.weight[1], b.out[0]);
  return with_type(z.type, [&]<class T>(T) -> Work {
    const std::int64_t count = elements(b.out_shape(0));
    if (!multiply) {
      const PlainConvolution<T> f{static_cast<const T*>(b.in[0]), static_cast<const T*>(b.weight[1]),
                                  static_cast<T*>(b.out[0]), z};
      multiply = [stream = b.stream, count = checked_count(count), f] { each(stream, count, f); };
    }
    return with_width<T>(z.out, {b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const AddBias<T, V> add{static_cast<T*>(b.out[0]), static_cast<const float*>(b.in[2]), checked_count(z.out / V)};
      return [stream = b.stream, multiply, packs = checked_count(count / V), add] {
        multiply();
        each(stream, packs, add);
      };
    });
  });
}

Work make_conv2d_input_gradient(const Binding& b) {
  const Convolution z = convolution_of(b.out_shape(0), b.in_shape(0)[3], b, b.in_type(0));
  if (on_16_bytes({b.in[0], b.out[0]}))
    if (Work fast = b.libraries->convolution_input_gradient(z, b.in[0], b.weight[1], b.out[0])) return fast;
  return with_type(z.type, [&]<class T>(T) -> Work {
    const PlainConvolutionInputGradient<T> f{static_cast<const T*>(b.in[0]), static_cast<const T*>(b.weight[1]),
                                             static_cast<T*>(b.out[0]), z};
    return [stream = b.stream, count = checked_count(elements(b.out_shape(0))), f] { each(stream, count, f); };
  });
}

template <class T>
struct ToF32 {
  const T* from;
  float* to;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const { to[i] = load(from[i]); }
};

/// The library writes d_weight in the type of the pictures, at an aligned place; from there it goes
/// to the gradients as f32.
std::int64_t conv2d_weight_gradient_scratch(const Binding& b) {
  const std::int64_t out = b.in_shape(1)[3];
  Cut cut(nullptr);
  cut.take<double>(channel_sums_of(1, elements(b.in_shape(1)) / out, out).partials());
  cut.take(elements(b.out_shape(0)) * bytes_of(b.in_type(0)));
  return cut.used();
}

Work make_conv2d_weight_gradient(const Binding& b) {
  const Convolution z = convolution_of(b.in_shape(0), b.in_shape(1)[3], b, b.in_type(0));
  const std::int64_t rows = z.pictures * z.height * z.width;
  const std::uint32_t count = checked_count(elements(b.out_shape(0)));
  Cut cut(b.scratch);
  auto* partial = cut.take<double>(channel_sums_of(1, rows, z.out).partials());
  std::byte* staged = cut.take(elements(b.out_shape(0)) * bytes_of(z.type));
  Work bias = make_row_sums(b.stream, z.type, b.in[1], rows, z.out, partial, b.out[1]);
  Work fast;
  if (on_16_bytes({b.in[0], b.in[1]})) fast = b.libraries->convolution_weight_gradient(z, b.in[0], b.in[1], staged);
  return with_type(z.type, [&]<class T>(T) -> Work {
    if (fast) {
      const ToF32<T> move{reinterpret_cast<const T*>(staged), static_cast<float*>(b.out[0])};
      return [stream = b.stream, fast, bias, count, move] {
        fast();
        each(stream, count, move);
        bias();
      };
    }
    const PlainConvolutionWeightGradient<T> f{static_cast<const T*>(b.in[0]), static_cast<const T*>(b.in[1]),
                                              static_cast<float*>(b.out[0]), z};
    return [stream = b.stream, bias, count, f] {
      each_row(stream, count, f);
      bias();
    };
  });
}

// ---- attention ----------------------------------------------------------------------------------
// For each picture and head: S = Q K^T, P = softmax(S / sqrt(d)), Y = P V.
// Backward: dV = P^T dY, dP = dY V^T, dS = P * (dP - rowsum(dP * P)) / sqrt(d), dQ = dS K, dK =
// dS^T Q. Heads are brought together in scratch as matrices [N heads, T, d], so that each line
// above is one batch of products.

struct Heads {
  std::uint32_t pictures, heads, tokens, width;  // width d of one head
  std::uint32_t numbers() const { return checked_count(std::int64_t{pictures} * heads * tokens * width); }
  std::uint32_t rows() const { return checked_count(std::int64_t{pictures} * heads * tokens); }
};

Heads heads_of(const Shape& qkv, int heads) {
  return {checked_count(qkv[0]), checked_count(heads), checked_count(qkv[1]), checked_count(qkv[2] / 3 / heads)};
}

/// Between part `which` of rows [N, T, parts, heads, d] and matrices [N, heads, T, d]; i counts
/// numbers of the matrices.
template <class T, bool gathers>
struct MoveHeads {
  T *rows, *matrices;
  Heads z;
  std::uint32_t parts, which;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t within = i % z.width, token = i / z.width % z.tokens, head = i / z.width / z.tokens % z.heads,
                        n = i / z.width / z.tokens / z.heads;
    T& spread = rows[(((std::size_t{n} * z.tokens + token) * parts + which) * z.heads + head) * z.width + within];
    if constexpr (gathers) matrices[i] = spread;
    else spread = matrices[i];
  }
};

/// One row of scores becomes probabilities, in place.
template <class T>
struct Softmax {
  T* scores;
  std::uint32_t tokens;
  float scale;
  FLORILEGIUM_BOTH void operator()(std::uint32_t r, Warp warp) const {
    T* row = scores + std::size_t{r} * tokens;
    float highest = load(row[0]), sum = 0;
    for (std::uint32_t t = warp.lane; t < tokens; t += warp.lanes) highest = fmaxf(highest, load(row[t]));
    highest = warp.highest(highest);
    for (std::uint32_t t = warp.lane; t < tokens; t += warp.lanes) sum += expf((load(row[t]) - highest) * scale);
    const float factor = 1.0f / warp.sum(sum);
    for (std::uint32_t t = warp.lane; t < tokens; t += warp.lanes)
      row[t] = store<T>(expf((load(row[t]) - highest) * scale) * factor);
  }
};

/// dP becomes dS, in place.
template <class T>
struct SoftmaxGradient {
  const T* probabilities;
  T* d;
  std::uint32_t tokens;
  float scale;
  FLORILEGIUM_BOTH void operator()(std::uint32_t r, Warp warp) const {
    const T* row = probabilities + std::size_t{r} * tokens;
    T* own = d + std::size_t{r} * tokens;
    float sum = 0;
    for (std::uint32_t t = warp.lane; t < tokens; t += warp.lanes) sum += load(own[t]) * load(row[t]);
    sum = warp.sum(sum);
    for (std::uint32_t t = warp.lane; t < tokens; t += warp.lanes)
      own[t] = store<T>(load(row[t]) * (load(own[t]) - sum) * scale);
  }
};

/// The batch of products of all heads; a, b and c are matrices [M, K], [K, N], [M, N] or
/// transposed, each a head's after the other's.
Product heads_product(const Heads& z, Type type, std::int64_t m, std::int64_t n, std::int64_t k, const void* a,
                      bool a_transposed, const void* b, bool b_transposed, void* c) {
  return {.batch = std::int64_t{z.pictures} * z.heads,
          .m = m,
          .n = n,
          .k = k,
          .a_transposed = a_transposed,
          .b_transposed = b_transposed,
          .in = type,
          .out = type,
          .a = a,
          .b = b,
          .c = c};
}

std::int64_t attention_scratch(const Binding& b) {
  Cut cut(nullptr);
  for (int i = 0; i < 4; ++i) cut.take(elements(b.out_shape(0)) * bytes_of(b.in_type(0)));
  return cut.used();
}

Work make_attention(const Binding& b) {
  const Type type = b.in_type(0);
  const Heads z = heads_of(b.in_shape(0), b.node.attributes.heads);
  return with_type(type, [&]<class T>(T) -> Work {
    Cut cut(b.scratch);
    T *q = cut.take<T>(z.numbers()), *k = cut.take<T>(z.numbers()), *v = cut.take<T>(z.numbers()),
      *y = cut.take<T>(z.numbers());
    auto* qkv = static_cast<T*>(b.in[0]);
    const std::int64_t tokens = z.tokens, width = z.width;
    return [stream = b.stream, numbers = z.numbers(), rows = z.rows(), gather_q = MoveHeads<T, true>{qkv, q, z, 3, 0},
            gather_k = MoveHeads<T, true>{qkv, k, z, 3, 1}, gather_v = MoveHeads<T, true>{qkv, v, z, 3, 2},
            scores = make_product(b, heads_product(z, type, tokens, tokens, width, q, false, k, true, b.out[1])),
            softmax = Softmax<T>{static_cast<T*>(b.out[1]), z.tokens, 1.0f / std::sqrt(static_cast<float>(z.width))},
            mix = make_product(b, heads_product(z, type, tokens, width, tokens, b.out[1], false, v, false, y)),
            spread = MoveHeads<T, false>{static_cast<T*>(b.out[0]), y, z, 1, 0}] {
      each(stream, numbers, gather_q);
      each(stream, numbers, gather_k);
      each(stream, numbers, gather_v);
      scores();
      each_row(stream, rows, softmax);
      mix();
      each(stream, numbers, spread);
    };
  });
}

std::int64_t attention_gradient_scratch(const Binding& b) {
  Cut cut(nullptr);
  for (int i = 0; i < 7; ++i) cut.take(elements(b.in_shape(0)) * bytes_of(b.in_type(1)));
  cut.take(elements(b.in_shape(2)) * bytes_of(b.in_type(1)));
  return cut.used();
}

Work make_attention_gradient(const Binding& b) {
  const Type type = b.in_type(1);
  const Heads z = heads_of(b.in_shape(1), b.node.attributes.heads);
  return with_type(type, [&]<class T>(T) -> Work {
    Cut cut(b.scratch);
    T *q = cut.take<T>(z.numbers()), *k = cut.take<T>(z.numbers()), *v = cut.take<T>(z.numbers()),
      *d_y = cut.take<T>(z.numbers());
    T *d_q = cut.take<T>(z.numbers()), *d_k = cut.take<T>(z.numbers()), *d_v = cut.take<T>(z.numbers()),
      *d_p = cut.take<T>(elements(b.in_shape(2)));
    auto *qkv = static_cast<T*>(b.in[1]), *d_qkv = static_cast<T*>(b.out[0]);
    const void* p = b.in[2];
    const std::int64_t tokens = z.tokens, width = z.width;
    return [stream = b.stream, numbers = z.numbers(), rows = z.rows(), gather_q = MoveHeads<T, true>{qkv, q, z, 3, 0},
            gather_k = MoveHeads<T, true>{qkv, k, z, 3, 1}, gather_v = MoveHeads<T, true>{qkv, v, z, 3, 2},
            gather_y = MoveHeads<T, true>{static_cast<T*>(b.in[0]), d_y, z, 1, 0},
            values = make_product(b, heads_product(z, type, tokens, width, tokens, p, true, d_y, false, d_v)),
            probabilities = make_product(b, heads_product(z, type, tokens, tokens, width, d_y, false, v, true, d_p)),
            softmax = SoftmaxGradient<T>{static_cast<const T*>(p), d_p, z.tokens,
                                         1.0f / std::sqrt(static_cast<float>(z.width))},
            queries = make_product(b, heads_product(z, type, tokens, width, tokens, d_p, false, k, false, d_q)),
            keys = make_product(b, heads_product(z, type, tokens, width, tokens, d_p, true, q, false, d_k)),
            spread_q = MoveHeads<T, false>{d_qkv, d_q, z, 3, 0}, spread_k = MoveHeads<T, false>{d_qkv, d_k, z, 3, 1},
            spread_v = MoveHeads<T, false>{d_qkv, d_v, z, 3, 2}] {
      each(stream, numbers, gather_q);
      each(stream, numbers, gather_k);
      each(stream, numbers, gather_v);
      each(stream, numbers, gather_y);
      values();
      probabilities();
      each_row(stream, rows, softmax);
      queries();
      keys();
      each(stream, numbers, spread_q);
      each(stream, numbers, spread_k);
      each(stream, numbers, spread_v);
    };
  });
}

constexpr Kernel dense[] = {
    {"conv2d", make_conv2d},
    {"conv2d_input_gradient", make_conv2d_input_gradient},
    {"conv2d_weight_gradient", make_conv2d_weight_gradient, conv2d_weight_gradient_scratch},
    {"linear", make_linear},
    {"linear_input_gradient", make_linear_input_gradient},
    {"linear_weight_gradient", make_linear_weight_gradient, linear_weight_gradient_scratch},
    {"attention", make_attention, attention_scratch},
    {"attention_gradient", make_attention_gradient, attention_gradient_scratch},
};

}  // namespace

std::span<const Kernel> dense_kernels() { return dense; }

}  // namespace florilegium::cuda
