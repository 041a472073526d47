// Flips as text: what is written is read, and nothing else is.
#include <doctest/doctest.h>

#include <stdexcept>

#include "src/studio/state/flips.h"

using namespace florilegium;

TEST_CASE("flips are written as step and seed, and read again") {
  CHECK(text_of({}).empty());
  CHECK(flips_of("").empty());
  const std::vector<Flip> flips = {{3, 5}, {7, 18446744073709551615u}};
  CHECK(text_of(flips) == "3:5,7:18446744073709551615");
  CHECK(flips_of(text_of(flips)) == flips);
}

TEST_CASE("any other text is refused with a sentence") {
  for (const char* text :
       {"3", "3:", ":5", "3:5;7:1", "3:5,7", "3:-5", "x:5", "3:5x", "3:18446744073709551616", "3,5:1"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(flips_of(text), doctest::Contains("a step and a seed each, not"), std::invalid_argument);
  }
}
