// A judgement: a set of pictures against the real plates by the three criteria (plausible, in
// proportion, original).
//
// Each number stands beside the same number of real plates, without which it would mean nothing:
// held-out plates are no copies, views of training plates are, and as many real plates, drawn by
// chance, are as far from the others as good pictures may be.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trainer/judge/detail.h"
#include "trainer/judge/features.h"
#include "trainer/judge/real_plates.h"
#include "trainer/judge/two_sample.h"
#include "trainer/judge/wholeness.h"

namespace florilegium {

constexpr std::size_t neighbours_shown = 4;

struct Originality {
  std::vector<std::vector<Neighbour>>
      neighbours;              ///< of each picture, nearest first, positions in RealPlates::training
  std::vector<double> ratios;  ///< copy_ratio of each
  std::size_t copies = 0;
};
/// Compared on all cores.
Originality judge_originality(const std::vector<ShelvedPlate>& shelf, std::span<const Picture> pictures);

struct Proportionality {
  SetStatistics set, real;
  SetDistance distance,
      by_chance;  ///< by_chance: the mean distance of as many real plates, drawn by chance, to the others
};
/// real: as statistics_as_trained gives them, at least two.
Proportionality judge_proportionality(std::span<const PictureStatistics> set, std::span<const PictureStatistics> real);

/// The mean distance of `count` of the plates (at most half), drawn by chance, to the others.
SetDistance distance_by_chance(std::span<const PictureStatistics> real, std::size_t count);

/// The median of each number.
Detail median_detail(std::span<const Picture> pictures);

/// Medians of the shares, the mean of the number of pieces.
Wholeness usual_wholeness(std::span<const Picture> pictures);

double median(std::vector<double> values);

struct JudgedSet {
  std::string title;               ///< "Garden plants, seeds 1 to 64, 20 steps"
  std::vector<std::string> names;  ///< of each picture
  std::vector<Picture> pictures;   ///< square, all of one size
};

struct Judgement {
  Originality originality;
  Originality held_out, training_views;  ///< yardsticks: no copies, and copies as training shows them
  Proportionality proportionality;
  Detail detail, real_detail;
  Wholeness wholeness, real_wholeness;
  std::vector<TwoSample> told;  ///< the set's pictures from the real ones, at each size
  std::optional<FeatureJudgement> features{};
};

/// By all three criteria, but for `told` and `features`. real: pictures as training shows them, of
/// the set's size and kind, to compare details and wholeness with.
Judgement judge(const JudgedSet& set, const RealPlates& plates, std::span<const Picture> real);

}  // namespace florilegium
