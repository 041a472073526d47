#include "trainer/judge/two_sample.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "src/diffusion/noise.h"
#include "src/image/resize.h"
#include "trainer/data/dice.h"
#include "trainer/graph/operators.h"
#include "trainer/network/denoiser.h"
#include "trainer/network/discriminator.h"

namespace florilegium {
namespace {

constexpr int batch = 16, steps = 300;
constexpr std::uint64_t test_seed = 0x74656c6c;  // "tell"

struct Example {
  std::vector<float> picture;  // [side, side, 3] in [-1, 1]
  bool of_b = false;
};

std::vector<Example> examples_of(std::span<const Picture> a, std::span<const Picture> b, int side) {
  const std::size_t count = std::min(a.size(), b.size());
  std::vector<Example> examples(2 * count);
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const Picture small = resized(middle_square(i % 2 ? b[i / 2] : a[i / 2]), side, side);
    examples[i].of_b = i % 2;
    examples[i].picture.resize(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
    for (std::size_t p = 0; p < examples[i].picture.size(); ++p)
      examples[i].picture[p] = static_cast<float>(small.rgba[p / 3 * 4 + p % 3]) / 127.5f - 1;
  }
  return examples;
}

/// The classifier, as a graph of one batch.
struct Classifier {
  Graph graph;
  Value picture, level;
  std::vector<Value> scores, wanted;
  Value weight, seed, loss;

  Classifier(int side, Type compute) {
    picture = graph.input("picture", {batch, side, side, 3});
    level = graph.input("level", {batch});
    weight = graph.input("weight", {batch});
    seed = graph.input("seed", {1});
    Discriminator network(graph, {}, level, compute);
    scores = network.scores(picture);
    for (const Value score : scores) {
      wanted.push_back(graph.input("wanted", graph.shape(score)));
      const Value error = weighted_squared_error(graph, score, wanted.back(), weight).loss;
      loss = loss ? add(graph, loss, error) : error;
    }
  }
};

/// Mirrored half the time and shifted a little, its edges repeated.
void put_varied(const Example& example, int side, Dice& dice, std::span<float> out) {
  const bool mirrored = dice.chance(0.5);
  const int right = dice.whole(-side / 16, side / 16), down = dice.whole(-side / 16, side / 16);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const int u = std::clamp(x + right, 0, side - 1), v = std::clamp(y + down, 0, side - 1);
      const auto from = static_cast<std::size_t>(v * side + (mirrored ? side - 1 - u : u)) * 3;
      std::copy_n(&example.picture[from], 3, &out[static_cast<std::size_t>(y * side + x) * 3]);
    }
}

/// How many of `asked` are told rightly after learning from `learned`.
std::size_t told_rightly(Backend& backend, std::span<const Example* const> learned,
                         std::span<const Example* const> asked, int side, std::uint64_t round,
                         const std::function<void(double)>& report) {
  Classifier one(side, backend.preferred_type());
  const auto parameters = one.graph.parameters();
  const auto initial = initial_parameters(one.graph, test_seed + round);
  const Graph forward = one.graph;
  const auto gradients = one.graph.differentiate(one.loss, one.seed, parameters);
  one.graph.keep_only_nodes_for(gradients);
  const auto program = backend.compile(one.graph, {}, gradients);
  program->write_state(State::parameters, initial);
  program->write_state(State::ema, initial);
  const std::vector<float> ones(batch, 1.0f), nothing(batch, 0.0f);
  program->write(one.weight, ones);
  program->write(one.level, nothing);
  program->write(one.seed, std::vector<float>{1.0f});

  const std::size_t size = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
  std::vector<float> pictures(batch * size);
  OptimiserStep optimiser;
  optimiser.weight_decay = 0.05;
  optimiser.ema_decay = 0.98;
  for (int step = 1; step <= steps; ++step) {
    Dice dice(test_seed, DiceStream::view, round * 1000000 + static_cast<std::uint64_t>(step));
    std::vector<const Example*> chosen;
    for (int i = 0; i < batch; ++i) {  // as many of each: even places are of a, odd ones of b
      const auto pair = static_cast<std::size_t>(dice.whole(0, static_cast<int>(learned.size() / 2) - 1));
      chosen.push_back(learned[2 * pair + static_cast<std::size_t>(i % 2)]);
      put_varied(*chosen.back(), side, dice, {&pictures[static_cast<std::size_t>(i) * size], size});
    }
    program->write(one.picture, pictures);
    for (const Value wanted : one.wanted) {
      std::vector<float> answers(static_cast<std::size_t>(elements(one.graph.shape(wanted))));
      for (std::size_t i = 0; i < answers.size(); ++i) answers[i] = chosen[i * batch / answers.size()]->of_b;
      program->write(wanted, answers);
    }
    program->run();
    optimiser.step = step;
    const double left = 1 - static_cast<double>(step) / (steps + 1);
    optimiser.learning_rate = 2e-3 * std::min({1.0, step / 30.0, 2 * left});
    program->optimise(optimiser);
    report(static_cast<double>(step) / steps);
  }

  const auto answering = backend.compile(forward, one.scores);
  answering->write_state(State::parameters, program->read_state(State::ema));
  answering->write(one.level, nothing);
  std::size_t right = 0;
  for (std::size_t first = 0; first < asked.size(); first += batch) {
    const std::size_t count = std::min<std::size_t>(batch, asked.size() - first);
    for (std::size_t i = 0; i < count; ++i) std::copy_n(asked[first + i]->picture.begin(), size, &pictures[i * size]);
    answering->write(one.picture, pictures);
    answering->run();
    std::vector<double> verdict(batch, 0.0);
    for (const Value score : one.scores) {
      const auto numbers = answering->read(score);
      const double share = static_cast<double>(batch) / static_cast<double>(numbers.size());
      for (std::size_t i = 0; i < numbers.size(); ++i)
        verdict[i * batch / numbers.size()] += (static_cast<double>(numbers[i]) - 0.5) * share;
    }
    for (std::size_t i = 0; i < count; ++i) right += (verdict[i] > 0) == asked[first + i]->of_b;
  }
  return right;
}

}  // namespace

