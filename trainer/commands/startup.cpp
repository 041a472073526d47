// Runs before everything else, and is compiled for any machine: a program that was compiled for a
// newer processor than this one ends with a sentence and not with an illegal instruction.
#include <cstdio>
#include <cstdlib>

#include "trainer/backend/extensions.h"

namespace florilegium {
namespace {

__attribute__((constructor(101))) void check_machine() {
  bool there[extension_count];
  char missing[400];
  look_at_machine(there);
  list_missing(extensions, there, missing, sizeof missing);
  if (missing[0] == '\0') return;
  std::fprintf(
      stderr,
      "florilegium: This program was compiled for a processor with %s, which this one has not. Build it on this "
      "machine, or for older ones too: cmake --preset native -DFLORILEGIUM_MARCH=x86-64-v2\n",
      missing);
  std::_Exit(1);
}

}  // namespace
}  // namespace florilegium
