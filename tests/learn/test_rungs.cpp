// What each rung of a ladder sees of pictures of several sizes.
#include "trainer/learn/rungs.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace florilegium;

TEST_CASE("one hint fits all rungs: a cell for each average that the coarsest sees") {
  for (const int side : {256, 512, 1024}) {
    CAPTURE(side);
    const NetworkConfig coarse = network_of_rung(rung("coarse"), "coarse", side),
                        guide = network_of_rung(rung("guide"), "guide", side),
                        fine = network_of_rung(rung("fine"), "fine", side);
    CHECK(coarse.image_size == 64);
    CHECK(guide.image_size == 64);
    CHECK(fine.image_size == side / 2);
    CHECK(coarse.hint_cell == 1);
    CHECK(guide.hint_cell == 1);
    REQUIRE(fine.hint);
    CHECK(fine.hint_cell == side / 64);
  }
  CHECK(!network_of_rung(rung("sharp"), "fine", 768).hint);  // 12 pixels a cell: on no grid of patches of 4
  CHECK(network_of_rung(rung("coarse"), "coarse", 768).hint);
  CHECK_THROWS_AS(network_of_rung(rung("coarse"), "coarse", 500), std::invalid_argument);
}
