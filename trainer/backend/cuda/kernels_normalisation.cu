// CUDA kernels of group and layer normalisation with their modulation and activation, forward and
// backward.
//
// Group normalisation takes three steps: sums over slices of rows for every channel (channel_sums),
// one warp a group that joins them into a table of factors for every channel, and one pass that
// applies the table. Every sum has a fixed order.
#include <cmath>

#include "trainer/backend/cuda/kernel.h"
#include "trainer/backend/cuda/launch.h"
#include "trainer/backend/cuda/numbers.h"

namespace florilegium::cuda {
namespace {

// ---- group_norm ---------------------------------------------------------------------------------

struct GroupSizes {
  std::uint32_t rows, channels, groups;  // rows: H W
  FLORILEGIUM_BOTH std::uint32_t per_group() const { return channels / groups; }
};

GroupSizes group_sizes(const Shape& s, int groups) {
  return {checked_count(s[1] * s[2]), checked_count(s[3]), checked_count(groups)};
}

/// Sums of x and x x.
template <class T, int V>
struct Moments {
  const T* x;
  GroupSizes z;
  FLORILEGIUM_BOTH void operator()(std::uint32_t n, std::uint32_t row, std::uint32_t channel, float (&first)[V],
                                   float (&second)[V]) const {
    const Pack<T, V> pack = load_pack<T, V>(x + (std::size_t{n} * z.rows + row) * z.channels + channel);
    for (int v = 0; v < V; ++v) {
      const float value = load(pack.at[v]);
      first[v] += value;
      second[v] += value * value;
    }
  }
};

/// Row n * groups + g: statistics of a group, and y = x * factor + offset for its channels; table
/// [N, 2, C].
struct GroupStatistics {
  const double* partial;
  const float* modulation;  // [N, 2 C]
  float *statistics, *table;
  ChannelSums s;
  GroupSizes z;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const std::uint32_t n = row / z.groups, size = z.per_group(), begin = row % z.groups * size;
    double sum = 0, square = 0;
    for (std::uint32_t k = warp.lane; k < s.slices * size; k += warp.lanes) {
      sum += partial[s.place(n, k / size, 0, begin + k % size)];
      square += partial[s.place(n, k / size, 1, begin + k % size)];
    }
    sum = warp.sum(sum);
    square = warp.sum(square);
    const double count = static_cast<double>(z.rows) * size, mean = sum / count, spread = square / count - mean * mean;
    const double variance = spread < 0 ? 0.0 : spread;  // NaN stays NaN
    const double inverse = 1.0 / sqrt(variance + static_cast<double>(norm_epsilon));
    if (warp.lane == 0) {
      statistics[2 * row] = static_cast<float>(mean);
      statistics[2 * row + 1] = static_cast<float>(inverse);
    }
    const float* own = modulation + std::size_t{n} * 2 * z.channels;
    float* to = table + std::size_t{n} * 2 * z.channels;
    for (std::uint32_t c = begin + warp.lane; c < begin + size; c += warp.lanes) {
      const double factor = inverse * (1.0 + static_cast<double>(own[c]));
      to[c] = static_cast<float>(factor);
      to[z.channels + c] = static_cast<float>(static_cast<double>(own[z.channels + c]) - mean * factor);
    }
  }
};

template <class T, int V>
struct ApplyGroupNorm {
  const T* x;
  const float* table;
  T* y;
  std::uint32_t columns, rows;  // packs in a row; rows in a picture
  bool activate;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t row = i / columns, channel = i % columns * V, n = row / rows, channels = columns * V;
    const float* own = table + std::size_t{n} * 2 * channels + channel;
    const Floats<V> factor(own), offset(own + channels);
    Pack<T, V> pack = load_pack<T, V>(x + std::size_t{i} * V);
    for (int v = 0; v < V; ++v) {
      const float value = load(pack.at[v]) * factor.at[v] + offset.at[v];
      pack.at[v] = store<T>(activate ? value * sigmoid(value) : value);
    }
    store_pack(y + std::size_t{i} * V, pack);
  }
};

