// The trainer against PyTorch: prediction, every gradient, and ten training losses of the same
// network, from golden values that its twin has left in golden/ (twin.py; `python3
// tests/peer/twin.py golden` writes them anew).
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "trainer/backend/backend.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/noising.h"
#include "trainer/network/denoiser.h"

using namespace florilegium;

namespace {

using Numbers = std::vector<float>;
const std::filesystem::path folder = "tests/peer/golden";

/// Numbers in (-1, 1) that both sides can make exactly: a hash of the stream and the counter
/// (`pattern` in twin.py).
Numbers pattern(std::uint32_t stream, std::size_t count) {
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t v = static_cast<std::uint32_t>(i) + stream * 0x9E3779B9U;
    for (const std::uint32_t multiplier : {0x85EBCA6BU, 0xC2B2AE35U}) {
      v ^= v >> 16;
      v *= multiplier;
    }
    v ^= v >> 16;
    numbers.push_back(static_cast<float>(static_cast<double>(v >> 8) * 0x1p-23 - 1 + 0x1p-24));
  }
  return numbers;
}

struct Batch {
  Numbers x, level, hint, target, weight;
};

/// `batch_of_patterns` of twin.py.
Batch batch_of_patterns(const NetworkConfig& config, std::size_t n, std::uint32_t step) {
  const auto s = static_cast<std::size_t>(config.image_size), size = s * s * 3;
  Batch batch;
  batch.target = pattern(4 * step, n * size);
  batch.x = pattern(4 * step + 1, n * size);
  batch.level = pattern(4 * step + 2, n);
  batch.hint = pattern(4 * step + 3, config.hint ? n * (s / 8) * (s / 8) * 4 : 0);
  for (float& level : batch.level) level = 0.5f + 0.45f * level;
  for (std::size_t i = 0; i < n * size; ++i) {
    const float level = batch.level[i / size];
    batch.x[i] = (1 - level) * batch.target[i] + level * (batch.x[i] * 1.75f);
  }
  for (const float level : batch.level) batch.weight.push_back(loss_weight(level));
  return batch;
}

double norm(std::span<const float> numbers) {
  double squares = 0;
  for (const float v : numbers) squares += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(squares);
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// |a - b| / |b|
double difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  Numbers d(a.begin(), a.end());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] -= b[i];
  return norm(d) / norm(b);
}

/// The training step's graph with parameters and pictures that are patterns.
struct Twin {
  NetworkConfig config;
  std::size_t pictures;
  Graph graph;
  Denoiser network;
  Value target, weight, seed;
  Loss loss;
  std::vector<Value> gradients;
  std::unique_ptr<Program> program;

  Twin(Backend& backend, const std::string& name, int n)
      : config(network_config(name)), pictures(static_cast<std::size_t>(n)) {
    network = build_denoiser(graph, config, n, Type::f32);
    target = graph.input("target", graph.shape(network.denoised));
    weight = graph.input("weight", {n});
    seed = graph.input("seed", {1});
    loss = weighted_squared_error(graph, network.denoised, target, weight);
    const auto parameters = graph.parameters();
    gradients = graph.differentiate(loss.loss, seed, parameters);
    std::vector<Value> keep = gradients;
    keep.push_back(loss.loss);
    keep.push_back(network.denoised);
    program = backend.compile(graph, keep, gradients);
    program->write(seed, Numbers{1.0f});

    Numbers all;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Shape& shape = graph.shape(parameters[i]);
      const auto fan_in = shape.size() >= 2 ? static_cast<double>(elements(shape) / shape[0]) : 100.0;
      const auto scale = static_cast<float>(std::sqrt(1.5 / fan_in));
      for (const float v : pattern(1000 + static_cast<std::uint32_t>(i), static_cast<std::size_t>(elements(shape))))
        all.push_back(v * scale);
    }
    program->write_state(State::parameters, all);
    program->write_state(State::ema, all);
  }

  double run(std::uint32_t step) {
    const Batch batch = batch_of_patterns(config, pictures, step);
    program->write(network.x, batch.x);
    program->write(network.noise_level, batch.level);
    if (network.hint) program->write(network.hint, batch.hint);
    program->write(target, batch.target);
    program->write(weight, batch.weight);
    program->run();
    return static_cast<double>(program->read(loss.loss)[0]);
  }
};

}  // namespace

TEST_CASE("prediction, gradients and training agree with PyTorch's") {
  for (const std::string name : {"tiny", "garden"}) {
    CAPTURE(name);
    std::ifstream file(folder / (name + ".json"));
    const auto golden = nlohmann::json::parse(file);
    const auto backend = cpu_backend(2);
    Twin twin(*backend, name, golden.at("batch").get<int>());

    CHECK(twin.run(0) == doctest::Approx(golden.at("loss").get<double>()).epsilon(1e-4));
    const Numbers denoised = twin.program->read(twin.network.denoised);
    CHECK(norm(denoised) == doctest::Approx(golden.at("denoised_norm").get<double>()).epsilon(1e-4));
    if (golden.contains("denoised")) CHECK(difference(denoised, golden["denoised"].get<Numbers>()) <= 1e-4);

    Numbers whole;  // all gradients, where golden/ has them
    if (std::ifstream numbers(folder / (name + ".f32"), std::ios::binary); numbers) {
      whole.resize(static_cast<std::size_t>(twin.graph.parameter_elements()));
      REQUIRE(numbers.read(reinterpret_cast<char*>(whole.data()),
                           static_cast<std::streamsize>(whole.size() * sizeof(float))));
    }
    CHECK(whole.empty() == (name != "tiny"));

    const auto parameters = twin.graph.parameters();
    REQUIRE(golden.at("gradients").size() == parameters.size());
    double worst = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto& expected = golden["gradients"][i];
      CAPTURE(twin.graph[parameters[i]].name);
      REQUIRE(expected.at("name") == twin.graph[parameters[i]].name);
      const Numbers gradient = twin.program->read(twin.gradients[i]);
      const double size = expected.at("norm");
      worst = std::max(worst, std::abs(norm(gradient) - size) / size);
      for (std::uint32_t k = 0; k < 4; ++k) {
        const Numbers direction = pattern(5000 + 4 * static_cast<std::uint32_t>(i) + k, gradient.size());
        worst =
            std::max(worst, std::abs(dot(gradient, direction) - expected.at("projections")[k].get<double>()) / size);
      }
      if (!whole.empty())
        worst = std::max(worst, difference(gradient, std::span<const float>(whole).subspan(begin, gradient.size())));
      begin += gradient.size();
      CHECK(worst <= 1e-4);
    }

    double worst_loss = 0;
    for (std::uint32_t step = 1; step <= 10; ++step) {
      const double expected = golden.at("losses")[step - 1], found = twin.run(step);
      worst_loss = std::max(worst_loss, std::abs(found - expected) / expected);
      twin.program->optimise({.ema_decay = 0.9, .step = step});
    }
    CHECK(worst_loss <= 1e-3);
    CHECK(norm(twin.program->read_state(State::parameters)) ==
          doctest::Approx(golden.at("parameters_norm").get<double>()).epsilon(1e-5));
    CHECK(norm(twin.program->read_state(State::ema)) ==
          doctest::Approx(golden.at("averages_norm").get<double>()).epsilon(1e-5));
    MESSAGE(name, ": largest relative difference of a gradient ", worst, ", of a loss ", worst_loss);
  }
}
