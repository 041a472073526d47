// Every number of a comparison proves itself: pictures of the garden, harmed in one known way each,
// move the numbers that are there for it and leave the others alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>

#include "src/diffusion/noise.h"
#include "src/image/resize.h"
#include "tests/data/some_pictures.h"
#include "trainer/judge/compare.h"

using namespace florilegium;

namespace {

constexpr int side = 128;
constexpr std::uint64_t in_set = 40, plates_known = 48;

std::vector<Picture> garden(std::uint64_t first, std::uint64_t count) {
  std::vector<Picture> pictures(count);
#pragma omp parallel for schedule(dynamic)
  for (std::uint64_t i = 0; i < count; ++i) pictures[i] = garden_picture(first + i, side);
  return pictures;
}

std::uint8_t* pixel(Picture& picture, int x, int y) {
  return &picture.rgba[static_cast<std::size_t>(y * side + x) * 4];
}

Picture softened(const Picture& picture) { return resized(resized(picture, side / 4, side / 4), side, side); }

/// Nine pieces in another order.
Picture in_pieces(Picture picture) {
  constexpr int cells = 3, cell = side / cells;
  Picture from = picture;
  for (int y = 0; y < cells * cell; ++y)
    for (int x = 0; x < cells * cell; ++x) {
      const int piece = (y / cell * cells + x / cell) * 4 % 9;  // 4 and 9 have no divisor in common
      std::copy_n(pixel(from, piece % cells * cell + x % cell, piece / cells * cell + y % cell), 4,
                  pixel(picture, x, y));
    }
  return picture;
}

/// Green is no more than the mean of red and blue: what is left are reds, purples and greys.
Picture without_green(Picture picture) {
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    const int mean = (picture.rgba[i] + picture.rgba[i + 2]) / 2;
    picture.rgba[i + 1] = static_cast<std::uint8_t>(std::min<int>(picture.rgba[i + 1], mean));
  }
  return picture;
}

/// Each shade moved by up to 24 either way.
Picture grainy(Picture picture) {
  const std::uint64_t seed = picture.rgba[0] * 256u + picture.rgba[picture.rgba.size() / 2];
  for (std::size_t i = 0; i < picture.rgba.size(); ++i)
    if (i % 4 < 3)
      picture.rgba[i] =
          static_cast<std::uint8_t>(std::clamp(picture.rgba[i] + 48 * uniform_number(seed, 2, i) - 24, 0.0, 255.0));
  return picture;
}

/// A third of the kinds: on the garden's own paper, on yellow or on blue.
Picture on_paper(Picture picture, std::uint64_t kind) {
  for (std::size_t i = 0; i < picture.rgba.size(); ++i)
    if ((kind == 1 && i % 4 == 2) || (kind == 2 && i % 4 == 0))
      picture.rgba[i] = static_cast<std::uint8_t>(picture.rgba[i] * 2 / 3);
  return picture;
}

/// What all cases are held against.
struct Yardstick {
  std::unique_ptr<Backend> backend = cpu_backend();
  Encoder encoder = read_encoder("models/judge.onnx");
  RealPlates plates;
  std::vector<Picture> real;
  std::vector<Features> real_features;

  Yardstick() {
    for (const Picture& whole : garden(0, plates_known)) {
      RealPlate plate;
      plate.name = std::to_string(plates.training.size());
      plate.thumb = shorter_side(whole, thumb_side);
      plate.view = resized(whole, 64, 64);
      plate.statistics = statistics_of(whole);
      plates.training.push_back(plate);
    }
    real = garden(1000, 2 * in_set);
    real_features = features_of(*backend, encoder, real);
  }

  static JudgedSet set_of(std::vector<Picture> pictures) {
    JudgedSet set{"made up", {}, std::move(pictures)};
    for (std::size_t i = 0; i < set.pictures.size(); ++i) set.names.push_back(std::to_string(i));
    return set;
  }