std::int64_t group_norm_scratch(const Binding& b) {
  const Shape& s = b.in_shape(0);
  Cut cut(nullptr);
  cut.take<double>(channel_sums_of(s[0], s[1] * s[2], s[3]).partials());
  cut.take<float>(s[0] * 2 * s[3]);
  return cut.used();
}

Work make_group_norm(const Binding& b) {
  const Shape& s = b.in_shape(0);
  const GroupSizes z = group_sizes(s, b.node.attributes.groups);
  const ChannelSums sums = channel_sums_of(s[0], s[1] * s[2], s[3]);
  Cut cut(b.scratch);
  auto* partial = cut.take<double>(sums.partials());
  auto* table = cut.take<float>(s[0] * 2 * s[3]);
  const GroupStatistics statistics{
      partial, static_cast<const float*>(b.in[1]), static_cast<float*>(b.out[1]), table, sums, z};
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto* x = static_cast<const T*>(b.in[0]);
    return with_width<T>(s[3], {b.in[0], b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const Moments<T, V> moments{x, z};
      const ApplyGroupNorm<T, V> apply{
          x, table, static_cast<T*>(b.out[0]), z.channels / V, z.rows, b.node.attributes.activate};
      return [stream = b.stream, sums, partial, moments, statistics, apply, groups = sums.pictures * z.groups,
              packs = checked_count(elements(s) / V)] {
        channel_sums<V>(stream, sums, moments, partial);
        each_row(stream, groups, statistics);
        each(stream, packs, apply);
      };
    });
  });
}

// With h = (x - mean) * inverse, z = h * (1 + scale) + shift and d_z = d_y, or d_y silu'(z) when
// activated:
//   d_shift = sum d_z, d_scale = sum d_z h, and with g = d_z (1 + scale) over a group of M numbers
//   d_x = inverse * (g - sum(g) / M - h * sum(g h) / M).

/// What the backward pass needs of V channels of one group in one picture. V > 1 only where V
/// divides the channels of a group.
template <int V>
struct GroupBackward {
  float mean, inverse;
  Floats<V> scale, shift;

  FLORILEGIUM_BOTH GroupBackward(const float* statistics, const float* modulation, const GroupSizes& z, std::uint32_t n,
                                 std::uint32_t channel)
      : mean(statistics[(std::size_t{n} * z.groups + channel / z.per_group()) * 2]),
        inverse(statistics[(std::size_t{n} * z.groups + channel / z.per_group()) * 2 + 1]),
        scale(modulation + std::size_t{n} * 2 * z.channels + channel),
        shift(modulation + std::size_t{n} * 2 * z.channels + z.channels + channel) {}
  FLORILEGIUM_BOTH float h(float x) const { return (x - mean) * inverse; }
  FLORILEGIUM_BOTH float d_z(int v, float h, float d_y, bool activate) const {
    return activate ? d_y * silu_slope(h * (1.0f + scale.at[v]) + shift.at[v]) : d_y;
  }
};

/// Sums of d_z and d_z h.
template <class T, int V>
struct GroupGradientSums {
  const T *x, *d_y;
  const float *statistics, *modulation;
  GroupSizes z;
  bool activate;
  FLORILEGIUM_BOTH void operator()(std::uint32_t n, std::uint32_t row, std::uint32_t channel, float (&first)[V],
                                   float (&second)[V]) const {
    const std::size_t at = (std::size_t{n} * z.rows + row) * z.channels + channel;
    const Pack<T, V> values = load_pack<T, V>(x + at), slopes = load_pack<T, V>(d_y + at);
    const GroupBackward<V> backward(statistics, modulation, z, n, channel);
    for (int v = 0; v < V; ++v) {
      const float h = backward.h(load(values.at[v])), d_z = backward.d_z(v, h, load(slopes.at[v]), activate);
      first[v] += d_z;
      second[v] += d_z * h;
    }
  }
};

