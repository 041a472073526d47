// The gallery without a page: the host only writes down what it is asked for.
#include "src/studio/state/gallery.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "src/studio/state/studio.h"
#include "tests/studio/fake_host.h"

using namespace florilegium;

namespace {

constexpr int size = 2, values = 3 * size * size;

/// A studio in the gallery, with a model of 2 x 2 pixels and a sheet of four plates in two steps,
/// from seed 10 on, that has begun.
Studio with_sheet() {
  asked = {};
  Studio studio;
  studio.room = Room::gallery;
  studio.model.file = "tiny.onnx";
  studio.model.image_size = size;
  studio.settings.steps = 2;
  studio.gallery.first_seed = 10;
  studio.gallery.count = 4;
  start_sheet(studio);
  return studio;
}

void begin_cell(Studio& studio, float value) {
  cell_begun(studio, size, std::vector<float>(values, value), std::vector<float>{1, 0.5f, 0});
}
void step_cell(Studio& studio, float predicted) {
  cell_stepped(studio, std::vector<Kept>(values, keep(predicted)), 100);
}
void grow_one(Studio& studio) {
  begin_cell(studio, 0);
  step_cell(studio, 1);
  step_cell(studio, 1);
  cell_ended(studio, CellEnd::finished);
}
int red(const Cell& cell) { return cell.thumbnail.rgba.at(0); }

}  // namespace

TEST_CASE("a sheet grows its seeds in order and then is full") {
  Studio studio = with_sheet();
  Gallery& gallery = studio.gallery;
  for (int i = 0; i < 4; ++i) {
    CHECK(gallery.state == SheetState::growing);
    CHECK(cells_done(gallery) == i);
    grow_one(studio);
  }
  CHECK(asked.grown == std::vector<std::uint64_t>{10, 11, 12, 13});
  CHECK(gallery.state == SheetState::finished);
  CHECK(asked.said.back() == "The sheet is full: 4 plates.");
  CHECK(recipe_of(gallery, 2).settings.seed == 12);
  CHECK(recipe_of(gallery, 2).model == "tiny.onnx");
}

TEST_CASE("a cell shows its noise, then each step's blend with the prediction") {
  Studio studio = with_sheet();
  Gallery& gallery = studio.gallery;
  begin_cell(studio, -1);
  CHECK(red(gallery.cells[0]) == 0);
  const int first = gallery.cells[0].version;
  step_cell(studio, 1);  // from noise level 1 to 0.5: half of each
  CHECK(red(gallery.cells[0]) == 128);
  CHECK(gallery.cells[0].version != first);
  CHECK(sheet_seconds_left(gallery) == doctest::Approx(0.7));  // 8 steps of 0.1 s, one of them done
  step_cell(studio, 1);
  CHECK(red(gallery.cells[0]) == 255);
  CHECK(gallery.cells[0].step == 2);
}

TEST_CASE("while the visitor grows a plate the sheet waits, in its room or until that is opened again") {
  Studio studio = with_sheet();
  Gallery& gallery = studio.gallery;
  asked.visitor_grows = true;
  grow_one(studio);
  CHECK(gallery.state == SheetState::waiting);
  asked.visitor_grows = false;
  SUBCASE("in its room") {
    engine_free(studio);
    CHECK(gallery.state == SheetState::growing);
  }
  SUBCASE("elsewhere") {
    studio.room = Room::grow;
    engine_free(studio);
    CHECK(gallery.state == SheetState::interrupted);
    gallery_opened(studio);
    CHECK(gallery.state == SheetState::growing);
  }
  CHECK(asked.grown == std::vector<std::uint64_t>{10, 11});
}

TEST_CASE("an interrupted cell begins anew, a failed one when it is asked for, and neither is done") {
  for (const CellEnd end : {CellEnd::interrupted, CellEnd::failed}) {
    Studio studio = with_sheet();
    Gallery& gallery = studio.gallery;
    begin_cell(studio, 0);
    step_cell(studio, 1);
    cell_ended(studio, end);
    CHECK(gallery.cells[0].step == 0);
    CHECK(cells_done(gallery) == 0);
    gallery_opened(studio);
    CHECK(asked.grown.size() == (end == CellEnd::failed ? 1 : 2));
    if (end == CellEnd::failed) toggle_sheet(studio);
    CHECK(asked.grown == std::vector<std::uint64_t>{10, 10});
  }
}

TEST_CASE("another model does not go on with a sheet, but begins one of its own") {
  Studio studio = with_sheet();
  grow_one(studio);
  cell_ended(studio, CellEnd::interrupted);
  studio.model.file = "other.onnx";
  gallery_opened(studio);
  CHECK(studio.gallery.state == SheetState::interrupted);
  toggle_sheet(studio);
  CHECK(studio.gallery.recipe.model == "other.onnx");
  CHECK(cells_done(studio.gallery) == 0);
}

