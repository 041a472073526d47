#include "trainer/judge/judgement.h"

#include <algorithm>

#include "trainer/data/dice.h"

namespace florilegium {
namespace {

constexpr std::size_t yardstick_plates = 64;  // at most so many plates for each yardstick

std::vector<Picture> views_of(const std::vector<RealPlate>& plates) {
  std::vector<Picture> views;
  const std::size_t stride = std::max<std::size_t>(1, plates.size() / yardstick_plates);
  for (std::size_t i = 0; i < plates.size() && views.size() < yardstick_plates; i += stride)
    views.push_back(plates[i].view);
  return views;
}

}  // namespace

Originality judge_originality(const std::vector<ShelvedPlate>& shelf, std::span<const Picture> pictures) {
  Originality out;
  out.neighbours.resize(pictures.size());
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < pictures.size(); ++i)
    out.neighbours[i] = nearest_plates(shelf, pictures[i], neighbours_shown);
  for (const auto& neighbours : out.neighbours) {
    out.ratios.push_back(copy_ratio(neighbours));
    if (out.ratios.back() < copy_limit) ++out.copies;
  }
  return out;
}

SetDistance distance_by_chance(std::span<const PictureStatistics> real, std::size_t count) {
  constexpr std::size_t draws = 16;
  count = std::clamp<std::size_t>(count, 1, real.size() / 2);
  SetDistance mean;
  std::vector<PictureStatistics> shuffled(real.begin(), real.end());
  Dice dice(1, DiceStream::view, 0);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    for (std::size_t i = 0; i < count; ++i)
      std::swap(
          shuffled[i],
          shuffled[static_cast<std::size_t>(dice.whole(static_cast<int>(i), static_cast<int>(shuffled.size()) - 1))]);
    const std::span<const PictureStatistics> all = shuffled;
    const SetDistance one = set_distance(statistics_of_set(all.first(count)), statistics_of_set(all.subspan(count)));
    for (std::size_t m = 0; m < measures; ++m) mean.values[m] += one.values[m] / draws;
    mean.hue += one.hue / draws;
    mean.all += one.all / draws;
  }
  return mean;
}

Proportionality judge_proportionality(std::span<const PictureStatistics> set, std::span<const PictureStatistics> real) {
  Proportionality out{statistics_of_set(set), statistics_of_set(real), {}, distance_by_chance(real, set.size())};
  out.distance = set_distance(out.set, out.real);
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Detail median_detail(std::span<const Picture> pictures) {
  std::array<std::vector<double>, 4> all;
  for (const Picture& picture : pictures) {
    const Detail detail = detail_of(picture);
    for (std::size_t k = 0; k < 3; ++k) all[k].push_back(detail.octaves[k]);
    all[3].push_back(detail.seams);
  }
  return {{median(all[0]), median(all[1]), median(all[2])}, median(all[3])};
}

Wholeness usual_wholeness(std::span<const Picture> pictures) {
  std::vector<double> largest(pictures.size()), pieces(pictures.size()), soft(pictures.size());
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Wholeness one = wholeness_of(pictures[i]);
    largest[i] = one.largest;
    pieces[i] = one.pieces;
    soft[i] = one.soft_outline;
  }
  double sum = 0;
  for (const double count : pieces) sum += count;
  return {median(largest), sum / static_cast<double>(pieces.size()), median(soft)};
}

Judgement judge(const JudgedSet& set, const RealPlates& plates, std::span<const Picture> real) {
  const auto shelf = shelf_of(plates.training);
  std::vector<PictureStatistics> statistics;
  for (const Picture& picture : set.pictures) statistics.push_back(statistics_of(picture));
  Judgement out;
  out.originality = judge_originality(shelf, set.pictures);
  out.held_out = judge_originality(shelf, views_of(plates.held_out));
  out.training_views = judge_originality(shelf, views_of(plates.training));
  out.proportionality = judge_proportionality(statistics, statistics_as_trained(plates.training));
  out.detail = median_detail(set.pictures);
  out.real_detail = median_detail(real);
  out.wholeness = usual_wholeness(set.pictures);
  out.real_wholeness = usual_wholeness(real);
  return out;
}

}  // namespace florilegium