/// Row n * groups + g: d_modulation of its channels, and d_x = d_z * table[0] + h * table[1] +
/// table[2]; table [N, 3, C].
struct GroupGradientTable {
  const double* partial;
  const float *modulation, *statistics;
  float *d_modulation, *table;
  ChannelSums s;
  GroupSizes z;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const std::uint32_t n = row / z.groups, size = z.per_group(), begin = row % z.groups * size;
    const float* scale = modulation + std::size_t{n} * 2 * z.channels;
    float* to = d_modulation + std::size_t{n} * 2 * z.channels;
    double group_sum = 0, group_product = 0;
    for (std::uint32_t c = begin; c < begin + size; ++c) {
      double sum = 0, product = 0;
      for (std::uint32_t k = warp.lane; k < s.slices; k += warp.lanes) {
        sum += partial[s.place(n, k, 0, c)];
        product += partial[s.place(n, k, 1, c)];
      }
      sum = warp.sum(sum);
      product = warp.sum(product);
      if (warp.lane == 0) {
        to[c] = static_cast<float>(product);
        to[z.channels + c] = static_cast<float>(sum);
      }
      group_sum += sum * (1.0 + static_cast<double>(scale[c]));
      group_product += product * (1.0 + static_cast<double>(scale[c]));
    }
    const double count = static_cast<double>(z.rows) * size, inverse = static_cast<double>(statistics[2 * row + 1]);
    float* own = table + std::size_t{n} * 3 * z.channels;
    for (std::uint32_t c = begin + warp.lane; c < begin + size; c += warp.lanes) {
      own[c] = static_cast<float>(inverse * (1.0 + static_cast<double>(scale[c])));
      own[z.channels + c] = static_cast<float>(-inverse * group_product / count);
      own[2 * z.channels + c] = static_cast<float>(-inverse * group_sum / count);
    }
  }
};

template <class T, int V>
struct ApplyGroupGradient {
  const T *x, *d_y;
  const float *statistics, *modulation, *table;
  T* d_x;
  GroupSizes z;
  bool activate;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {
    const std::uint32_t columns = z.channels / V, row = i / columns, channel = i % columns * V, n = row / z.rows;
    const float* own = table + std::size_t{n} * 3 * z.channels + channel;
    const Floats<V> slope(own), along(own + z.channels), offset(own + 2 * z.channels);
    const Pack<T, V> values = load_pack<T, V>(x + std::size_t{i} * V),
                     slopes = load_pack<T, V>(d_y + std::size_t{i} * V);
    const GroupBackward<V> backward(statistics, modulation, z, n, channel);
    Pack<T, V> pack;
    for (int v = 0; v < V; ++v) {
      const float h = backward.h(load(values.at[v])), d_z = backward.d_z(v, h, load(slopes.at[v]), activate);
      pack.at[v] = store<T>(d_z * slope.at[v] + h * along.at[v] + offset.at[v]);
    }
    store_pack(d_x + std::size_t{i} * V, pack);
  }
};

std::int64_t group_norm_gradient_scratch(const Binding& b) {
  const Shape& s = b.in_shape(1);
  Cut cut(nullptr);
  cut.take<double>(channel_sums_of(s[0], s[1] * s[2], s[3]).partials());
  cut.take<float>(s[0] * 3 * s[3]);
  return cut.used();
}

