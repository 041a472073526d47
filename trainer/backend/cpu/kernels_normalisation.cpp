// CPU kernels of group and layer normalisation with their modulation and activation, forward and
// backward.
//
// Sums run over a fixed number of slices of each picture, whatever the number of threads, so that
// results do not depend on it.
#include <cmath>
#include <vector>

#include "trainer/backend/cpu/kernel.h"
#include "trainer/backend/cpu/numbers.h"

namespace florilegium::cpu {
namespace {

constexpr std::int64_t slices = 8;         // a picture's rows are summed in so many slices
constexpr std::int64_t rows_at_once = 64;  // rows summed in f32 before they join the f64 sum

struct Sizes {
  std::int64_t pictures, rows, channels;
  std::int64_t begin(std::int64_t slice) const { return rows * slice / slices; }
};

/// Sums of two numbers for each channel over a slice of rows: term(row, channel, first, second)
/// adds to both. out [2, C] in f64.
template <class Term>
void channel_sums(std::int64_t begin, std::int64_t end, std::int64_t channels, double* out, Term&& term) {
  std::vector<float> partial(static_cast<std::size_t>(2 * channels));
  float *first = partial.data(), *second = first + channels;
  std::fill_n(out, 2 * channels, 0.0);
  for (std::int64_t r0 = begin; r0 < end; r0 += rows_at_once) {
    std::fill(partial.begin(), partial.end(), 0.0f);
    for (std::int64_t r = r0; r < std::min(end, r0 + rows_at_once); ++r) term(r, first, second);
    for (std::int64_t c = 0; c < 2 * channels; ++c) out[c] += static_cast<double>(partial[static_cast<std::size_t>(c)]);
  }
}

/// Adds up the slices' sums [slices, 2, C] of picture n into its first slice and returns that.
double* joined(std::vector<double>& sums, std::int64_t n, std::int64_t channels) {
  double* own = sums.data() + n * slices * 2 * channels;
  for (std::int64_t s = 1; s < slices; ++s)
    for (std::int64_t c = 0; c < 2 * channels; ++c) own[c] += own[s * 2 * channels + c];
  return own;
}

Work make_group_norm(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* x = static_cast<const T*>(b.in[0]);
    const auto* modulation = static_cast<const float*>(b.in[1]);
    auto* y = static_cast<T*>(b.out[0]);
    auto* statistics = static_cast<float*>(b.out[1]);
    const Shape s = b.in_shape(0);
    const Sizes z{s[0], s[1] * s[2], s[3]};
    const std::int64_t groups = b.node.attributes.groups, C = z.channels, per_group = C / groups;
    const bool activate = b.node.attributes.activate;
    return [=, sums = std::vector<double>(static_cast<std::size_t>(z.pictures * slices * 2 * C)),
            affine = std::vector<float>(static_cast<std::size_t>(z.pictures * 2 * C))]() mutable {
      parallel(z.pictures * slices, [&](std::int64_t job) {
        const std::int64_t n = job / slices, slice = job % slices;
        channel_sums(z.begin(slice), z.begin(slice + 1), C, sums.data() + job * 2 * C,
                     [&](std::int64_t r, float* sum, float* square) {
                       const T* row = x + (n * z.rows + r) * C;
#pragma omp simd
                       for (std::int64_t c = 0; c < C; ++c) {
                         const float v = load(row[c]);
                         sum[c] += v;
                         square[c] += v * v;
                       }
                     });
      });
      parallel(z.pictures, [&](std::int64_t n) {
        const double* own = joined(sums, n, C);
        const double count = static_cast<double>(z.rows * per_group);
        for (std::int64_t g = 0; g < groups; ++g) {
          double sum = 0, square = 0;
          for (std::int64_t c = g * per_group; c < (g + 1) * per_group; ++c) {
            sum += own[c];
            square += own[C + c];
          }
          const double mean = sum / count, variance = std::max(0.0, square / count - mean * mean);
          const double inverse = 1.0 / std::sqrt(variance + static_cast<double>(norm_epsilon));
          statistics[(n * groups + g) * 2] = static_cast<float>(mean);
          statistics[(n * groups + g) * 2 + 1] = static_cast<float>(inverse);
          for (std::int64_t c = g * per_group; c < (g + 1) * per_group; ++c) {
            const double factor = inverse * (1.0 + static_cast<double>(modulation[n * 2 * C + c]));
            affine[static_cast<std::size_t>(n * 2 * C + c)] = static_cast<float>(factor);
            affine[static_cast<std::size_t>(n * 2 * C + C + c)] =
                static_cast<float>(static_cast<double>(modulation[n * 2 * C + C + c]) - mean * factor);
          }
        }
      });
      parallel(z.pictures * slices, [&](std::int64_t job) {
        const std::int64_t n = job / slices, slice = job % slices;
        const float *factor = affine.data() + n * 2 * C, *offset = factor + C;
        for (std::int64_t r = z.begin(slice); r < z.begin(slice + 1); ++r) {
          const T* row = x + (n * z.rows + r) * C;
          T* to = y + (n * z.rows + r) * C;
          if (activate)
#pragma omp simd
            for (std::int64_t c = 0; c < C; ++c) {
              const float v = load(row[c]) * factor[c] + offset[c];
              to[c] = store<T>(v * sigmoid(v));
            }
          else
#pragma omp simd
            for (std::int64_t c = 0; c < C; ++c) to[c] = store<T>(load(row[c]) * factor[c] + offset[c]);
        }
      });
    };
  });
}

