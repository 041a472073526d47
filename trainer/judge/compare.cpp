#include "trainer/judge/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/diffusion/noise.h"
#include "src/files/write_file.h"

namespace florilegium {
namespace {

constexpr int draws = 1000;
constexpr std::uint64_t draw_seed = 0x636f6d70;  // "comp"

/// What is measured of each picture.
struct Looked {
  PictureStatistics statistics;
  Detail detail;
  Wholeness wholeness;
  double ratio = 0;
};

std::vector<Looked> look_at(std::span<const Picture> pictures, const std::vector<ShelvedPlate>& shelf) {
  const std::vector<double> ratios = judge_originality(shelf, pictures).ratios;
  std::vector<Looked> all(pictures.size());
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < pictures.size(); ++i)
    all[i] = {statistics_of(pictures[i]), detail_of(pictures[i]), wholeness_of(pictures[i]), ratios[i]};
  return all;
}

template <class Measured>
std::vector<double> each(std::span<const Looked> set, Measured&& measured) {
  std::vector<double> values;
  for (const Looked& one : set) values.push_back(measured(one));
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// A number of a set.
struct Number {
  const char *key, *name;
  std::function<double(std::span<const Looked>)> of;
  double real;
};

std::vector<Number> numbers_of(const SetStatistics& real_statistics, double by_chance, std::span<const Picture> real) {
  const Detail real_detail = median_detail(real);
  const Wholeness real_wholeness = usual_wholeness(real);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  std::vector<Number> numbers = {
      {"copies", "Copies, share of the pictures",
       [](auto set) { return mean(each(set, [](const Looked& one) { return one.ratio < copy_limit ? 1.0 : 0.0; })); },
       none},
      {"ratio", "Nearest plate over second, median",
       [](auto set) { return median(each(set, [](const Looked& one) { return one.ratio; })); }, none},
      {"proportionality", "Distance in proportionality",
       [&real_statistics](auto set) {
         std::vector<PictureStatistics> statistics;
         for (const Looked& one : set) statistics.push_back(one.statistics);
         return set_distance(statistics_of_set(statistics), real_statistics).all;
       },
       by_chance},
      {"seams", "Seams (1: none)",
       [](auto set) { return median(each(set, [](const Looked& one) { return one.detail.seams; })); },
       real_detail.seams},
      {"largest_piece", "Largest piece of the ink",
       [](auto set) { return median(each(set, [](const Looked& one) { return one.wholeness.largest; })); },
       real_wholeness.largest},
      {"pieces", "Pieces a picture",
       [](auto set) { return mean(each(set, [](const Looked& one) { return one.wholeness.pieces; })); },
       real_wholeness.pieces},
      {"soft_outline", "Soft outline",
       [](auto set) { return median(each(set, [](const Looked& one) { return one.wholeness.soft_outline; })); },
       real_wholeness.soft_outline}};
  constexpr const char* names[][2] = {
      {"lines_1", "Lines of 1-2 pixels"}, {"lines_2", "Lines of 2-4 pixels"}, {"lines_4", "Lines of 4-8 pixels"}};
  for (std::size_t k = 0; k < 3; ++k)
    numbers.push_back(
        {names[k][0], names[k][1],
         [k](auto set) { return median(each(set, [k](const Looked& one) { return one.detail.octaves[k]; })); },
         real_detail.octaves[k]});
  return numbers;
}

/// As many of the set, drawn by chance, any of them more than once.
std::vector<Looked> drawn_anew(const std::vector<Looked>& set, std::uint32_t stream, std::uint64_t draw) {
  std::vector<Looked> out;
  for (std::size_t i = 0; i < set.size(); ++i)
    out.push_back(set[static_cast<std::size_t>(uniform_number(draw_seed, stream, draw * set.size() + i) *
                                               static_cast<double>(set.size()))]);
  return out;
}

}  // namespace

std::vector<ComparedNumber> compare(const JudgedSet& a, const JudgedSet& b, const RealPlates& plates,
                                    std::span<const Picture> real) {
  const auto shelf = shelf_of(plates.training);
  const auto of_a = look_at(a.pictures, shelf), of_b = look_at(b.pictures, shelf);
  const auto real_statistics = statistics_as_trained(plates.training);
  const SetStatistics real_set = statistics_of_set(real_statistics);
  const double by_chance = distance_by_chance(real_statistics, std::max(of_a.size(), of_b.size())).all;
  const auto numbers = numbers_of(real_set, by_chance, real);
  std::vector<std::vector<double>> differences(numbers.size(), std::vector<double>(draws));
#pragma omp parallel for schedule(static)
  for (int draw = 0; draw < draws; ++draw) {
    const auto other_a = drawn_anew(of_a, 1, static_cast<std::uint64_t>(draw)),
               other_b = drawn_anew(of_b, 2, static_cast<std::uint64_t>(draw));
    for (std::size_t n = 0; n < numbers.size(); ++n)
      differences[n][static_cast<std::size_t>(draw)] = numbers[n].of(other_b) - numbers[n].of(other_a);
  }
  std::vector<ComparedNumber> out;
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    std::sort(differences[n].begin(), differences[n].end());
    out.push_back({numbers[n].key, numbers[n].name, numbers[n].of(of_a), numbers[n].of(of_b), numbers[n].real,
                   differences[n][draws / 40], differences[n][draws - 1 - draws / 40]});
  }
  return out;
}

