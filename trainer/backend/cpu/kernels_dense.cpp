// CPU kernels where the arithmetic is: convolution, matrix products and attention, on oneDNN.
//
// Parameters and their gradients stay plain f32; oneDNN is let to choose the layout it likes for
// weights, and they are reordered (and rounded to bf16 where the activations are) on the way in and
// out.
#include <omp.h>

#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "trainer/backend/cpu/kernel.h"
#include "trainer/backend/cpu/numbers.h"
#include "trainer/backend/cpu/onednn.h"

namespace florilegium::cpu {
namespace {

using dnnl::memory;
using Format = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

memory::desc any(const memory::dims& dims, Type type) { return {dims, onednn(type), Format::any}; }

/// The layout that an inner product's weights [O, D] are to have. oneDNN 3.7.2 corrupts weights of
/// 64, 128 or 256 outputs on their way into the blocked layout that it would choose itself (seen on
/// Debian 13 with AVX-512), so version 3 gets them as they are.
memory::desc product_weights(const memory::dims& dims, Type type) {
  return {dims, onednn(type), DNNL_VERSION_MAJOR >= 3 ? Format::oi : Format::any};
}

/// Moves numbers between memory laid out as `plain` at `pointer` and memory of the layout a
/// primitive asked for.
struct Packed {
  memory plain, packed;
  std::optional<dnnl::reorder> way;

  Packed(const memory::desc& plain_layout, void* pointer, const memory::desc& wanted, bool inward)
      : plain(plain_layout, engine(), pointer), packed(plain_layout == wanted ? plain : memory(wanted, engine())) {
    if (plain_layout != wanted) way = inward ? dnnl::reorder(plain, packed) : dnnl::reorder(packed, plain);
  }
  void move_in() {
    if (way) way->execute(stream(), plain, packed);
  }
  void move_out() {
    if (way) way->execute(stream(), packed, plain);
  }
};

// ---- shares of a weight gradient ----------------------------------------------------------------
// A weight's gradient is a sum over pictures. Each thread sums over a share of them, with a
// primitive of its own that oneDNN makes for one thread, and the shares' sums are added. When
// oneDNN divides the work itself, its threads wait for each other in spin loops: on a machine that
// has other work too (the loader's, say) more than half of a step went into these.

/// The gradients' memory changes from run to run: shares other than the first write into memory
/// that all nodes use in turn.
using ShareWork = std::function<void(float* weight, float* bias)>;

/// The most equal shares of `count` for this many threads, each of `least` at least.
std::int64_t shares_of(std::int64_t count, std::int64_t least) {
  for (std::int64_t shares = std::min<std::int64_t>(omp_get_max_threads(), count / least); shares > 1; --shares)
    if (count % shares == 0) return shares;
  return 1;
}

/// While it lives, oneDNN makes primitives for one thread.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

std::vector<float>& room_for_shares() {
  static std::vector<float> room;
  return room;
}

/// Where share number `share` of a tensor begins, when each share has the shape `part`.
void* part_of(void* tensor, std::int64_t share, const memory::dims& part, Type type) {
  return static_cast<std::byte*>(tensor) + share * elements(part) * bytes_of(type);
}

/// make(share) gives the work of share number `share` of `shares`.
template <class Make>
Work in_shares(std::int64_t shares, std::int64_t weights, std::int64_t biases, void* weight, void* bias, Make&& make) {
  std::vector<ShareWork> works;
  const OneThread while_making;
  for (std::int64_t share = 0; share < shares; ++share) works.push_back(make(share));
  const std::int64_t size = (weights + biases + 15) / 16 * 16;
  auto& room = room_for_shares();
  room.resize(std::max(room.size(), static_cast<std::size_t>((shares - 1) * size)));
  return [=, works = std::move(works), w = static_cast<float*>(weight), b = static_cast<float*>(bias)]() mutable {
    if (shares == 1) return works[0](w, b);
    float* others = room_for_shares().data();
    parallel(shares, [&](std::int64_t share) {
      float* own = others + (share - 1) * size;
      if (share == 0) works[0](w, b);
      else works[static_cast<std::size_t>(share)](own, own + weights);
    });
    const auto add_others = [&](float* to, std::int64_t first, std::int64_t count) {
      constexpr std::int64_t piece = 8192;
      parallel((count + piece - 1) / piece, [&](std::int64_t p) {
        for (std::int64_t share = 1; share < shares; ++share) {
          const float* from = others + (share - 1) * size + first;
#pragma omp simd
          for (std::int64_t i = p * piece; i < std::min(count, (p + 1) * piece); ++i) to[i] += from[i];
        }
      });
    };
    add_others(w, 0, weights);
    add_others(b, weights, biases);
  };
}

/// The work of one share: a primitive that computes the gradients of a weight, laid out as `plain`
/// in f32, and of a bias.
template <class Primitive, class Description>
ShareWork weight_gradient_work(const Description& described, const memory::desc& plain, const memory::desc& bias_layout,
                               const memory& x, const memory& d_y) {
  Packed weight(plain, nullptr, described.diff_weights_desc(), false);
  const memory bias(bias_layout, engine(), nullptr);
  return [weight, bias, primitive = Primitive(described),
          arguments = Arguments{{DNNL_ARG_SRC, x},
                                {DNNL_ARG_DIFF_DST, d_y},
                                {DNNL_ARG_DIFF_WEIGHTS, weight.packed},
                                {DNNL_ARG_DIFF_BIAS, bias}}](float* d_weight, float* d_bias) mutable {
    weight.plain.set_data_handle(d_weight);
    bias.set_data_handle(d_bias);
    primitive.execute(stream(), arguments);
    weight.move_out();
  };
}

// ---- conv2d -------------------------------------------------------------------------------------

struct Convolution {
  memory::dims x, weight, bias, y, stride{1, 1}, pad;
  memory::desc x_layout, y_layout, bias_layout, plain_weight;
  Type type;

