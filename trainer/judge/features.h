// How far apart two sets of pictures are in the features of the encoder (encoder.h): as wholes, and
// by who lies near whom. What the encoder sees (how a plant is put together, firm or soft lines,
// grain, colours) counts here, which proportionality by colours and ink does not see.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "trainer/judge/encoder.h"

namespace florilegium {

struct FeatureDistances {
  /// Squared Frechet distance of the normal distributions with both sets' means and covariances
  /// (Dowson & Landau 1982; Heusel et al. 2017). 0 or more; with few pictures above 0 even for two
  /// sets of one kind, the more so the fewer, so only sets of equal size can be compared.
  double frechet = 0;
  /// Kernel distance: the unbiased estimate of the squared maximum mean discrepancy with the kernel
  /// (x y / D + 1)^3 (Gretton et al. 2012; Binkowski et al. 2018). 0 on average for two sets of one
  /// kind, however few; may be below 0.
  double kernel = 0;
  /// By the balls around each real picture that reach to its fifth nearest real one (Naeem et al.
  /// 2020). density: in how many of them a picture lies, over 5; around 1 where both are of one
  /// kind, less where pictures lie outside of what is real, more where they crowd in its middle.
  /// coverage: the share of balls that a picture lies in; less where kinds of real ones are
  /// missing.
  double density = 0, coverage = 0;
};

/// real, set: at least 8 of each, all of the same length. Throws std::invalid_argument with a
/// sentence where there are fewer.
FeatureDistances feature_distances(std::span<const Features> real, std::span<const Features> set);

/// The set's distances to real pictures, and for comparison those of as many other real ones. The
/// real pictures are parted by chance, 8 times, the same ways for both, into those that are held
/// against (half of them) and others, of which as many as the set has, at most the other half,
/// stand in its place; of a larger set so many are taken. The means of these.
struct FeatureJudgement {
  FeatureDistances set, floor;
  std::size_t held_against = 0, compared = 0;  ///< pictures on either side of each comparison
};
/// most: of the set, for sets that shall be compared with each other. real: at least 16; set and
/// most: at least 8. Throws as above.
FeatureJudgement judge_features(std::span<const Features> real, std::span<const Features> set,
                                std::size_t most = std::numeric_limits<std::size_t>::max());

/// Half the width of a 95 % interval of each number of b less that of a: 1.96 standard deviations
/// of the differences among 48 half-samples (half of either set, drawn without repetition, against
/// half of the real ones), which spread as the differences of whole sets do (McCarthy 1969). Sets
/// of unequal sizes are cut to the smaller one's. real, a, b: at least 16 of each.
FeatureDistances difference_spread(std::span<const Features> real, std::span<const Features> a,
                                   std::span<const Features> b);

/// The fewest pictures of a set, and half as many as of real ones.
constexpr std::size_t fewest_compared = 8;

/// The eigenvalues of a symmetric matrix [n, n], ascending (Jacobi's rotations), and its
/// eigenvectors as the columns of `vectors`, where wanted.
std::vector<double> eigenvalues(std::vector<double> matrix, std::size_t n, std::vector<double>* vectors = nullptr);

}  // namespace florilegium
