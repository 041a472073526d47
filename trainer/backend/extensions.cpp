#include "trainer/backend/extensions.h"

namespace florilegium {

#define FLORILEGIUM_HAS(macro) (#macro[0] == '1')
#define FLORILEGIUM_COMPILED_IN(macro) FLORILEGIUM_HAS(macro)  // expands the macro first: to 1 where it is defined

constinit const Extension extensions[extension_count] = {
    {"popcnt", FLORILEGIUM_COMPILED_IN(__POPCNT__)},
    {"sse4.1", FLORILEGIUM_COMPILED_IN(__SSE4_1__)},
    {"sse4.2", FLORILEGIUM_COMPILED_IN(__SSE4_2__)},
    {"avx", FLORILEGIUM_COMPILED_IN(__AVX__)},
    {"avx2", FLORILEGIUM_COMPILED_IN(__AVX2__)},
    {"bmi", FLORILEGIUM_COMPILED_IN(__BMI__)},
    {"bmi2", FLORILEGIUM_COMPILED_IN(__BMI2__)},
    {"fma", FLORILEGIUM_COMPILED_IN(__FMA__)},
    {"avx512f", FLORILEGIUM_COMPILED_IN(__AVX512F__)},
    {"avx512vl", FLORILEGIUM_COMPILED_IN(__AVX512VL__)},
    {"avx512bw", FLORILEGIUM_COMPILED_IN(__AVX512BW__)},
    {"avx512dq", FLORILEGIUM_COMPILED_IN(__AVX512DQ__)},
    {"avx512cd", FLORILEGIUM_COMPILED_IN(__AVX512CD__)},
    {"avx512vbmi", FLORILEGIUM_COMPILED_IN(__AVX512VBMI__)},
    {"avx512ifma", FLORILEGIUM_COMPILED_IN(__AVX512IFMA__)},
    {"avx512vnni", FLORILEGIUM_COMPILED_IN(__AVX512VNNI__)},
    {"avx512bitalg", FLORILEGIUM_COMPILED_IN(__AVX512BITALG__)},
    {"avx512vpopcntdq", FLORILEGIUM_COMPILED_IN(__AVX512VPOPCNTDQ__)},
    {"avx512bf16", FLORILEGIUM_COMPILED_IN(__AVX512BF16__)},
    {"gfni", FLORILEGIUM_COMPILED_IN(__GFNI__)},
};

}  // namespace florilegium
