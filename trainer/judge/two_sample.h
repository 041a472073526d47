// Plausibility as a number: a two-sample test (Lopez-Paz & Oquab 2017). A small classifier learns
// to tell one set of pictures from another on one half of each, and is asked about the other half.
// Half of its answers are right when the sets cannot be told apart.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "src/image/picture.h"
#include "trainer/backend/backend.h"

namespace florilegium {

struct TwoSample {
  int side = 0;  ///< at which the pictures were looked at, pixels
  double accuracy = 0.5;
  double low = 0, high = 1;  ///< 95 % interval of the accuracy (Wilson 1927)
};

/// Each half learns and is asked in turn, so every picture is asked about once. The classifier is a
/// network like the discriminator (trainer/network/discriminator.h), trained from scratch for as
/// many steps at any size; it sees pictures mirrored and shifted. The same arguments give the same
/// answer on the same machine. a, b: squares, at least 4 of each; of the longer list only as many
/// as of the shorter. side: a multiple of 16. report(done): the share of the work that is done.
TwoSample two_sample_test(
    Backend& backend, std::span<const Picture> a, std::span<const Picture> b, int side,
    const std::function<void(double)>& report = [](double) {});

}  // namespace florilegium
