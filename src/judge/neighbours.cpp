#include "src/judge/neighbours.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/image/resize.h"

namespace florilegium {
namespace {

constexpr int coarse_side = thumb_side / 4;
constexpr std::size_t closely_looked_at = 48;  // so many plates of the first look are looked at again
constexpr int fine_sides[] = {48, 46, 44,
                              42};  // of the square on the plate's thumb: full width, and up to 1.15 times closer
constexpr int coarse_sides[] = {12, 11};

/// The mean square difference of a square to the part of a plate below it, each colour's mean taken
/// out.
double difference(const Thumb& square, const Thumb& plate, int left, int top) {
  double sum = 0;
  for (int c = 0; c < 3; ++c) {
    int total = 0, squares = 0;
    for (int y = 0; y < square.height; ++y) {
      const std::uint8_t* a = &square.values[static_cast<std::size_t>((c * square.height + y) * square.width)];
      const std::uint8_t* b =
          &plate.values[static_cast<std::size_t>((c * plate.height + top + y) * plate.width + left)];
      for (int x = 0; x < square.width; ++x) {
        const int off = a[x] - b[x];
        total += off;
        squares += off * off;
      }
    }
    sum += squares - static_cast<double>(total) * total / (square.width * square.height);
  }
  return sum / (3.0 * square.width * square.height);
}

/// The picture at one side length, as it is and mirrored.
struct Query {
  Thumb plain, turned;
};

struct Best {
  double difference = std::numeric_limits<double>::infinity();
  Place place{};
};

void look(const Query& query, const Thumb& plate, int left, int top, Best& best) {
  if (left < 0 || top < 0 || left + query.plain.width > plate.width || top + query.plain.height > plate.height) return;
  for (const bool turned : {false, true}) {
    const double here = difference(turned ? query.turned : query.plain, plate, left, top);
    if (here < best.difference) best = {here, {left, top, query.plain.width, turned}};
  }
}

/// Every `stride`-th place, then all around the best of them.
Best best_place(const std::vector<Query>& queries, const Thumb& plate, int stride) {
  Best best;
  for (const Query& query : queries) {
    Best here;
    for (int top = 0; top + query.plain.height <= plate.height; top += stride)
      for (int left = 0; left + query.plain.width <= plate.width; left += stride) look(query, plate, left, top, here);
    const Place around = here.place;
    for (int down = 1 - stride; down < stride; ++down)
      for (int across = 1 - stride; across < stride; ++across)
        if (down != 0 || across != 0) look(query, plate, around.left + across, around.top + down, here);
    if (here.difference < best.difference) best = here;
  }
  return best;
}

template <class Sides, class Prepare>
std::vector<Query> queries(const Picture& square, const Sides& sides, Prepare&& prepare) {
  std::vector<Query> all;
  for (const int side : sides) {
    const Thumb thumb = prepare(thumb_of(resized(square, side, side)));
    all.push_back({thumb, mirrored(thumb)});
  }
  return all;
}

}  // namespace

ShelvedPlate shelved(const Picture& plate) {
  return {blurred(thumb_of(plate)), thumb_of(shorter_side(plate, coarse_side))};
}

std::vector<Neighbour> nearest_plates(const std::vector<ShelvedPlate>& shelf, const Picture& picture,
                                      std::size_t count) {
  const Picture square = middle_square(picture);
  const auto coarse = queries(square, coarse_sides, [](Thumb thumb) { return thumb; });
  std::vector<Neighbour> found;
  for (std::size_t i = 0; i < shelf.size(); ++i)
    found.push_back({i, best_place(coarse, shelf[i].coarse, 1).difference});
  const auto nearer = [](const Neighbour& a, const Neighbour& b) { return a.distance < b.distance; };
  const auto first = static_cast<std::ptrdiff_t>(std::min(found.size(), std::max(closely_looked_at, count)));
  std::partial_sort(found.begin(), found.begin() + first, found.end(), nearer);
  found.resize(static_cast<std::size_t>(first));

  const auto fine = queries(square, fine_sides, blurred);
  for (Neighbour& one : found) {
    const Best best = best_place(fine, shelf[one.plate].fine, 2);
    one.distance = std::sqrt(best.difference);
    one.place = best.place;
  }
  std::sort(found.begin(), found.end(), nearer);
  found.resize(std::min(found.size(), count));
  return found;
}

double copy_ratio(const std::vector<Neighbour>& neighbours) {
  const double second = neighbours.at(1).distance;
  return second > 0 ? neighbours[0].distance / second : 0.0;
}

}  // namespace florilegium
