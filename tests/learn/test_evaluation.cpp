#include "trainer/learn/evaluation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/learn/discs.h"
#include "trainer/backend/backend.h"

using namespace florilegium;

namespace {

/// Forty held-out and ten training pictures that remember which of them were asked for; all are
/// white or all are grey.
struct Asked final : DiscSource {
  mutable std::vector<std::size_t> held, trained;
  float held_shade = 1, trained_shade = 1;

  std::size_t training_count() const override { return 10; }
  std::size_t held_out_count() const override { return 40; }
  ViewKind training_picture(std::uint64_t, std::size_t index, const Sight&, std::span<float> out) const override {
    trained.push_back(index);
    std::fill(out.begin(), out.end(), trained_shade);
    return ViewKind::whole;
  }
  ViewKind held_out(std::size_t index, const Sight&, std::span<float> out) const override {
    held.push_back(index);
    std::fill(out.begin(), out.end(), held_shade);
    return ViewKind::whole;
  }
};

}  // namespace

TEST_CASE("losses are measured over pictures spread over the whole set, the same way for both kinds") {
  TrainingSettings s = tiny_settings("");
  const auto backend = cpu_backend(1);
  ForwardModel model(*backend, s.network, 2, Type::f32);
  Graph graph;
  build_denoiser(graph, s.network, 2, Type::f32);
  model.set_parameters(initial_parameters(graph, 1));  // the last layer is zero: the prediction is grey, 0 everywhere

  Asked source;
  source.trained_shade = 0.5f;
  const Evaluation e = evaluate(model, source, s);  // 4 pictures
  CHECK(source.held == std::vector<std::size_t>{0, 10, 20, 30});
  CHECK(source.trained == std::vector<std::size_t>{0, 2, 5, 7});
  for (std::size_t l = 0; l < e.held_out.size(); ++l) {
    CHECK(e.held_out[l] == doctest::Approx(1));
    CHECK(e.trained[l] == doctest::Approx(0.25));
  }
  CHECK(e.held_out_loss() == doctest::Approx(1));

  source.held.clear();
  s.held_out_pictures = 100;  // more than there are: each once; the training pictures go round
  evaluate(model, source, s);
  CHECK(source.held.size() == 40);
  CHECK(source.held.back() == 39);
}