  Convolution(const Shape& xs, std::int64_t out, int kernel, Type t) : type(t) {
    x = {xs[0], xs[3], xs[1], xs[2]};
    y = {xs[0], out, xs[1], xs[2]};
    weight = {out, xs[3], kernel, kernel};
    bias = {out};
    pad = {kernel / 2, kernel / 2};
    x_layout = {x, onednn(t), Format::nhwc};
    y_layout = {y, onednn(t), Format::nhwc};
    bias_layout = {bias, memory::data_type::f32, Format::x};
    plain_weight = {weight, memory::data_type::f32, Format::ohwi};
  }
  auto forward(dnnl::prop_kind kind) const {
    return describe<dnnl::convolution_forward>(kind, dnnl::algorithm::convolution_direct, x_layout, any(weight, type),
                                               bias_layout, y_layout, stride, pad, pad);
  }
};

Work make_conv2d(const Binding& b) {
  const Convolution c(b.in_shape(0), b.out_shape(0)[3], b.node.attributes.kernel, b.in_type(0));
  const auto described = c.forward(dnnl::prop_kind::forward_training);
  Packed weight(c.plain_weight, b.in[1], described.weights_desc(), true);
  return [weight, primitive = dnnl::convolution_forward(described),
          arguments = Arguments{{DNNL_ARG_SRC, {c.x_layout, engine(), b.in[0]}},
                                {DNNL_ARG_WEIGHTS, weight.packed},
                                {DNNL_ARG_BIAS, {c.bias_layout, engine(), b.in[2]}},
                                {DNNL_ARG_DST, {c.y_layout, engine(), b.out[0]}}}]() mutable {
    weight.move_in();
    primitive.execute(stream(), arguments);
  };
}

Work make_conv2d_input_gradient(const Binding& b) {
  const Convolution c(b.out_shape(0), b.in_shape(0)[3], b.node.attributes.kernel, b.in_type(0));
  const auto described = describe_backward<dnnl::convolution_backward_data>(
      c.forward(dnnl::prop_kind::forward_training), dnnl::algorithm::convolution_direct, c.x_layout,
      any(c.weight, c.type), c.y_layout, c.stride, c.pad, c.pad);
  Packed weight(c.plain_weight, b.in[1], described.weights_desc(), true);
  return [weight, primitive = dnnl::convolution_backward_data(described),
          arguments = Arguments{{DNNL_ARG_DIFF_DST, {c.y_layout, engine(), b.in[0]}},
                                {DNNL_ARG_WEIGHTS, weight.packed},
                                {DNNL_ARG_DIFF_SRC, {c.x_layout, engine(), b.out[0]}}}]() mutable {
    weight.move_in();
    primitive.execute(stream(), arguments);
  };
}

Work make_conv2d_weight_gradient(const Binding& b) {
  Shape part = b.in_shape(0);
  const Type type = b.in_type(0);
  const std::int64_t out = b.in_shape(1)[3], shares = shares_of(part[0], 1);
  part[0] /= shares;
  return in_shares(shares, elements(b.out_shape(0)), out, b.out[0], b.out[1], [&](std::int64_t share) {
    const Convolution c(part, out, b.node.attributes.kernel, type);
    const auto described = describe_backward<dnnl::convolution_backward_weights>(
        c.forward(dnnl::prop_kind::forward_training), dnnl::algorithm::convolution_direct, c.x_layout,
        any(c.weight, Type::f32), c.bias_layout, c.y_layout, c.stride, c.pad, c.pad);
    return weight_gradient_work<dnnl::convolution_backward_weights>(
        described, c.plain_weight, c.bias_layout, {c.x_layout, engine(), part_of(b.in[0], share, c.x, type)},
        {c.y_layout, engine(), part_of(b.in[1], share, c.y, type)});
  });
}

// ---- linear -------------------------------------------------------------------------------------

struct Product {
  memory::dims x, weight, bias, y;
  memory::desc x_layout, y_layout, bias_layout, plain_weight;
  Type type;

