// Numbers of the CUDA kernels: bf16 or f32 in memory, f32 in registers. Every function runs on the
// device and on the host.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>

#include "trainer/graph/graph.h"

#ifdef __CUDACC__
#define FLORILEGIUM_BOTH __host__ __device__
#else
#define FLORILEGIUM_BOTH
#endif

namespace florilegium::cuda {

struct Bf16 {
  std::uint16_t bits;
};

FLORILEGIUM_BOTH inline float number_of(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return __uint_as_float(bits);
#else
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
#endif
}

FLORILEGIUM_BOTH inline std::uint32_t bits_of(float v) {
#ifdef __CUDA_ARCH__
  return __float_as_uint(v);
#else
  std::uint32_t bits;
  std::memcpy(&bits, &v, sizeof v);
  return bits;
#endif
}

FLORILEGIUM_BOTH inline float load(float v) { return v; }
FLORILEGIUM_BOTH inline float load(Bf16 v) { return number_of(static_cast<std::uint32_t>(v.bits) << 16); }

template <class T>
FLORILEGIUM_BOTH inline T store(float v) {
  if constexpr (std::is_same_v<T, float>) {
    return v;
  } else {  // to nearest, ties to even; NaN stays NaN because training must see it
    const std::uint32_t bits = bits_of(v);
    const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    return {static_cast<std::uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? 0x7fc0U : rounded)};
  }
}

FLORILEGIUM_BOTH inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
/// d silu(x) / d x.
FLORILEGIUM_BOTH inline float silu_slope(float x) {
  const float s = sigmoid(x);
  return s * (1.0f + x * (1.0f - s));
}

/// V neighbouring numbers, moved with one memory access when they are 16 bytes or less; `p` is
/// aligned to all of them.
template <class T, int V>
struct alignas(sizeof(T) * V) Pack {
  T at[V];
};
template <class T, int V>
FLORILEGIUM_BOTH inline Pack<T, V> load_pack(const T* p) {
  return *reinterpret_cast<const Pack<T, V>*>(p);
}
template <class T, int V>
FLORILEGIUM_BOTH inline void store_pack(T* p, const Pack<T, V>& pack) {
  *reinterpret_cast<Pack<T, V>*>(p) = pack;
}

/// V neighbouring f32 numbers; `p` is aligned to 16 bytes when V > 1.
template <int V>
struct Floats {
  float at[V];
  FLORILEGIUM_BOTH explicit Floats(const float* p) {
    if constexpr (V % 4 == 0) {
      for (int v = 0; v < V; v += 4) {
        const Pack<float, 4> four = load_pack<float, 4>(p + v);
        for (int k = 0; k < 4; ++k) at[v + k] = four.at[k];
      }
    } else {
      for (int v = 0; v < V; ++v) at[v] = p[v];
    }
  }
};

/// Calls f with a value of the C++ type that stands for `type`.
template <class F>
auto with_type(Type type, F&& f) {
  return type == Type::f32 ? f(float{}) : f(Bf16{});
}

template <int V>
using Width = std::integral_constant<int, V>;

/// Calls f(Width<V>) with how many T's to move at once: 16 bytes of them where the `unit` they come
/// in divides so and all pointers are aligned to 16 bytes (parameters and their gradients need not
/// be), else one.
template <class T, class F>
auto with_width(std::int64_t unit, std::initializer_list<const void*> pointers, F&& f) {
  constexpr int wide = 16 / static_cast<int>(sizeof(T));
  bool fits = unit % wide == 0;
  for (const void* pointer : pointers) fits = fits && reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0;
  return fits ? f(Width<wide>{}) : f(Width<1>{});
}

}  // namespace florilegium::cuda
