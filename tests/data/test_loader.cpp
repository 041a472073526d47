#include "trainer/data/loader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

using namespace florilegium;

namespace {

/// Pictures that only say their own number, and one that cannot be drawn.
class Numbers final : public PictureSource {
 public:
  explicit Numbers(std::uint64_t broken = ~std::uint64_t{0}) : broken_(broken) {}
  std::string name() const override { return "numbers"; }
  ViewKind draw(std::uint64_t seed, std::uint64_t index, const Sight&, std::span<float> out) const override {
    if (index == broken_) throw std::runtime_error("picture " + std::to_string(index) + " is broken");
    std::fill(out.begin(), out.end(), static_cast<float>(index + 1000 * seed));
    return ViewKind::whole;
  }
  std::size_t training_count() const override { return 0; }
  ViewKind training_picture(std::uint64_t seed, std::size_t index, const Sight& sight,
                            std::span<float> out) const override {
    return draw(seed, index, sight, out);
  }
  std::size_t held_out_count() const override { return 0; }
  ViewKind held_out(std::size_t, const Sight&, std::span<float>) const override { return ViewKind::whole; }

 private:
  std::uint64_t broken_;
};

}  // namespace

TEST_CASE("two loaders with a stride share one sequence") {
  const Numbers source;
  BatchLoader left(source, 0, 2, 4, 100, 1, 4), right(source, 0, 2, 4, 102, 2, 4);
  constexpr std::size_t picture = 4 * 4 * 3;
  std::vector<float> batch(2 * picture);
  for (int round = 0; round < 10; ++round)
    for (const int half : {0, 2}) {
      (half == 0 ? left : right).next(batch);
      for (int i = 0; i < 2; ++i)
        CHECK(batch[static_cast<std::size_t>(i) * picture] ==
              100.0f + 4.0f * static_cast<float>(round) + static_cast<float>(half + i));
    }
  CHECK(left.position() == 140);
  CHECK(right.position() == 142);
}

TEST_CASE("batches come in order, whatever the number of threads") {
  for (const int threads : {1, 3}) {
    CAPTURE(threads);
    const Numbers source;
    BatchLoader loader(source, 2, 5, 4, 30, threads);
    std::vector<float> batch(5 * 4 * 4 * 3);
    for (std::uint64_t round = 0; round < 20; ++round) {
      CHECK(loader.position() == 30 + round * 5);
      loader.next(batch);
      for (std::size_t i = 0; i < batch.size(); ++i) REQUIRE(batch[i] == static_cast<float>(2030 + round * 5 + i / 48));
    }
    CHECK(loader.position() == 130);
  }
}

TEST_CASE("a loader can be left at any moment") {
  const Numbers source;
  for (int i = 0; i < 20; ++i) {
    BatchLoader loader(source, 1, 3, 4, 0, 3);
    std::vector<float> batch(3 * 4 * 4 * 3);
    if (i % 2 == 0) loader.next(batch);
  }
}

TEST_CASE("what a background thread throws comes out of next()") {
  const Numbers source(12);
  BatchLoader loader(source, 0, 4, 2, 0, 2);
  std::vector<float> batch(4 * 2 * 2 * 3);
  const auto all = [&] {
    for (int i = 0; i < 4; ++i) loader.next(batch);
  };
  CHECK_THROWS_WITH_AS(all(), "picture 12 is broken", std::runtime_error);
  CHECK_THROWS_AS(loader.next(batch), std::runtime_error);
}

TEST_CASE("impossible loaders and buffers are refused") {
  const Numbers source;
  CHECK_THROWS_AS(BatchLoader(source, 0, 0, 4, 0, 1), std::invalid_argument);
  CHECK_THROWS_AS(BatchLoader(source, 0, 4, 4, 0, 0), std::invalid_argument);
  BatchLoader loader(source, 0, 4, 4, 0, 1);
  std::vector<float> wrong(7);
  CHECK_THROWS_AS(loader.next(wrong), std::invalid_argument);
}
