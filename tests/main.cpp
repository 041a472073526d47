// The test program. Every other file here includes <doctest/doctest.h> and adds its cases; a suite
// named "slow" is left out where the sanitizers run. `florilegium_tests --help` shows how to pick
// cases.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
