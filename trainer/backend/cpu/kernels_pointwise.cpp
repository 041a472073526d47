// CPU kernels that move or combine numbers one by one.
#include <cmath>
#include <cstring>
#include <vector>

#include "trainer/backend/cpu/kernel.h"
#include "trainer/backend/cpu/numbers.h"

namespace florilegium::cpu {
namespace {

constexpr std::int64_t piece = 16384;  // numbers one thread takes at a time

/// f(begin, end) over [0, count) in pieces.
template <class F>
void in_pieces(std::int64_t count, F&& f) {
  parallel((count + piece - 1) / piece, [&](std::int64_t p) { f(p * piece, std::min(count, (p + 1) * piece)); });
}

Work make_add(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto *x = static_cast<const T*>(b.in[0]), *y = static_cast<const T*>(b.in[1]);
    auto* out = static_cast<T*>(b.out[0]);
    return [=, count = elements(b.out_shape(0))] {
      in_pieces(count, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
        for (std::int64_t i = begin; i < end; ++i) out[i] = store<T>(load(x[i]) + load(y[i]));
      });
    };
  });
}

Work make_add_positions(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* x = static_cast<const T*>(b.in[0]);
    const auto* positions = static_cast<const float*>(b.in[1]);
    auto* out = static_cast<T*>(b.out[0]);
    const Shape s = b.out_shape(0);
    return [=, width = s[2], tokens = s[1], rows = s[0] * s[1]] {
      parallel(rows, [=](std::int64_t r) {
        const float* p = positions + r % tokens * width;
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) out[r * width + i] = store<T>(load(x[r * width + i]) + p[i]);
      });
    };
  });
}

Work make_sum_over_pictures(const Binding& b) {
  return with_type(b.in_type(0), [&]<class T>(T) -> Work {
    const auto* d = static_cast<const T*>(b.in[0]);
    auto* out = static_cast<float*>(b.out[0]);
    return [=, pictures = b.in_shape(0)[0], count = elements(b.out_shape(0))] {
      in_pieces(count, [=](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) out[i] = load(d[i]);
        for (std::int64_t n = 1; n < pictures; ++n)
          for (std::int64_t i = begin; i < end; ++i) out[i] += load(d[n * count + i]);
      });
    };
  });
}

Work make_silu(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* x = static_cast<const T*>(b.in[0]);
    auto* out = static_cast<T*>(b.out[0]);
    return [=, count = elements(b.out_shape(0))] {
      in_pieces(count, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
        for (std::int64_t i = begin; i < end; ++i) {
          const float v = load(x[i]);
          out[i] = store<T>(v * sigmoid(v));
        }
      });
    };
  });
}

Work make_silu_gradient(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto *d = static_cast<const T*>(b.in[0]), *x = static_cast<const T*>(b.in[1]);
    auto* out = static_cast<T*>(b.out[0]);
    return [=, count = elements(b.out_shape(0))] {
      in_pieces(count, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
        for (std::int64_t i = begin; i < end; ++i) {
          const float v = load(x[i]), s = sigmoid(v);
          out[i] = store<T>(load(d[i]) * s * (1.0f + v * (1.0f - s)));
        }
      });
    };
  });
}

/// Both directions: the small picture [N, h, w, b b C] and the large one [N, h b, w b, C].
template <bool to_depth>
Work make_block_move(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* in = static_cast<const T*>(b.in[0]);
    auto* out = static_cast<T*>(b.out[0]);
    const Shape small = to_depth ? b.out_shape(0) : b.in_shape(0), large = to_depth ? b.in_shape(0) : b.out_shape(0);
    const std::int64_t block = b.node.attributes.block, channels = large[3];
    return [=, rows = small[0] * small[1], columns = small[2]] {
      parallel(rows, [=](std::int64_t row) {
        for (std::int64_t dy = 0; dy < block; ++dy)
          for (std::int64_t column = 0; column < columns; ++column) {
            const std::int64_t flat = ((row * columns + column) * block + dy) * block * channels;
            const std::int64_t spread = ((row * block + dy) * columns + column) * block * channels;
            if constexpr (to_depth) std::copy_n(in + spread, block * channels, out + flat);
            else std::copy_n(in + flat, block * channels, out + spread);
          }
      });
    };
  });
}