Work make_group_norm_gradient(const Binding& b) {
  const Shape& s = b.in_shape(1);
  const GroupSizes z = group_sizes(s, b.node.attributes.groups);
  const ChannelSums sums = channel_sums_of(s[0], s[1] * s[2], s[3]);
  Cut cut(b.scratch);
  auto* partial = cut.take<double>(sums.partials());
  auto* table = cut.take<float>(s[0] * 3 * s[3]);
  const auto *modulation = static_cast<const float*>(b.in[2]), *statistics = static_cast<const float*>(b.in[3]);
  const GroupGradientTable join{partial, modulation, statistics, static_cast<float*>(b.out[1]), table, sums, z};
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const auto *d_y = static_cast<const T*>(b.in[0]), *x = static_cast<const T*>(b.in[1]);
    return with_width<T>(z.per_group(), {b.in[0], b.in[1], b.in[2], b.out[0]}, [&]<int V>(Width<V>) -> Work {
      const GroupGradientSums<T, V> add{x, d_y, statistics, modulation, z, b.node.attributes.activate};
      const ApplyGroupGradient<T, V> apply{
          x, d_y, statistics, modulation, table, static_cast<T*>(b.out[0]), z, b.node.attributes.activate};
      return [stream = b.stream, sums, partial, add, join, apply, groups = sums.pictures * z.groups,
              packs = checked_count(elements(s) / V)] {
        channel_sums<V>(stream, sums, add, partial);
        each_row(stream, groups, join);
        each(stream, packs, apply);
      };
    });
  });
}

// ---- layer_norm ---------------------------------------------------------------------------------

/// One row is one token of D numbers.
template <class T>
struct LayerNorm {
  const T* x;
  const float* modulation;  // [N, 2 D]
  T* y;
  float* statistics;
  std::uint32_t tokens, width;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const T* from = x + std::size_t{row} * width;
    T* to = y + std::size_t{row} * width;
    const float *scale = modulation + std::size_t{row / tokens} * 2 * width, *shift = scale + width;
    float sum = 0, square = 0;
    for (std::uint32_t i = warp.lane; i < width; i += warp.lanes) sum += load(from[i]);
    const float mean = warp.sum(sum) / static_cast<float>(width);
    for (std::uint32_t i = warp.lane; i < width; i += warp.lanes)
      square += (load(from[i]) - mean) * (load(from[i]) - mean);
    const float inverse = 1.0f / sqrtf(warp.sum(square) / static_cast<float>(width) + norm_epsilon);
    if (warp.lane == 0) {
      statistics[2 * std::size_t{row}] = mean;
      statistics[2 * std::size_t{row} + 1] = inverse;
    }
    for (std::uint32_t i = warp.lane; i < width; i += warp.lanes)
      to[i] = store<T>((load(from[i]) - mean) * inverse * (1.0f + scale[i]) + shift[i]);
  }
};

Work make_layer_norm(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const Shape& s = b.in_shape(0);
    const LayerNorm<T> f{static_cast<const T*>(b.in[0]),
                         static_cast<const float*>(b.in[1]),
                         static_cast<T*>(b.out[0]),
                         static_cast<float*>(b.out[1]),
                         checked_count(s[1]),
                         checked_count(s[2])};
    return [stream = b.stream, rows = checked_count(s[0] * s[1]), f] { each_row(stream, rows, f); };
  });
}

/// d_x of one token: with h the normalised number and g = d_y (1 + scale), inverse * (g - mean(g) -
/// h * mean(g h)).
template <class T>
struct LayerNormInputGradient {
  const T *d_y, *x;
  const float *modulation, *statistics;
  T* d_x;
  std::uint32_t tokens, width;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const T *from = x + std::size_t{row} * width, *slope = d_y + std::size_t{row} * width;
    T* to = d_x + std::size_t{row} * width;
    const float* scale = modulation + std::size_t{row / tokens} * 2 * width;
    const float mean = statistics[2 * std::size_t{row}], inverse = statistics[2 * std::size_t{row} + 1];
    float sum = 0, product = 0;
    for (std::uint32_t i = warp.lane; i < width; i += warp.lanes) {
      const float h = (load(from[i]) - mean) * inverse, g = load(slope[i]) * (1.0f + scale[i]);
      sum += g;
      product += g * h;
    }
    const float mean_sum = warp.sum(sum) / static_cast<float>(width),
                mean_product = warp.sum(product) / static_cast<float>(width);
    for (std::uint32_t i = warp.lane; i < width; i += warp.lanes) {
      const float h = (load(from[i]) - mean) * inverse;
      to[i] = store<T>(inverse * (load(slope[i]) * (1.0f + scale[i]) - mean_sum - h * mean_product));
    }
  }
};