  Product(const Shape& xs, std::int64_t out, Type t) : type(t) {
    const std::int64_t in = xs.back(), rows = elements(xs) / in;
    x = {rows, in};
    y = {rows, out};
    weight = {out, in};
    bias = {out};
    x_layout = {x, onednn(t), Format::nc};
    y_layout = {y, onednn(t), Format::nc};
    bias_layout = {bias, memory::data_type::f32, Format::x};
    plain_weight = {weight, memory::data_type::f32, Format::oi};
  }
  auto forward() const {
    return describe<dnnl::inner_product_forward>(dnnl::prop_kind::forward_training, x_layout,
                                                 product_weights(weight, type), bias_layout, y_layout);
  }
};

Work make_linear(const Binding& b) {
  const Product p(b.in_shape(0), b.out_shape(0).back(), b.in_type(0));
  const auto described = p.forward();
  Packed weight(p.plain_weight, b.in[1], described.weights_desc(), true);
  return [weight, primitive = dnnl::inner_product_forward(described),
          arguments = Arguments{{DNNL_ARG_SRC, {p.x_layout, engine(), b.in[0]}},
                                {DNNL_ARG_WEIGHTS, weight.packed},
                                {DNNL_ARG_BIAS, {p.bias_layout, engine(), b.in[2]}},
                                {DNNL_ARG_DST, {p.y_layout, engine(), b.out[0]}}}]() mutable {
    weight.move_in();
    primitive.execute(stream(), arguments);
  };
}

Work make_linear_input_gradient(const Binding& b) {
  const Product p(b.out_shape(0), b.in_shape(0).back(), b.in_type(0));
  const auto described = describe_backward<dnnl::inner_product_backward_data>(
      p.forward(), p.x_layout, product_weights(p.weight, p.type), p.y_layout);
  Packed weight(p.plain_weight, b.in[1], described.weights_desc(), true);
  return [weight, primitive = dnnl::inner_product_backward_data(described),
          arguments = Arguments{{DNNL_ARG_DIFF_DST, {p.y_layout, engine(), b.in[0]}},
                                {DNNL_ARG_WEIGHTS, weight.packed},
                                {DNNL_ARG_DIFF_SRC, {p.x_layout, engine(), b.out[0]}}}]() mutable {
    weight.move_in();
    primitive.execute(stream(), arguments);
  };
}

Work make_linear_weight_gradient(const Binding& b) {
  const Type type = b.in_type(0);
  const std::int64_t in = b.in_shape(0).back(), out = b.in_shape(1).back(), rows = elements(b.in_shape(0)) / in,
                     shares = shares_of(rows, 64);
  return in_shares(shares, in * out, out, b.out[0], b.out[1], [&](std::int64_t share) {
    const Product p({rows / shares, in}, out, type);
    const auto described = describe_backward<dnnl::inner_product_backward_weights>(
        p.forward(), p.x_layout, any(p.weight, Type::f32), p.bias_layout, p.y_layout);
    return weight_gradient_work<dnnl::inner_product_backward_weights>(
        described, p.plain_weight, p.bias_layout, {p.x_layout, engine(), part_of(b.in[0], share, p.x, type)},
        {p.y_layout, engine(), part_of(b.in[1], share, p.y, type)});
  });
}

// ---- attention ----------------------------------------------------------------------------------
// For each picture and head: S = Q K^T / sqrt(d), P = softmax(S), Y = P V.
// Backward: dV = P^T dY, dP = dY V^T, dS = P * (dP - rowsum(dP * P)) / sqrt(d), dQ = dS K, dK =
// dS^T Q.

/// A batch of matrices [N, heads, rows, columns] inside a tensor, `skip` numbers from its start.
struct Matrices {
  std::int64_t rows, columns, picture_stride, head_stride, row_stride, column_stride, skip;
  Matrices transposed() const { return {columns, rows, picture_stride, head_stride, column_stride, row_stride, skip}; }
};

struct HeadSizes {
  std::int64_t pictures, heads, tokens, width;  // width of one head
  Matrices part(std::int64_t which) const {     // 0 queries, 1 keys, 2 values, inside qkv
    const std::int64_t all = heads * width;
    return {tokens, width, tokens * 3 * all, width, 3 * all, 1, which * all};
  }
  Matrices output() const { return {tokens, width, tokens * heads * width, width, heads * width, 1, 0}; }
  Matrices square() const { return {tokens, tokens, heads * tokens * tokens, tokens * tokens, tokens, 1, 0}; }
};

memory matrices(const HeadSizes& z, const Matrices& m, void* tensor, Type type) {
  const memory::desc layout({z.pictures, z.heads, m.rows, m.columns}, onednn(type),
                            memory::dims{m.picture_stride, m.head_stride, m.row_stride, m.column_stride});
  return {layout, engine(), static_cast<std::byte*>(tensor) + m.skip * bytes_of(type)};
}

Work product(const HeadSizes& z, const Matrices& a, void* in_a, const Matrices& b, void* in_b, const Matrices& c,
             void* out, Type type) {
  const memory left = matrices(z, a, in_a, type), right = matrices(z, b, in_b, type),
               result = matrices(z, c, out, type);
  const auto described = describe<dnnl::matmul>(left.get_desc(), right.get_desc(), result.get_desc());
  return [primitive = dnnl::matmul(described),
          arguments = Arguments{{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, result}}]() mutable {
    primitive.execute(stream(), arguments);
  };
}

Work make_attention(const Binding& b) {
  return with_type(b.in_type(0), [&]<class T>(T) -> Work {
    const Type type = b.in_type(0);
    const HeadSizes z{b.in_shape(0)[0], b.node.attributes.heads, b.in_shape(0)[1],
                      b.out_shape(0)[2] / b.node.attributes.heads};
    auto* p = static_cast<T*>(b.out[1]);
    const float scale = 1.0f / std::sqrt(static_cast<float>(z.width));
    return [=, scores = product(z, z.part(0), b.in[0], z.part(1).transposed(), b.in[0], z.square(), b.out[1], type),
            mix = product(z, z.square(), b.out[1], z.part(2), b.in[0], z.output(), b.out[0], type)] {
      scores();
      parallel(z.pictures * z.heads * z.tokens, [=](std::int64_t r) {
        thread_local std::vector<float> powers;
        powers.resize(static_cast<std::size_t>(z.tokens));
        T* row = p + r * z.tokens;
        float *e = powers.data(), highest = load(row[0]), sum = 0;
#pragma omp simd reduction(max : highest)
        for (std::int64_t t = 1; t < z.tokens; ++t) highest = std::max(highest, load(row[t]));
#pragma omp simd reduction(+ : sum)
        for (std::int64_t t = 0; t < z.tokens; ++t) {
          e[t] = exponential((load(row[t]) - highest) * scale);
          sum += e[t];
        }
        const float factor = 1.0f / sum;
#pragma omp simd
        for (std::int64_t t = 0; t < z.tokens; ++t) row[t] = store<T>(e[t] * factor);
      });
      mix();
    };
  });
}

Work make_attention_gradient(const Binding& b) {
  return with_type(b.in_type(1), [&]<class T>(T) -> Work {
    const Type type = b.in_type(1);
    const HeadSizes z{b.in_shape(1)[0], b.node.attributes.heads, b.in_shape(1)[1],
                      b.in_shape(0)[2] / b.node.attributes.heads};
    const auto* p = static_cast<const T*>(b.in[2]);
    const float scale = 1.0f / std::sqrt(static_cast<float>(z.width));
    const auto d_p_memory =
        std::make_shared<std::vector<T>>(static_cast<std::size_t>(z.pictures * z.heads * z.tokens * z.tokens));
    T* d_p = d_p_memory->data();
    return [=, d_values = product(z, z.square().transposed(), b.in[2], z.output(), b.in[0], z.part(2), b.out[0], type),
            d_probabilities = product(z, z.output(), b.in[0], z.part(2).transposed(), b.in[1], z.square(), d_p, type),
            d_queries = product(z, z.square(), d_p, z.part(1), b.in[1], z.part(0), b.out[0], type),
            d_keys = product(z, z.square().transposed(), d_p, z.part(0), b.in[1], z.part(1), b.out[0], type),
            owner = d_p_memory] {
      d_values();
      d_probabilities();
      parallel(z.pictures * z.heads * z.tokens, [=](std::int64_t r) {
        T* d = d_p + r * z.tokens;
        const T* row = p + r * z.tokens;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t t = 0; t < z.tokens; ++t) sum += load(d[t]) * load(row[t]);
#pragma omp simd
        for (std::int64_t t = 0; t < z.tokens; ++t) d[t] = store<T>(load(row[t]) * (load(d[t]) - sum) * scale);
      });
      d_queries();
      d_keys();
    };
  });
}

constexpr Kernel kernels[] = {
    {"conv2d", make_conv2d},
    {"conv2d_input_gradient", make_conv2d_input_gradient},
    {"conv2d_weight_gradient", make_conv2d_weight_gradient},
    {"linear", make_linear},
    {"linear_input_gradient", make_linear_input_gradient},
    {"linear_weight_gradient", make_linear_weight_gradient},
    {"attention", make_attention},
    {"attention_gradient", make_attention_gradient},
};

}  // namespace

std::span<const Kernel> dense_kernels() { return kernels; }

}  // namespace florilegium::cpu