TwoSample two_sample_test(Backend& backend, std::span<const Picture> a, std::span<const Picture> b, int side,
                          const std::function<void(double)>& report) {
  if (std::min(a.size(), b.size()) < 4)
    throw std::invalid_argument("Two sets to be told apart have at least 4 pictures each.");
  const auto examples = examples_of(a, b, side);
  std::vector<std::size_t> order(examples.size() / 2);
  std::iota(order.begin(), order.end(), 0);
  Dice dice(test_seed, DiceStream::kind, order.size());
  for (std::size_t i = order.size(); i-- > 1;)
    std::swap(order[i], order[static_cast<std::size_t>(dice.whole(0, static_cast<int>(i)))]);
  std::array<std::vector<const Example*>, 2> halves;
  for (std::size_t i = 0; i < order.size(); ++i)
    for (const std::size_t of_b : {0U, 1U}) halves[i % 2].push_back(&examples[2 * order[i] + of_b]);

  std::size_t right = 0;
  for (const std::size_t round : {0U, 1U})
    right += told_rightly(backend, halves[round], halves[1 - round], side, round,
                          [&](double done) { report((static_cast<double>(round) + done) / 2); });
  const auto n = static_cast<double>(examples.size());
  const double share = static_cast<double>(right) / n, z = 1.96, z2 = z * z / n;
  const double middle = (share + z2 / 2) / (1 + z2),
               half = z / (1 + z2) * std::sqrt(share * (1 - share) / n + z2 / (4 * n));
  return {side, share, middle - half, middle + half};
}

}  // namespace florilegium