ComparedNumber compare(const TwoSample& a, const TwoSample& b) {
  const double difference = b.accuracy - a.accuracy;
  return {"told_" + std::to_string(a.side),
          "Told from real ones at " + std::to_string(a.side),
          a.accuracy,
          b.accuracy,
          0.5,
          difference - std::hypot(b.accuracy - b.low, a.high - a.accuracy),
          difference + std::hypot(b.high - b.accuracy, a.accuracy - a.low)};
}

std::vector<ComparedNumber> compare_features(std::span<const Features> a, std::span<const Features> b,
                                             std::span<const Features> real) {
  const std::size_t most = std::min(a.size(), b.size());
  if (most < 2 * fewest_compared) return {};
  const FeatureJudgement of_a = judge_features(real, a, most), of_b = judge_features(real, b, most);
  const FeatureDistances spread = difference_spread(real, a, b);
  std::vector<ComparedNumber> out;
  const auto add = [&](const char* key, const char* name, double FeatureDistances::*number) {
    const double difference = of_b.set.*number - of_a.set.*number;
    out.push_back({key, name, of_a.set.*number, of_b.set.*number, of_a.floor.*number, difference - spread.*number,
                   difference + spread.*number});
  };
  add("frechet", "Frechet distance in features", &FeatureDistances::frechet);
  add("kernel", "Kernel distance in features", &FeatureDistances::kernel);
  add("density", "Density in features", &FeatureDistances::density);
  add("coverage", "Coverage in features", &FeatureDistances::coverage);
  return out;
}

std::string describe(const std::vector<ComparedNumber>& numbers, const std::string& a, const std::string& b) {
  std::string text = "A: " + a + "\nB: " + b +
                     "\n\n                                           A         B      real     B - A, 95 % interval\n";
  for (const ComparedNumber& one : numbers) {
    char line[200], real[32] = "-";
    if (std::isfinite(one.real)) std::snprintf(real, sizeof real, "%.3f", one.real);
    std::snprintf(line, sizeof line, "  %-34s %9.3f %9.3f %9s   %+8.3f (%+.3f to %+.3f)%s\n", one.name.c_str(), one.a,
                  one.b, real, one.b - one.a, one.low, one.high, one.differ() ? "  they differ" : "");
    text += line;
  }
  return text;
}

void write_comparison(const std::filesystem::path& folder, const std::vector<ComparedNumber>& numbers,
                      const JudgedSet& a, const JudgedSet& b, const RealPlates& plates) {
  using nlohmann::json;
  json all = json::object();
  for (const ComparedNumber& one : numbers) {
    all[one.key] = {{"a", one.a}, {"b", one.b}, {"difference", one.b - one.a}, {"interval", {one.low, one.high}}};
    if (std::isfinite(one.real)) all[one.key]["real"] = one.real;
  }
  const json whole = {{"a", a.title}, {"b", b.title}, {"data", plates.name}, {"numbers", all}};
  write_file(folder / "compare.json", whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace florilegium