/// Sums of d_y and d_y h over the tokens of a picture.
template <class T, int V>
struct LayerGradientSums {
  const T *d_y, *x;
  const float* statistics;
  std::uint32_t tokens, width;
  FLORILEGIUM_BOTH void operator()(std::uint32_t n, std::uint32_t token, std::uint32_t channel, float (&first)[V],
                                   float (&second)[V]) const {
    const std::size_t row = std::size_t{n} * tokens + token;
    const float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
    const Pack<T, V> values = load_pack<T, V>(x + row * width + channel),
                     slopes = load_pack<T, V>(d_y + row * width + channel);
    for (int v = 0; v < V; ++v) {
      const float d = load(slopes.at[v]);
      first[v] += d;
      second[v] += d * ((load(values.at[v]) - mean) * inverse);
    }
  }
};

struct LayerModulationGradient {
  const double* partial;
  float* d_modulation;  // [N, 2 D]
  ChannelSums s;
  FLORILEGIUM_BOTH void operator()(std::uint32_t i) const {  // i: picture and channel
    const std::uint32_t n = i / s.channels, c = i % s.channels;
    double sum = 0, product = 0;
    for (std::uint32_t slice = 0; slice < s.slices; ++slice) {
      sum += partial[s.place(n, slice, 0, c)];
      product += partial[s.place(n, slice, 1, c)];
    }
    d_modulation[std::size_t{n} * 2 * s.channels + c] = static_cast<float>(product);
    d_modulation[std::size_t{n} * 2 * s.channels + s.channels + c] = static_cast<float>(sum);
  }
};

std::int64_t layer_norm_gradient_scratch(const Binding& b) {
  const Shape& s = b.in_shape(1);
  return channel_sums_of(s[0], s[1], s[2]).partials() * 8;
}

Work make_layer_norm_gradient(const Binding& b) {
  return with_type(b.out_type(0), [&]<class T>(T) -> Work {
    const Shape& s = b.in_shape(1);
    const auto *d_y = static_cast<const T*>(b.in[0]), *x = static_cast<const T*>(b.in[1]);
    const auto *modulation = static_cast<const float*>(b.in[2]), *statistics = static_cast<const float*>(b.in[3]);
    const ChannelSums sums = channel_sums_of(s[0], s[1], s[2]);
    auto* partial = reinterpret_cast<double*>(b.scratch);
    const std::uint32_t tokens = checked_count(s[1]), width = checked_count(s[2]);
    const LayerNormInputGradient<T> input{d_y, x, modulation, statistics, static_cast<T*>(b.out[0]), tokens, width};
    const LayerModulationGradient join{partial, static_cast<float*>(b.out[1]), sums};
    return with_width<T>(s[2], {b.in[0], b.in[1]}, [&]<int V>(Width<V>) -> Work {
      const LayerGradientSums<T, V> add{d_y, x, statistics, tokens, width};
      return [stream = b.stream, sums, partial, add, join, input, rows = checked_count(s[0] * s[1]),
              channels = checked_count(s[0] * s[2])] {
        channel_sums<V>(stream, sums, add, partial);
        each(stream, channels, join);
        each_row(stream, rows, input);
      };
    });
  });
}

constexpr Kernel normalisation[] = {
    {"group_norm", make_group_norm, group_norm_scratch},
    {"group_norm_gradient", make_group_norm_gradient, group_norm_gradient_scratch},
    {"layer_norm", make_layer_norm},
    {"layer_norm_gradient", make_layer_norm_gradient, layer_norm_gradient_scratch},
};

}  // namespace

std::span<const Kernel> normalisation_kernels() { return normalisation; }

}  // namespace florilegium::cuda
