// Extensions of the instruction set that the trainer was compiled to use, and whether this machine
// has them. Looked at before anything else runs, so there is nothing here but C.
#pragma once

#include <cstddef>
#include <cstring>

namespace florilegium {

struct Extension {
  const char* name;  ///< as __builtin_cpu_supports has it
  bool compiled_in;
};

inline constexpr std::size_t extension_count = 20;

/// Constant data: reading it takes no instruction that the machine may lack.
extern const Extension extensions[extension_count];

/// Writes the names of those that were compiled in and are not there, with commas between them;
/// there[i] says it of extensions[i]. Empty when the program can run.
inline void list_missing(const Extension (&all)[extension_count], const bool (&there)[extension_count], char* to,
                         std::size_t room) {
  to[0] = '\0';
  for (std::size_t i = 0; i < extension_count; ++i) {
    if (!all[i].compiled_in || there[i] || std::strlen(to) + std::strlen(all[i].name) + 3 > room) continue;
    if (to[0] != '\0') std::strcat(to, ", ");
    std::strcat(to, all[i].name);
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
/// What this machine has, in the order of `extensions`.
inline void look_at_machine(bool (&there)[extension_count]) {
  __builtin_cpu_init();
  const bool found[extension_count] = {
      __builtin_cpu_supports("popcnt") != 0,       __builtin_cpu_supports("sse4.1") != 0,
      __builtin_cpu_supports("sse4.2") != 0,       __builtin_cpu_supports("avx") != 0,
      __builtin_cpu_supports("avx2") != 0,         __builtin_cpu_supports("bmi") != 0,
      __builtin_cpu_supports("bmi2") != 0,         __builtin_cpu_supports("fma") != 0,
      __builtin_cpu_supports("avx512f") != 0,      __builtin_cpu_supports("avx512vl") != 0,
      __builtin_cpu_supports("avx512bw") != 0,     __builtin_cpu_supports("avx512dq") != 0,
      __builtin_cpu_supports("avx512cd") != 0,     __builtin_cpu_supports("avx512vbmi") != 0,
      __builtin_cpu_supports("avx512ifma") != 0,   __builtin_cpu_supports("avx512vnni") != 0,
      __builtin_cpu_supports("avx512bitalg") != 0, __builtin_cpu_supports("avx512vpopcntdq") != 0,
      __builtin_cpu_supports("avx512bf16") != 0,   __builtin_cpu_supports("gfni") != 0};
  std::memcpy(there, found, sizeof found);
}
#else
inline void look_at_machine(bool (&there)[extension_count]) { std::memset(there, 1, sizeof there); }
#endif

}  // namespace florilegium
