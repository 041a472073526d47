// The easel: strokes paint the cells they pass over, the hint has the contract's layout, and every
// change can be undone.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "src/studio/state/easel.h"

using namespace florilegium;

namespace {

constexpr int side = 16;

Easel easel_with(Tool tool, float brush) {
  Easel easel;
  fit(easel, side * 8, true);
  easel.tool = tool;
  easel.brush = brush;
  return easel;
}

bool painted(const Easel& easel, int column, int row) {
  return easel.cells.colours[static_cast<std::size_t>(row * side + column) * 4 + 3] == 255;
}
auto painted_cells(const Easel& easel) {
  int count = 0;
  for (std::size_t i = 3; i < easel.cells.colours.size(); i += 4) count += easel.cells.colours[i] != 0;
  return count;
}
auto region_cells(const Easel& easel) { return std::count(easel.cells.region.begin(), easel.cells.region.end(), 1); }

}  // namespace

TEST_CASE("the thinnest brush paints the one cell below it, a thick one a disc of its diameter") {
  Easel thin = easel_with(Tool::brush, thinnest_brush);
  begin_stroke(thin, 0.99f, 0.01f);
  CHECK(painted(thin, 15, 0));
  CHECK(painted_cells(thin) == 1);

  Easel thick = easel_with(Tool::brush, 0.5f);  // 8 cells wide: an area of 50 cells
  begin_stroke(thick, 0.5f, 0.5f);
  CHECK(painted_cells(thick) == 52);
  CHECK(painted(thick, 4, 8));
  CHECK_FALSE(painted(thick, 3, 8));
  CHECK_FALSE(painted(thick, 4, 4));
}

TEST_CASE("a stroke leaves no gaps, however far apart its places are, and ends at the sheet's edge") {
  Easel easel = easel_with(Tool::brush, thinnest_brush);
  begin_stroke(easel, 0.03f, 0.53f);
  stroke_to(easel, 0.97f, 0.53f);
  CHECK(painted_cells(easel) == side);
  stroke_to(easel, 3.0f, 0.53f);
  stroke_to(easel, -2.0f, -2.0f);
  begin_stroke(easel, -0.5f, 1.5f);
  for (int column = 0; column < side; ++column) CHECK(painted(easel, column, 8));
}

TEST_CASE("the hint has red, green, blue from -1 to 1 and a plane that is 1 where painted; nothing elsewhere") {
  Easel easel = easel_with(Tool::brush, thinnest_brush);
  easel.ink = {255, 0, 51};
  begin_stroke(easel, 2.5f / side, 1.5f / side);
  const std::vector<float> hint = hint_of(easel);
  REQUIRE(hint.size() == 4 * side * side);
  const std::size_t cell = side + 2, plane = side * side;
  CHECK(hint[cell] == 1.0f);
  CHECK(hint[plane + cell] == -1.0f);
  CHECK(hint[2 * plane + cell] == doctest::Approx(-0.6f));
  CHECK(hint[3 * plane + cell] == 1.0f);
  CHECK(std::count(hint.begin(), hint.end(), 0.0f) == 4 * side * side - 4);
}

TEST_CASE("the eraser takes colours and region away; undo and redo walk through all of it") {
  Easel easel = easel_with(Tool::brush, 0.3f);
  begin_stroke(easel, 0.25f, 0.25f);
  const auto colours = easel.cells.colours;
  easel.tool = Tool::region;
  begin_stroke(easel, 0.75f, 0.75f);
  CHECK(has_region(easel));
  CHECK(easel.cells.colours == colours);
  const auto marked = region_cells(easel);
  easel.tool = Tool::eraser;
  begin_stroke(easel, 0.25f, 0.25f);
  CHECK_FALSE(has_colours(easel));
  CHECK(region_cells(easel) == marked);
  stroke_to(easel, 0.75f, 0.75f);
  CHECK_FALSE(has_region(easel));

  undo(easel);
  CHECK(easel.cells.colours == colours);
  CHECK(region_cells(easel) == marked);
  undo(easel);
  CHECK_FALSE(has_region(easel));
  undo(easel);
  CHECK_FALSE(has_colours(easel));
  undo(easel);  // there is nothing more
  redo(easel);
  CHECK(easel.cells.colours == colours);
  clear(easel);
  CHECK_FALSE(has_colours(easel));
  CHECK(easel.future.empty());
  undo(easel);
  CHECK(easel.cells.colours == colours);
}

TEST_CASE("a picture as a guide paints every cell in the mean of its pixels") {
  Easel easel = easel_with(Tool::brush, 0.1f);
  Picture picture = blank_picture(side * 8, side * 8, 40, 80, 120);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 4; ++x)
      picture.rgba[static_cast<std::size_t>(y * side * 8 + x) * 4] = 200;  // the left half of the first cell
  paint_picture(easel, picture);
  CHECK(painted_cells(easel) == side * side);
  CHECK(easel.cells.colours[0] == 120);
  CHECK(easel.cells.colours[4] == 40);
  CHECK(easel.cells.colours[5] == 80);
  undo(easel);
  CHECK_FALSE(has_colours(easel));
}

TEST_CASE(
    "another model's size empties the easel; the same size keeps it, and without colours a region remains to be "
    "marked") {
  Easel easel = easel_with(Tool::brush, 0.1f);
  begin_stroke(easel, 0.5f, 0.5f);
  easel.guide = blank_picture(side * 8, side * 8, 1, 2, 3);
  fit(easel, side * 8, false);
  CHECK(has_colours(easel));
  CHECK(easel.guide.width == side * 8);
  CHECK(easel.tool == Tool::region);
  fit(easel, side * 16, true);
  CHECK_FALSE(has_colours(easel));
  CHECK(easel.past.empty());
  CHECK(easel.guide.width == 0);
  CHECK(easel.cells.region.size() == 4 * side * side);
}

TEST_CASE("only so many strokes are remembered, the newest") {
  Easel easel = easel_with(Tool::brush, thinnest_brush);
  for (int i = 0; i < 200; ++i)
    begin_stroke(easel, static_cast<float>(i % side) / side, static_cast<float>(i / side) / side);
  CHECK(easel.past.size() == 60);
  for (int i = 0; i < 60; ++i) undo(easel);
  CHECK(painted_cells(easel) == 140);
}
