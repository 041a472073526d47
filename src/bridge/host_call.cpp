#include "src/bridge/host_call.h"

#include <emscripten/emscripten.h>

// clang-format off
EM_JS(double, js_host_call, (const char* part, const char* wish, const void* given, int count), {
  const values = {};
  for (let i = 0, at = given; i < count; ++i, at += 40) {
    const data = HEAPU32[(at + 24) >> 2], width = HEAP32[(at + 28) >> 2], height = HEAP32[(at + 32) >> 2];
    const read = [
      () => HEAPF64[(at + 8) >> 3],
      () => HEAPF64[(at + 8) >> 3] !== 0,
      () => (BigInt(HEAPU32[(at + 20) >> 2]) << 32n) | BigInt(HEAPU32[(at + 16) >> 2]),
      () => UTF8ToString(data),
      () => ({rgba: HEAPU8.slice(data, data + width * height * 4), width, height}),
      () => Array.from(HEAP32.subarray(data >> 2, (data >> 2) + width)),
    ];
    values[UTF8ToString(HEAPU32[at >> 2])] = read[HEAP32[(at + 4) >> 2]]();
  }
  const side = Module.host[UTF8ToString(part)];
  return side ? Number(side[UTF8ToString(wish)](values) || 0) : 0;
})
// clang-format on

double florilegium::host_call(const char* part, const char* wish, std::initializer_list<Given> given) {
  static_assert(sizeof(Given) == 40);
  return js_host_call(part, wish, given.begin(), static_cast<int>(given.size()));
}