Work make_concat(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto *x = static_cast<const T*>(b.in[0]), *y = static_cast<const T*>(b.in[1]);
    auto* out = static_cast<T*>(b.out[0]);
    const std::int64_t left = b.in_shape(0)[3], right = b.in_shape(1)[3];
    return [=, rows = elements(b.out_shape(0)) / (left + right)] {
      parallel(rows, [=](std::int64_t r) {
        std::copy_n(x + r * left, left, out + r * (left + right));
        std::copy_n(y + r * right, right, out + r * (left + right) + left);
      });
    };
  });
}

Work make_concat_gradient(const Binding& b) {
  return with_type(b.in_type(0), [&]<class T>(T) -> Work {
    const auto* d = static_cast<const T*>(b.in[0]);
    auto *x = static_cast<T*>(b.out[0]), *y = static_cast<T*>(b.out[1]);
    const std::int64_t left = b.out_shape(0)[3], right = b.out_shape(1)[3];
    return [=, rows = elements(b.in_shape(0)) / (left + right)] {
      parallel(rows, [=](std::int64_t r) {
        std::copy_n(d + r * (left + right), left, x + r * left);
        std::copy_n(d + r * (left + right) + left, right, y + r * right);
      });
    };
  });
}

/// A view has nothing to do, unless its result was to lie elsewhere (a parameter's gradient).
Work make_view(const Binding& b) {
  if (b.in[0] == b.out[0]) return [] {};
  return [from = b.in[0], to = b.out[0],
          bytes = static_cast<std::size_t>(elements(b.out_shape(0)) * bytes_of(b.out_type(0)))] {
    std::memcpy(to, from, bytes);
  };
}

Work make_cast(const Binding& b) {
  return with_type(b.in_type(0), [&]<class From>(From) -> Work {
    return with_type(b.out_type(0), [&]<class To>(To) -> Work {
      const auto* x = static_cast<const From*>(b.in[0]);
      auto* out = static_cast<To*>(b.out[0]);
      return [=, count = elements(b.out_shape(0))] {
        in_pieces(count, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
          for (std::int64_t i = begin; i < end; ++i) out[i] = store<To>(load(x[i]));
        });
      };
    });
  });
}

Work make_noise_features(const Binding& b) {
  const auto* level = static_cast<const float*>(b.in[0]);
  auto* out = static_cast<float*>(b.out[0]);
  return [=, pictures = b.out_shape(0)[0], features = static_cast<int>(b.out_shape(0)[1])] {
    for (std::int64_t n = 0; n < pictures; ++n)
      for (int i = 0; i < features / 2; ++i) {
        const float phase = static_cast<float>(6.283185307179586 * noise_frequency(i, features)) * level[n];
        out[n * features + i] = std::cos(phase);
        out[n * features + features / 2 + i] = std::sin(phase);
      }
  };
}

/// Row by row: a neighbour's channels lie C numbers further on, those of the row below W C.
Work make_neighbour_differences(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* x = static_cast<const T*>(b.in[0]);
    auto* out = static_cast<T*>(b.out[0]);
    const Shape s = b.in_shape(0);
    return [=, rows = s[0] * s[1], height = s[1], width = s[2], channels = s[3]] {
      parallel(rows, [=](std::int64_t row) {
        const T* here = x + row * width * channels;
        const T* below = row % height + 1 < height ? here + width * channels : here;
        T* to = out + row * width * channels * 2;
        for (std::int64_t i = 0; i < width; ++i) {
          const T* right = here + (i + 1 < width ? i + 1 : i) * channels;
          for (std::int64_t c = 0; c < channels; ++c) {
            const float value = load(here[i * channels + c]);
            to[2 * i * channels + c] = store<T>(load(right[c]) - value);
            to[(2 * i + 1) * channels + c] = store<T>(load(below[i * channels + c]) - value);
          }
        }
      });
    };
  });
}

