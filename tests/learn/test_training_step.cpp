// The training step: it learns, whatever the number type and the number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/learn/discs.h"
#include "trainer/data/garden.h"
#include "trainer/learn/training_step.h"

using namespace florilegium;

namespace {

/// Losses of `steps` steps from the same start; the weights at the end in `weights`.
std::vector<double> losses(Backend& backend, const TrainingSettings& s, const PictureSource& source, std::int64_t steps,
                           std::vector<float>* weights = nullptr) {
  TrainingStep step(backend, s);
  Graph graph;
  build_denoiser(graph, s.network, 1, Type::f32);
  step.program().write_state(State::parameters, initial_parameters(graph, s.seed));
  const auto side = static_cast<std::size_t>(s.network.image_size), size = side * side * 3;
  std::vector<float> pictures(static_cast<std::size_t>(s.batch) * size);
  std::vector<double> losses;
  for (std::int64_t number = 1; number <= steps; ++number) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(s.batch); ++i)
      source.draw(s.seed, static_cast<std::uint64_t>((number - 1) * s.batch) + i, s.network.image_size,
                  {&pictures[i * size], size});
    losses.push_back(step.take(pictures, number).loss);
  }
  if (weights != nullptr) *weights = step.program().read_state(State::parameters);
  return losses;
}

double mean(const std::vector<double>& numbers, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += numbers[i] / static_cast<double>(to - from);
  return sum;
}

}  // namespace

TEST_CASE("the loss falls on the garden within 60 steps") {
  TrainingSettings s = tiny_settings("");
  s.steps = 60;
  s.batch = 8;
  s.optimiser.learning_rate = 5e-3;
  const auto backend = cpu_backend(1);
  const auto found = losses(*backend, s, GardenSource(), 60);
  MESSAGE("mean loss of the first ten steps ", mean(found, 0, 10), ", of the last ten ", mean(found, 50, 60));
  CHECK(mean(found, 50, 60) < 0.5 * mean(found, 0, 10));
}

TEST_CASE("one and two threads agree in f32") {
  const TrainingSettings s = tiny_settings("");
  std::vector<float> one_weights, two_weights;
  const auto one = losses(*cpu_backend(1), s, DiscSource(), 10, &one_weights);
  const auto two = losses(*cpu_backend(2), s, DiscSource(), 10, &two_weights);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(std::abs(one[i] - two[i]) <= 1e-5 * one[i]);
  double difference = 0;
  for (std::size_t i = 0; i < one_weights.size(); ++i)
    difference = std::max(difference, static_cast<double>(std::abs(one_weights[i] - two_weights[i])));
  CHECK(difference < 1e-4);
}

TEST_CASE("the same thread count gives the same bits") {
  const TrainingSettings s = tiny_settings("");
  const auto backend = cpu_backend(2);
  CHECK(losses(*backend, s, DiscSource(), 6) == losses(*backend, s, DiscSource(), 6));
}

TEST_CASE("bf16 trains like f32") {
  const auto backend = cpu_backend(1);
  if (backend->preferred_type() != Type::bf16) {
    MESSAGE("skipped: this CPU does not compute in bf16");
    return;
  }
  TrainingSettings s = tiny_settings("");
  const auto f32 = losses(*backend, s, DiscSource(), 20);
  s.compute = Type::bf16;
  const auto bf16 = losses(*backend, s, DiscSource(), 20);
  for (std::size_t i = 0; i < f32.size(); ++i) CHECK(std::abs(f32[i] - bf16[i]) < 0.03 * f32[i]);
}

TEST_CASE("the grey loss is the loss of an untrained network") {
  const TrainingSettings s = tiny_settings("");
  const auto backend = cpu_backend(1);
  TrainingStep step(*backend, s);  // all weights 0
  std::vector<float> pictures(4 * 16 * 16 * 3);
  for (std::size_t i = 0; i < 4; ++i) DiscSource().draw(1, i, 16, {&pictures[i * 768], 768});
  const StepResult result = step.take(pictures, 1);
  CHECK(result.grey_loss == doctest::Approx(result.loss).epsilon(1e-4));
}

TEST_CASE("a step without finite gradients changes nothing") {
  const TrainingSettings s = tiny_settings("");
  const auto backend = cpu_backend(1);
  TrainingStep step(*backend, s);
  const auto before = step.program().read_state(State::parameters);
  std::vector<float> pictures(4 * 16 * 16 * 3, 0.5f);
  pictures[100] = NAN;
  CHECK_FALSE(step.take(pictures, 1).finite);
  CHECK(step.program().read_state(State::parameters) == before);
}