  /// The numbers by which `changed` differ from the pictures that they were made of, each with +
  /// where it is greater, - where it is less.
  std::set<std::string> differing(const std::string& name, const std::vector<Picture>& pictures,
                                  const std::vector<Picture>& changed) const {
    auto numbers = compare(set_of(pictures), set_of(changed), plates, real);
    for (const auto& one : compare_features(features_of(*backend, encoder, pictures),
                                            features_of(*backend, encoder, changed), real_features))
      numbers.push_back(one);
    std::set<std::string> keys;
    std::string told = name + ":";
    for (const ComparedNumber& one : numbers) {
      char line[120];
      std::snprintf(line, sizeof line, "\n  %-16s %8.3f %8.3f (%+.3f to %+.3f)", one.key.c_str(), one.a, one.b, one.low,
                    one.high);
      told += line;
      if (one.differ()) keys.insert((one.low > 0 ? "+" : "-") + one.key);
    }
    MESSAGE(told);
    return keys;
  }
};

std::string text(const std::set<std::string>& keys) {
  std::string all;
  for (const std::string& key : keys) all += key + " ";
  return all;
}

}  // namespace

TEST_SUITE("slow") {
  TEST_CASE("each made-up case moves the numbers that are there for it, and leaves the others") {
    const Yardstick yardstick;
    const auto plants = garden(3000, in_set);
    const auto changed = [&](const std::function<Picture(const Picture&)>& change) {
      std::vector<Picture> all;
      for (const Picture& one : plants) all.push_back(change(one));
      return all;
    };
    struct Case {
      std::string name;
      std::vector<Picture> pictures;
      std::set<std::string> moved, left;
    };
    const Case cases[] = {
        {"real against real",
         garden(2000, in_set),
         {},
         {"frechet", "kernel", "density", "coverage", "copies", "ratio", "proportionality", "lines_1", "pieces"}},
        {"blurred",
         changed(softened),
         {"-lines_1", "-lines_2", "+soft_outline", "+frechet", "+kernel", "-density"},
         {"copies", "ratio"}},
        {"cut in pieces and shuffled",
         changed(in_pieces),
         {"+frechet", "+kernel", "+pieces", "-largest_piece"},
         {"copies", "soft_outline"}},
        {"one colour missing",
         changed(without_green),
         {"+proportionality"},
         {"copies", "ratio", "pieces", "largest_piece", "seams", "soft_outline", "density", "coverage"}},
        {"noisy", changed(grainy), {"+lines_1", "+frechet", "+kernel"}, {"copies", "ratio", "lines_4", "coverage"}},
        {"memorised",
         garden(0, in_set),
         {"+copies", "-ratio"},
         {"frechet", "kernel", "density", "coverage", "lines_1", "pieces"}},
    };
    for (const Case& one : cases) {
      const auto keys = yardstick.differing(one.name, plants, one.pictures);
      INFO(one.name << " moved: " << text(keys));
      for (const std::string& key : one.moved) CHECK_MESSAGE(keys.contains(key), key);
      for (const std::string& key : one.left) {
        CHECK_MESSAGE(!keys.contains("+" + key), key);
        CHECK_MESSAGE(!keys.contains("-" + key), key);
      }
    }
  }

  TEST_CASE("where a third of the kinds is missing, coverage falls and density stays") {
    const auto backend = cpu_backend();
    const Encoder encoder = read_encoder("models/judge.onnx");
    const auto mixed = [&](std::uint64_t first, std::uint64_t count, std::uint64_t kinds) {
      auto pictures = garden(first, count);
      for (std::uint64_t i = 0; i < count; ++i) pictures[i] = on_paper(pictures[i], i % kinds);
      return features_of(*backend, encoder, pictures);
    };
    const auto real = mixed(1000, 120, 3), all = mixed(2000, 60, 3), some = mixed(2000, 60, 2);
    const FeatureJudgement whole = judge_features(real, all), part = judge_features(real, some);
    MESSAGE("coverage " << whole.set.coverage << " and " << part.set.coverage << ", floor " << whole.floor.coverage
                        << "; density " << whole.set.density << " and " << part.set.density);
    const FeatureDistances spread = difference_spread(real, all, some);
    CHECK(whole.set.coverage - part.set.coverage > spread.coverage);
    CHECK(part.set.coverage < whole.floor.coverage - 0.1);
    CHECK(std::abs(whole.set.density - part.set.density) < 0.4);
    CHECK(std::abs(whole.set.coverage - whole.floor.coverage) < 0.1);
  }
}
