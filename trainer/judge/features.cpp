#include "trainer/judge/features.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "trainer/data/dice.h"

namespace florilegium {
namespace {

constexpr std::size_t nearest = 5;
constexpr int partings = 8, half_samples = 48;
constexpr std::uint64_t parting_seed = 0x70617274;  // "part"

struct Normal {
  std::vector<double> mean, covariance;  // [D], [D, D]
};

Normal normal_of(std::span<const Features> set) {
  const std::size_t d = set[0].size();
  Normal out{std::vector<double>(d), std::vector<double>(d * d)};
  for (const Features& one : set)
    for (std::size_t i = 0; i < d; ++i) out.mean[i] += static_cast<double>(one[i]) / static_cast<double>(set.size());
  for (const Features& one : set)
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j)
        out.covariance[i * d + j] += (static_cast<double>(one[i]) - out.mean[i]) *
                                     (static_cast<double>(one[j]) - out.mean[j]) / static_cast<double>(set.size() - 1);
  return out;
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, std::size_t n) {
  std::vector<double> out(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += a[i * n + k] * b[k * n + j];
  return out;
}

/// The root of a covariance, [D, D].
std::vector<double> root_of(const std::vector<double>& covariance, std::size_t d) {
  std::vector<double> vectors, root(d * d);
  const std::vector<double> values = eigenvalues(covariance, d, &vectors);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t k = 0; k < d; ++k)
        root[i * d + j] += vectors[i * d + k] * std::sqrt(std::max(0.0, values[k])) * vectors[j * d + k];
  return root;
}

double kernel(const Features& a, const Features& b) {
  double dot = 0;
  for (std::size_t i = 0; i < a.size(); ++i) dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return std::pow(dot / static_cast<double>(a.size()) + 1, 3);
}

/// The mean kernel of two different pictures of a set.
double kernel_within(std::span<const Features> set) {
  double sum = 0;
  for (std::size_t i = 0; i < set.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) sum += kernel(set[i], set[j]);
  return sum / (0.5 * static_cast<double>(set.size()) * static_cast<double>(set.size() - 1));
}

double squared_distance(const Features& a, const Features& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return sum;
}

void require_some(std::span<const Features> set, std::size_t least) {
  if (set.size() < least)
    throw std::invalid_argument("Sets that are compared by features have at least " + std::to_string(least) +
                                " pictures each, not " + std::to_string(set.size()) + ".");
}

/// Real pictures, with what every comparison with them needs.
struct HeldAgainst {
  std::span<const Features> real;
  Normal normal;
  std::vector<double> root;     // of the covariance
  std::vector<double> reaches;  // squared, of each picture's ball
  double within = 0;            // the mean kernel of two of them

  explicit HeldAgainst(std::span<const Features> pictures) : real(pictures) {
    require_some(real, fewest_compared);
    normal = normal_of(real);
    root = root_of(normal.covariance, normal.mean.size());
    within = kernel_within(real);
    for (const Features& centre : real) {
      std::vector<double> distances;
      for (const Features& other : real)
        if (&other != &centre) distances.push_back(squared_distance(centre, other));
      std::ranges::nth_element(distances, distances.begin() + nearest - 1);
      reaches.push_back(distances[nearest - 1]);
    }
  }

  /// |difference of means|^2 + trace(A + B - 2 (A^1/2 B A^1/2)^1/2), where the trace of the last
  /// root is the sum of the eigenvalues' roots.
  double frechet(const Normal& other) const {
    const std::size_t d = normal.mean.size();
    double sum = 0;
    for (std::size_t i = 0; i < d; ++i)
      sum += std::pow(normal.mean[i] - other.mean[i], 2) + normal.covariance[i * d + i] + other.covariance[i * d + i];
    for (const double value : eigenvalues(product(product(root, other.covariance, d), root, d), d))
      sum -= 2 * std::sqrt(std::max(0.0, value));
    return sum;
  }

  FeatureDistances distances_of(std::span<const Features> set) const {
    require_some(set, fewest_compared);
    FeatureDistances out;
    out.frechet = frechet(normal_of(set));
    double between = 0;
    for (const Features& one : real)
      for (const Features& other : set) between += kernel(one, other);
    const double pairs = static_cast<double>(real.size()) * static_cast<double>(set.size());
    out.kernel = within + kernel_within(set) - 2 * between / pairs;
    for (std::size_t i = 0; i < real.size(); ++i) {
      std::size_t inside = 0;
      for (const Features& one : set) inside += squared_distance(real[i], one) < reaches[i];
      out.density += static_cast<double>(inside) / (nearest * static_cast<double>(set.size()));
      out.coverage += (inside > 0) / static_cast<double>(real.size());
    }
    return out;
  }
};

template <class T>
void shuffle(std::vector<T>& all, Dice& dice) {
  for (std::size_t i = all.size(); i-- > 1;)
    std::swap(all[i], all[static_cast<std::size_t>(dice.whole(0, static_cast<int>(i)))]);
}

constexpr double FeatureDistances::*numbers[] = {&FeatureDistances::frechet, &FeatureDistances::kernel,
                                                 &FeatureDistances::density, &FeatureDistances::coverage};

FeatureDistances mean_of(const std::vector<FeatureDistances>& all) {
  FeatureDistances out;
  for (const auto number : numbers)
    for (const FeatureDistances& one : all) out.*number += one.*number / static_cast<double>(all.size());
  return out;
}

}  // namespace