TEST_CASE("errors in the differences of neighbouring pixels weigh in the steps, not in the loss that is told") {
  TrainingSettings s = tiny_settings("");
  const auto backend = cpu_backend(1);
  // The step's gradient on these pictures; the network's weights are as given, or 0.
  const auto norm = [&](double fine_weight, std::vector<float> pictures, bool untrained) {
    s.fine_weight = fine_weight;
    TrainingStep step(*backend, s);
    Graph graph;
    build_denoiser(graph, s.network, 1, Type::f32);
    if (!untrained) step.program().write_state(State::parameters, initial_parameters(graph, s.seed));
    const StepResult result = step.take(pictures, 1);
    return std::pair(result.loss, result.gradient_norm);
  };
  std::vector<float> discs(4 * 768);
  for (std::size_t i = 0; i < 4; ++i) DiscSource().draw(1, i, 16, {&discs[i * 768], 768});
  const std::vector<float> even(4 * 768, 0.5f);

  // A network of zeros answers 0 everywhere: on even pictures its error has no differences.
  CHECK(norm(3, even, true) == norm(0, even, true));
  CHECK(norm(3, discs, true).second > 1.005 * norm(0, discs, true).second);
  // The gradient is that of one error plus fine_weight times that of the other, so its square is a
  // polynomial of degree 2.
  double squares[4];
  for (int weight = 0; weight < 4; ++weight) {
    const auto [loss, size] = norm(weight, discs, false);
    CHECK(loss == norm(0, discs, false).first);
    squares[weight] = size * size;
  }
  const double third = squares[3] - 3 * squares[2] + 3 * squares[1] - squares[0],
               second = squares[2] - 2 * squares[1] + squares[0];
  CHECK(second > 1e-3 * squares[0]);
  CHECK(std::abs(third) < 1e-4 * squares[3]);
}

TEST_CASE("errors in averages over blocks weigh in the steps, those within a block do not") {
  TrainingSettings s = tiny_settings("");
  const auto backend = cpu_backend(1);
  // The step's gradient where the network's weights are 0, and with them its answers.
  const auto norm = [&](double average_weight, const std::vector<float>& pictures) {
    s.average_weight = average_weight;
    TrainingStep step(*backend, s);
    const StepResult result = step.take(pictures, 1);
    return std::pair(result.loss, result.gradient_norm);
  };
  std::vector<float> even(4 * 768, 0.5f), chequered(4 * 768);
  for (std::size_t i = 0; i < chequered.size(); ++i) chequered[i] = (i / 3 + i / 48) % 2 == 0 ? 0.5f : -0.5f;
  CHECK(norm(20, chequered) == norm(0, chequered));
  // Of an even picture the averages are as wrong as the pixels: all of the gradient twice.
  CHECK(norm(1, even).first == norm(0, even).first);
  CHECK(norm(1, even).second == doctest::Approx(2 * norm(0, even).second).epsilon(1e-3));

  s.network.image_size = 24;
  CHECK_THROWS_WITH_AS(TrainingStep(*backend, s),
                       "Averages over blocks of 16 pixels do not fit into pictures of 24; leave their weight away.",
                       std::invalid_argument);
}

TEST_SUITE("slow") {
  TEST_CASE("the discriminator learns to tell, and what it tells reaches the denoiser by its weight alone") {
    TrainingSettings s = tiny_settings("");
    s.optimiser.clip_norm = 0;  // both networks' gradients are clipped together
    s.optimiser.beta1 = 0.5;
    s.optimiser.learning_rate = 2e-3;
    s.steps = 1000;
    const auto backend = cpu_backend(1);
    std::vector<double> told;
    const auto weights_after = [&](double adversarial_weight, int steps) {
      s.adversarial_weight = adversarial_weight;
      TrainingStep step(*backend, s);
      step.program().write_state(State::parameters, initial_parameters(step.graph(), s.seed));
      std::vector<float> pictures(4 * 768);
      told.clear();
      for (int number = 1; number <= steps; ++number) {
        for (std::size_t i = 0; i < 4; ++i)
          DiscSource().draw(1, static_cast<std::size_t>(number) * 4 + i, 16, {&pictures[i * 768], 768});
        told.push_back(step.take(pictures, number).discriminator_loss);
      }
      auto weights = step.program().read_state(State::parameters);
      weights.resize(static_cast<std::size_t>(step.denoiser_parameters()));
      return weights;
    };
    const auto alone = weights_after(0, 5);
    CHECK(weights_after(1e-30, 5) == alone);
    const auto everywhere = weights_after(1, 5);
    CHECK(everywhere != alone);
    s.adversarial_highest = 0.5;
    const auto below_half = weights_after(1, 5);
    CHECK(below_half != alone);
    CHECK(below_half != everywhere);
    s.adversarial_highest = 0;  // at no level
    CHECK(weights_after(1, 5) == alone);
    CHECK(mean(told, 0, 5) == 0);
    s.adversarial_highest = 1;

    // Answers of squared error are soft discs, unlike the real ones; those that answer back are
    // not.
    weights_after(1e-30, 250);
    const double alone_told = mean(told, 200, 250);
    weights_after(1, 250);
    MESSAGE("told at first ", told.front(), ", at last ", alone_told, ", and when it is answered ",
            mean(told, 200, 250));
    CHECK(alone_told < 0.23);  // 0.25: cannot tell
    CHECK(mean(told, 200, 250) > alone_told + 0.01);
  }
}