// With h = (x - mean) * inverse, z = h * (1 + scale) + shift and d_z = d_y, or d_y silu'(z) when
// activated:
//   d_shift = sum d_z, d_scale = sum d_z h, and with g = d_z (1 + scale) over a group of M numbers
//   d_x = inverse * (g - sum(g) / M - h * sum(g h) / M).
Work make_group_norm_gradient(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto *d_y = static_cast<const T*>(b.in[0]), *x = static_cast<const T*>(b.in[1]);
    const auto *modulation = static_cast<const float*>(b.in[2]), *statistics = static_cast<const float*>(b.in[3]);
    auto* d_x = static_cast<T*>(b.out[0]);
    auto* d_modulation = static_cast<float*>(b.out[1]);
    const Shape s = b.in_shape(1);
    const Sizes z{s[0], s[1] * s[2], s[3]};
    const std::int64_t groups = b.node.attributes.groups, C = z.channels, per_group = C / groups;
    const bool activate = b.node.attributes.activate;
    return [=, sums = std::vector<double>(static_cast<std::size_t>(z.pictures * slices * 2 * C)),
            spread = std::vector<float>(static_cast<std::size_t>(z.pictures * 6 * C))]() mutable {
      // For each channel: h = x * inverse + centre, z = h * gain + shift, d_x = d_z * a + h * e +
      // o.
      const auto table = [&](std::int64_t n, std::int64_t k) { return spread.data() + (n * 6 + k) * C; };
      parallel(z.pictures, [&](std::int64_t n) {
        for (std::int64_t c = 0; c < C; ++c) {
          const float *st = statistics + (n * groups + c / per_group) * 2, *m = modulation + n * 2 * C;
          table(n, 0)[c] = st[1];
          table(n, 1)[c] = -st[0] * st[1];
          table(n, 2)[c] = 1.0f + m[c];
        }
      });
      // 1 where there is no activation, silu'(v) otherwise; without a branch, so that the loops
      // below vectorise
      const float with = activate ? 1.0f : 0.0f, without = 1.0f - with;
      const auto d_z = [=](float d, float v) {
        const float sig = sigmoid(v);
        return d * (without + with * sig * (1.0f + v * (1.0f - sig)));
      };
      parallel(z.pictures * slices, [&](std::int64_t job) {
        const std::int64_t n = job / slices, slice = job % slices;
        const float *inverse = table(n, 0), *centre = table(n, 1), *gain = table(n, 2),
                    *shift = modulation + n * 2 * C + C;
        channel_sums(z.begin(slice), z.begin(slice + 1), C, sums.data() + job * 2 * C,
                     [&](std::int64_t r, float* sum, float* product) {
                       const std::int64_t at = (n * z.rows + r) * C;
#pragma omp simd
                       for (std::int64_t c = 0; c < C; ++c) {
                         const float h = load(x[at + c]) * inverse[c] + centre[c];
                         const float d = d_z(load(d_y[at + c]), h * gain[c] + shift[c]);
                         sum[c] += d;
                         product[c] += d * h;
                       }
                     });
      });
      parallel(z.pictures, [&](std::int64_t n) {
        const double* own = joined(sums, n, C);
        const double count = static_cast<double>(z.rows * per_group);
        for (std::int64_t g = 0; g < groups; ++g) {
          double sum = 0, product = 0;
          for (std::int64_t c = g * per_group; c < (g + 1) * per_group; ++c) {
            d_modulation[n * 2 * C + c] = static_cast<float>(own[C + c]);
            d_modulation[n * 2 * C + C + c] = static_cast<float>(own[c]);
            sum += own[c] * static_cast<double>(table(n, 2)[c]);
            product += own[C + c] * static_cast<double>(table(n, 2)[c]);
          }
          for (std::int64_t c = g * per_group; c < (g + 1) * per_group; ++c) {
            const double inverse = static_cast<double>(table(n, 0)[c]);
            table(n, 3)[c] = table(n, 0)[c] * table(n, 2)[c];
            table(n, 4)[c] = static_cast<float>(-inverse * product / count);
            table(n, 5)[c] = static_cast<float>(-inverse * sum / count);
          }
        }
      });
      parallel(z.pictures * slices, [&](std::int64_t job) {
        const std::int64_t n = job / slices, slice = job % slices;
        const float *inverse = table(n, 0), *centre = table(n, 1), *gain = table(n, 2),
                    *shift = modulation + n * 2 * C + C;
        const float *a = table(n, 3), *e = table(n, 4), *o = table(n, 5);
        for (std::int64_t r = z.begin(slice); r < z.begin(slice + 1); ++r) {
          const std::int64_t at = (n * z.rows + r) * C;
#pragma omp simd
          for (std::int64_t c = 0; c < C; ++c) {
            const float h = load(x[at + c]) * inverse[c] + centre[c];
            d_x[at + c] = store<T>(d_z(load(d_y[at + c]), h * gain[c] + shift[c]) * a[c] + h * e[c] + o[c]);
          }
        }
      });
    };
  });
}