std::vector<double> eigenvalues(std::vector<double> a, std::size_t n, std::vector<double>* vectors) {
  std::vector<double> v(n * n);
  for (std::size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  double all = 0;
  for (const double value : a) all += value * value;
  constexpr int most_sweeps = 50;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double off = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) off += a[i * n + j] * a[i * n + j];
    if (off <= 1e-18 * all) break;
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a[p * n + q] == 0) continue;
        const double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
        const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        const auto turn = [&](double& x, double& y) {
          const double was = x;
          x = c * was - s * y;
          y = s * was + c * y;
        };
        for (std::size_t k = 0; k < n; ++k) turn(a[k * n + p], a[k * n + q]);
        for (std::size_t k = 0; k < n; ++k) turn(a[p * n + k], a[q * n + k]);
        if (!vectors) continue;
        for (std::size_t k = 0; k < n; ++k) turn(v[k * n + p], v[k * n + q]);
      }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return a[i * n + i]; });
  std::vector<double> values;
  for (const std::size_t i : order) values.push_back(a[i * n + i]);
  if (vectors) {
    vectors->resize(n * n);
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < n; ++i) (*vectors)[k * n + i] = v[k * n + order[i]];
  }
  return values;
}

FeatureDistances feature_distances(std::span<const Features> real, std::span<const Features> set) {
  return HeldAgainst(real).distances_of(set);
}

FeatureJudgement judge_features(std::span<const Features> real, std::span<const Features> set, std::size_t most) {
  require_some(real, 2 * fewest_compared);
  require_some(set, fewest_compared);
  FeatureJudgement out;
  out.held_against = real.size() / 2;
  out.compared = std::min({set.size(), most, real.size() - out.held_against});
  std::vector<FeatureDistances> of_set(partings), of_real(partings);
#pragma omp parallel for schedule(dynamic)
  for (int parting = 0; parting < partings; ++parting) {
    Dice dice(parting_seed, DiceStream::kind, static_cast<std::uint64_t>(parting));
    std::vector<Features> all(real.begin(), real.end()), given(set.begin(), set.end());
    shuffle(all, dice);
    shuffle(given, dice);
    const HeldAgainst against{std::span<const Features>(all).first(out.held_against)};
    const auto place = static_cast<std::size_t>(parting);
    of_set[place] = against.distances_of(std::span(given).first(out.compared));
    of_real[place] = against.distances_of(std::span(all).subspan(out.held_against, out.compared));
  }
  out.set = mean_of(of_set);
  out.floor = mean_of(of_real);
  return out;
}

FeatureDistances difference_spread(std::span<const Features> real, std::span<const Features> a,
                                   std::span<const Features> b) {
  for (const auto set : {real, a, b}) require_some(set, 2 * fewest_compared);
  const std::size_t half = std::min(a.size(), b.size()) / 2;
  std::vector<FeatureDistances> differences(half_samples);
#pragma omp parallel for schedule(dynamic)
  for (int sample = 0; sample < half_samples; ++sample) {
    Dice dice(parting_seed, DiceStream::crop, static_cast<std::uint64_t>(sample));
    const auto drawn = [&](std::span<const Features> from, std::size_t count) {
      std::vector<Features> all(from.begin(), from.end());
      shuffle(all, dice);
      all.resize(count);
      return all;
    };
    const auto held = drawn(real, real.size() / 2);
    const HeldAgainst against(held);
    FeatureDistances& difference = differences[static_cast<std::size_t>(sample)];
    difference = against.distances_of(drawn(b, half));
    const FeatureDistances of_a = against.distances_of(drawn(a, half));
    for (const auto number : numbers) difference.*number -= of_a.*number;
  }
  const FeatureDistances mean = mean_of(differences);
  FeatureDistances out;
  for (const auto number : numbers) {
    double squares = 0;
    for (const FeatureDistances& one : differences) squares += std::pow(one.*number - mean.*number, 2);
    out.*number = 1.96 * std::sqrt(squares / (half_samples - 1));
  }
  return out;
}

}  // namespace florilegium
