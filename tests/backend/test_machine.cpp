#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "trainer/backend/cores.h"
#include "trainer/backend/extensions.h"

using namespace florilegium;

TEST_CASE("what was compiled in and the processor lacks is listed, and here nothing is") {
  bool there[extension_count];
  char missing[400];
  look_at_machine(there);
  list_missing(extensions, there, missing, sizeof missing);
  CHECK(std::string(missing).empty());
  Extension made[extension_count] = {};
  bool nothing[extension_count] = {};
  for (std::size_t i = 0; i < extension_count; ++i) made[i] = {extensions[i].name, i == 4 || i == 7 || i == 8};
  list_missing(made, nothing, missing, sizeof missing);
  CHECK(std::string(missing) == "avx2, fma, avx512f");
  nothing[7] = true;
  list_missing(made, nothing, missing, sizeof missing);
  CHECK(std::string(missing) == "avx2, avx512f");
  list_missing(made, nothing, missing, 8);
  CHECK(std::string(missing) == "avx2");
#if defined(__x86_64__) && defined(__OPTIMIZE__)
  int compiled_in = 0;
  for (const Extension& one : extensions) compiled_in += one.compiled_in ? 1 : 0;
  MESSAGE("extensions compiled in: " << compiled_in);
#endif
}

TEST_CASE("cores are shared out to processes, and a binding that starves them is told") {
  struct Case {
    int own, all, processes, threads;
    bool told;
  };
  const Case cases[] = {{8, 8, 1, 8, false}, {8, 8, 2, 4, false}, {1, 8, 2, 1, true},
                        {4, 8, 2, 4, false}, {2, 16, 1, 2, true}, {16, 64, 4, 16, false},
                        {8, 8, 4, 2, false}, {2, 2, 4, 1, false}, {1, 1, 1, 1, false}};
  for (const Case& one : cases) {
    CAPTURE(one.own);
    CAPTURE(one.processes);
    CHECK(threads_for(one.own, one.all, one.processes) == one.threads);
    CHECK(starved(one.own, one.all, one.processes).empty() == !one.told);
  }
  CHECK(usable_cores() >= 1);
  CHECK(cores_of_parent() >= usable_cores());
}