Work make_layer_norm(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* x = static_cast<const T*>(b.in[0]);
    const auto* modulation = static_cast<const float*>(b.in[1]);
    auto* y = static_cast<T*>(b.out[0]);
    auto* statistics = static_cast<float*>(b.out[1]);
    const Shape s = b.in_shape(0);
    return [=, tokens = s[1], D = s[2], rows = s[0] * s[1]] {
      parallel(rows, [=](std::int64_t r) {
        const T* row = x + r * D;
        const float *scale = modulation + r / tokens * 2 * D, *shift = scale + D;
        float sum = 0, square = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < D; ++i) sum += load(row[i]);
        const float mean = sum / static_cast<float>(D);
#pragma omp simd reduction(+ : square)
        for (std::int64_t i = 0; i < D; ++i) square += (load(row[i]) - mean) * (load(row[i]) - mean);
        const float inverse = 1.0f / std::sqrt(square / static_cast<float>(D) + norm_epsilon);
        statistics[2 * r] = mean;
        statistics[2 * r + 1] = inverse;
#pragma omp simd
        for (std::int64_t i = 0; i < D; ++i)
          y[r * D + i] = store<T>((load(row[i]) - mean) * inverse * (1.0f + scale[i]) + shift[i]);
      });
    };
  });
}

Work make_layer_norm_gradient(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto *d_y = static_cast<const T*>(b.in[0]), *x = static_cast<const T*>(b.in[1]);
    const auto *modulation = static_cast<const float*>(b.in[2]), *statistics = static_cast<const float*>(b.in[3]);
    auto* d_x = static_cast<T*>(b.out[0]);
    auto* d_modulation = static_cast<float*>(b.out[1]);
    const Shape s = b.in_shape(1);
    const Sizes z{s[0], s[1], s[2]};
    const std::int64_t D = z.channels;
    return [=, sums = std::vector<double>(static_cast<std::size_t>(z.pictures * slices * 2 * D))]() mutable {
      parallel(z.pictures * slices, [&](std::int64_t job) {
        const std::int64_t n = job / slices, slice = job % slices;
        const float* scale = modulation + n * 2 * D;
        channel_sums(
            z.begin(slice), z.begin(slice + 1), D, sums.data() + job * 2 * D,
            [&](std::int64_t t, float* shift_sum, float* scale_sum) {
              const std::int64_t r = n * z.rows + t;
              const float mean = statistics[2 * r], inverse = statistics[2 * r + 1];
              float sum = 0, product = 0;
#pragma omp simd reduction(+ : sum, product)
              for (std::int64_t i = 0; i < D; ++i) {
                const float h = (load(x[r * D + i]) - mean) * inverse, d = load(d_y[r * D + i]),
                            g = d * (1.0f + scale[i]);
                shift_sum[i] += d;
                scale_sum[i] += d * h;
                sum += g;
                product += g * h;
              }
              const float mean_sum = sum / static_cast<float>(D), mean_product = product / static_cast<float>(D);
#pragma omp simd
              for (std::int64_t i = 0; i < D; ++i) {
                const float h = (load(x[r * D + i]) - mean) * inverse;
                d_x[r * D + i] =
                    store<T>(inverse * (load(d_y[r * D + i]) * (1.0f + scale[i]) - mean_sum - h * mean_product));
              }
            });
      });
      for (std::int64_t n = 0; n < z.pictures; ++n) {
        const double* own = joined(sums, n, D);
        for (std::int64_t i = 0; i < D; ++i) {
          d_modulation[n * 2 * D + i] = static_cast<float>(own[D + i]);
          d_modulation[n * 2 * D + D + i] = static_cast<float>(own[i]);
        }
      }
    };
  });
}

constexpr Kernel kernels[] = {
    {"group_norm", make_group_norm},
    {"group_norm_gradient", make_group_norm_gradient},
    {"layer_norm", make_layer_norm},
    {"layer_norm_gradient", make_layer_norm_gradient},
};

}  // namespace

std::span<const Kernel> normalisation_kernels() { return kernels; }

}  // namespace florilegium::cpu
