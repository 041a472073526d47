// The judge as its worker calls it: the shelf of training plates, and a picture held against it.
//
// In order: judge_sheet() and judge_shelve() for each plate, judge_real(); then for each picture
// judge_picture(), judge_look(), and the answers: judge_neighbour(), judge_distance(),
// judge_place(). judge_set_add() and judge_compare() hold a set of pictures against the real
// plates' statistics.
#include <emscripten/emscripten.h>

#include <array>
#include <cstring>

#include "src/image/resize.h"
#include "src/judge/neighbours.h"
#include "src/judge/statistics.h"

using namespace florilegium;

namespace {

Picture sheet, picture, reduced;
std::vector<ShelvedPlate> shelf;
std::vector<Neighbour> neighbours;
PictureStatistics statistics;
std::vector<PictureStatistics> set;
SetStatistics real;
std::vector<double> numbers;  // out and in

Picture blank(int width, int height) { return blank_picture(width, height, 0, 0, 0); }

}  // namespace

extern "C" {

/// Room for the sheet of all thumbs, RGBA.
EMSCRIPTEN_KEEPALIVE std::uint8_t* judge_sheet(int width, int height) {
  sheet = blank(width, height);
  return sheet.rgba.data();
}

/// Takes the next plate's thumb from the sheet.
EMSCRIPTEN_KEEPALIVE void judge_shelve(int left, int top, int width, int height) {
  Picture thumb = blank(width, height);
  for (int y = 0; y < height; ++y) {
    const std::size_t from = static_cast<std::size_t>((top + y) * sheet.width + left) * 4;
    std::memcpy(&thumb.rgba[static_cast<std::size_t>(y * width) * 4], &sheet.rgba[from],
                static_cast<std::size_t>(width) * 4);
  }
  shelf.push_back(shelved(thumb));
}

EMSCRIPTEN_KEEPALIVE double* judge_numbers(int count) {
  numbers.assign(static_cast<std::size_t>(count), 0);
  return numbers.data();
}

/// The numbers: measures * points quantiles of the real plates, then the shares of hues. The sheet
/// is not needed any more.
EMSCRIPTEN_KEEPALIVE void judge_real(int count) {
  sheet = {};
  real.count = static_cast<std::size_t>(count);
  std::size_t next = 0;
  for (auto& measure : real.quantiles)
    for (double& value : measure) value = numbers.at(next++);
  for (double& share : real.hue) share = numbers.at(next++);
}

/// Room for a picture, RGBA.
EMSCRIPTEN_KEEPALIVE std::uint8_t* judge_picture(int width, int height) {
  picture = blank(width, height);
  return picture.rgba.data();
}

/// The picture reduced, or enlarged, to side x side pixels, as the published squares of real plates
/// were.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* judge_reduced(int side) {
  reduced = resized(picture, side, side);
  return reduced.rgba.data();
}

/// Looks at it -> the ratio of the copy test.
EMSCRIPTEN_KEEPALIVE double judge_look(int count) {
  statistics = statistics_of(picture);
  neighbours = nearest_plates(shelf, picture, static_cast<std::size_t>(count));
  return copy_ratio(neighbours);
}

EMSCRIPTEN_KEEPALIVE int judge_neighbour(int k) {
  return static_cast<int>(neighbours.at(static_cast<std::size_t>(k)).plate);
}
EMSCRIPTEN_KEEPALIVE double judge_distance(int k) { return neighbours.at(static_cast<std::size_t>(k)).distance; }
/// what: 0 left, 1 top, 2 side, 3 mirrored.
EMSCRIPTEN_KEEPALIVE int judge_place(int k, int what) {
  const Place& place = neighbours.at(static_cast<std::size_t>(k)).place;
  return std::array{place.left, place.top, place.side, place.mirrored ? 1 : 0}.at(static_cast<std::size_t>(what));
}

/// Begins a set; judge_set_add() adds the picture that was looked at last.
EMSCRIPTEN_KEEPALIVE void judge_set_clear() { set.clear(); }
EMSCRIPTEN_KEEPALIVE void judge_set_add() { set.push_back(statistics); }

/// The set against the real plates: medians of the set, of the real plates, distances (`measures`
/// numbers each), hues of the set, of the real plates (`hues` + 1 each), the distance of all.
EMSCRIPTEN_KEEPALIVE const double* judge_compare() {
  const SetStatistics own = statistics_of_set(set);
  const SetDistance distance = set_distance(own, real);
  numbers.clear();
  for (const SetStatistics* one : {&own, static_cast<const SetStatistics*>(&real)})
    for (const auto& measure : one->quantiles) numbers.push_back(measure[SetStatistics::points / 2]);
  numbers.insert(numbers.end(), distance.values.begin(), distance.values.end());
  numbers.insert(numbers.end(), own.hue.begin(), own.hue.end());
  numbers.insert(numbers.end(), real.hue.begin(), real.hue.end());
  numbers.push_back(distance.all);
  return numbers.data();
}
/// So many numbers judge_compare() gives.
EMSCRIPTEN_KEEPALIVE int judge_compared() { return static_cast<int>(numbers.size()); }

}  // extern "C"
