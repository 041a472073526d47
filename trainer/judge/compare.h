// Two sets of pictures side by side, by the numbers of a judgement, and how sure it is that they
// differ.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "trainer/judge/judgement.h"

namespace florilegium {

struct ComparedNumber {
  std::string key, name;                                   ///< in files, and for people
  double a = 0, b = 0;                                     ///< of either set
  double real = std::numeric_limits<double>::quiet_NaN();  ///< of real plates; not a number where they have none
  double low = 0, high = 0;                                ///< 95 % interval of b - a
  bool differ() const { return low > 0 || high < 0; }
};

/// Ratios, copies, proportionality, lines, seams and wholeness, as judge() has them. The intervals
/// say what other pictures of the same two makers would give: both sets are drawn anew from
/// themselves a thousand times (the bootstrap, Efron 1979). The same sets give the same intervals.
/// real: as for judge().
std::vector<ComparedNumber> compare(const JudgedSet& a, const JudgedSet& b, const RealPlates& plates,
                                    std::span<const Picture> real);

/// The accuracies of two tests at the same size, and the interval of their difference, made of
/// their own (Newcombe 1998, method 10).
ComparedNumber compare(const TwoSample& a, const TwoSample& b);

/// Distances in the encoder's features, density and coverage, as judge_features() has them, `real`
/// being its floor; the intervals by difference_spread(). Empty where there are fewer than 16 of
/// either set.
std::vector<ComparedNumber> compare_features(std::span<const Features> a, std::span<const Features> b,
                                             std::span<const Features> real);

/// A table for the terminal.
std::string describe(const std::vector<ComparedNumber>& numbers, const std::string& a, const std::string& b);

/// Writes compare.json into the folder, which must be there.
void write_comparison(const std::filesystem::path& folder, const std::vector<ComparedNumber>& numbers,
                      const JudgedSet& a, const JudgedSet& b, const RealPlates& plates);

}  // namespace florilegium