TEST_CASE(
    "pause holds the cell where it is; paused in its last step the sheet stays paused and goes on with the next cell") {
  Studio studio = with_sheet();
  Gallery& gallery = studio.gallery;
  begin_cell(studio, 0);
  step_cell(studio, 1);
  toggle_sheet(studio);
  CHECK(gallery.state == SheetState::paused);
  CHECK(asked.said.at(1) == "pause");
  SUBCASE("in the middle") {
    toggle_sheet(studio);
    CHECK(asked.said.back() == "resume");
    CHECK(asked.grown.size() == 1);
  }
  SUBCASE("in the last step") {
    step_cell(studio, 1);
    cell_ended(studio, CellEnd::finished);
    CHECK(gallery.state == SheetState::paused);
    CHECK(asked.grown.size() == 1);
    toggle_sheet(studio);
    CHECK(asked.grown == std::vector<std::uint64_t>{10, 11});
  }
  CHECK(gallery.state == SheetState::growing);
}

TEST_CASE("after a full sheet the next one has the seeds that follow") {
  Studio studio = with_sheet();
  for (int i = 0; i < 4; ++i) grow_one(studio);
  toggle_sheet(studio);
  CHECK(asked.grown.back() == 14);
  CHECK(studio.gallery.recipe.settings.seed == 14);
}

TEST_CASE("a favourite is one recipe; what differs in any setting or in the model is another plate") {
  Studio studio = with_sheet();
  const Recipe recipe = recipe_of(studio.gallery, 1);
  Recipe other = recipe;
  other.settings.sampler = "heun";
  toggle_favourite(studio, recipe, {});
  CHECK(is_favourite(studio.gallery, recipe));
  CHECK(!is_favourite(studio.gallery, other));
  toggle_favourite(studio, recipe, {});
  CHECK(!is_favourite(studio.gallery, recipe));
  CHECK(asked.said.at(1) == "keep 11");
  CHECK(asked.said.at(3) == "forget 11");
}

TEST_CASE("there is room for so many favourites; one more is refused in a sentence, until one is given back") {
  Studio studio = with_sheet();
  Recipe recipe = recipe_of(studio.gallery, 0);
  for (int i = 0; i < most_favourites; ++i) {
    recipe.settings.seed = static_cast<std::uint64_t>(1000 + i);
    toggle_favourite(studio, recipe, {});
  }
  CHECK(studio.notices.empty());
  Recipe more = recipe;
  more.settings.seed = 5;
  const std::size_t said = asked.said.size();
  toggle_favourite(studio, more, {});
  CHECK(!is_favourite(studio.gallery, more));
  CHECK(asked.said.size() == said + 1);  // the sentence: nothing was kept
  REQUIRE(studio.notices.size() == 1);
  CHECK(studio.notices[0].text == "There is room for 100 favourites. Take the star from one of them first.");
  toggle_favourite(studio, recipe, {});
  toggle_favourite(studio, more, {});
  CHECK(is_favourite(studio.gallery, more));
  CHECK(studio.gallery.favourites.size() == static_cast<std::size_t>(most_favourites));
}

TEST_CASE("a half full sheet is saved with the plates that it has") {
  Studio studio = with_sheet();
  save_sheet(studio);
  CHECK(asked.sheet.empty());
  for (int i = 0; i < 3; ++i) grow_one(studio);
  begin_cell(studio, 0);
  save_sheet(studio);
  CHECK(asked.sheet.size() == 3);
  CHECK(asked.columns == 2);
  CHECK(note("florilegium.count") == "3");
  CHECK(note("florilegium.first_seed") == "10");
  CHECK(note("florilegium.model") == "tiny.onnx");
}

TEST_CASE("steps are chosen evenly, the first and the last among them") {
  CHECK(evenly_chosen(0, 20, 6) == std::vector<int>{0, 4, 8, 12, 16, 20});
  CHECK(evenly_chosen(3, 6, 12) == std::vector<int>{3, 4, 5, 6});
  CHECK(evenly_chosen(0, 9, 1) == std::vector<int>{9});
  const std::vector<int> many = evenly_chosen(0, 250, most_frames);
  CHECK(many.size() == static_cast<std::size_t>(most_frames));
  CHECK(many.front() == 0);
  CHECK(many.back() == 250);
  for (std::size_t i = 1; i < many.size(); ++i) CHECK(many[i] > many[i - 1]);
}