Work make_neighbour_differences_gradient(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* d = static_cast<const T*>(b.in[0]);
    auto* out = static_cast<T*>(b.out[0]);
    const Shape s = b.out_shape(0);
    return [=, rows = s[0] * s[1], height = s[1], width = s[2], channels = s[3]] {
      parallel(rows, [=](std::int64_t row) {
        const std::int64_t y = row % height, line = width * channels * 2;
        const T* here = d + row * line;
        T* to = out + row * width * channels;
        for (std::int64_t i = 0; i < width; ++i)
          for (std::int64_t c = 0; c < channels; ++c) {
            const T* at = here + 2 * i * channels + c;
            float sum = 0;
            if (i + 1 < width) sum -= load(at[0]);
            if (i > 0) sum += load(at[-2 * channels]);
            if (y + 1 < height) sum -= load(at[channels]);
            if (y > 0) sum += load(at[channels - line]);
            to[i * channels + c] = store<T>(sum);
          }
      });
    };
  });
}

Work make_weighted_squared_error(const Binding& b) {
  const auto *prediction = static_cast<const float*>(b.in[0]), *target = static_cast<const float*>(b.in[1]),
             *weight = static_cast<const float*>(b.in[2]);
  auto *loss = static_cast<float*>(b.out[0]), *squared_error = static_cast<float*>(b.out[1]);
  const std::int64_t pictures = b.in_shape(0)[0], size = elements(b.in_shape(0)) / pictures;
  return [=] {
    parallel(pictures, [=](std::int64_t n) {
      double sum = 0;
      for (std::int64_t begin = 0; begin < size; begin += 1024) {
        float partial = 0;
        const std::int64_t end = std::min(size, begin + 1024);
#pragma omp simd reduction(+ : partial)
        for (std::int64_t i = begin; i < end; ++i) {
          const float difference = prediction[n * size + i] - target[n * size + i];
          partial += difference * difference;
        }
        sum += partial;
      }
      squared_error[n] = static_cast<float>(sum / static_cast<double>(size));
    });
    double total = 0;
    for (std::int64_t n = 0; n < pictures; ++n) total += weight[n] * squared_error[n];
    loss[0] = static_cast<float>(total / static_cast<double>(pictures));
  };
}

Work make_weighted_squared_error_gradient(const Binding& b) {
  const auto *d = static_cast<const float*>(b.in[0]), *prediction = static_cast<const float*>(b.in[1]),
             *target = static_cast<const float*>(b.in[2]), *weight = static_cast<const float*>(b.in[3]);
  auto* out = static_cast<float*>(b.out[0]);
  const std::int64_t pictures = b.in_shape(1)[0], size = elements(b.in_shape(1)) / pictures;
  return [=] {
    parallel(pictures, [=](std::int64_t n) {
      const float factor = d[0] * weight[n] * 2.0f / static_cast<float>(pictures * size);
#pragma omp simd
      for (std::int64_t i = n * size; i < (n + 1) * size; ++i) out[i] = factor * (prediction[i] - target[i]);
    });
  };
}

constexpr Kernel kernels[] = {
    {"add", make_add},
    {"add_positions", make_add_positions},
    {"sum_over_pictures", make_sum_over_pictures},
    {"silu", make_silu},
    {"silu_gradient", make_silu_gradient},
    {"space_to_depth", make_block_move<true>},
    {"depth_to_space", make_block_move<false>},
    {"concat", make_concat},
    {"concat_gradient", make_concat_gradient},
    {"to_tokens", make_view},
    {"to_grid", make_view},
    {"neighbour_differences", make_neighbour_differences},
    {"neighbour_differences_gradient", make_neighbour_differences_gradient},
    {"cast", make_cast},
    {"noise_features", make_noise_features},
    {"weighted_squared_error", make_weighted_squared_error},
    {"weighted_squared_error_gradient", make_weighted_squared_error_gradient},
};

}  // namespace

std::span<const Kernel> pointwise_kernels() { return kernels; }

}  // namespace florilegium::cpu
