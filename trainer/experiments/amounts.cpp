// Little and much training by few and many steps; and real pictures beside grown ones.
#include <algorithm>
#include <stdexcept>

#include "trainer/experiments/experiment.h"
#include "trainer/experiments/layout.h"
#include "trainer/experiments/small_training.h"
#include "trainer/judge/judgement.h"
#include "trainer/onnx/model_file.h"

namespace florilegium {
namespace {

constexpr int columns = 4;

void join(std::vector<Picture>& to, std::vector<Picture> from) {
  for (Picture& picture : from) to.push_back(std::move(picture));
}

}  // namespace

ExperimentEnd amounts(Backend& backend, const ExperimentSettings& s, const Say& say) {
  const int side = s.side;
  SmallTraining training(backend, side, s.steps, s.seed);
  const DenoisingTask task{
      s.seed, false, [=](std::uint64_t index, std::span<float> out) { garden_example(index % 16000, side, out); }};
  const std::int64_t little = std::max<std::int64_t>(1, s.steps / 16);
  const int looks[] = {1, 5, 20, 100};
  std::vector<LayoutRow> rows;
  for (const int count : looks)
    rows.push_back({std::to_string(count) + (count == 1 ? " step" : " steps") +
                    ": left after little training, right after sixteen times as much"});
  nlohmann::json sharpness = nlohmann::json::array();
  for (const std::int64_t until : {little, s.steps}) {
    while (training.steps_done() < until) {
      training.step(task);
      if (training.steps_done() % 500 == 0)
        say("Training: " + std::to_string(training.steps_done()) + " of " + std::to_string(s.steps) + " steps");
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto grown = grown_pictures(training, columns, looks[row]);
      sharpness.push_back({{"examples", until * SmallTraining::batch},
                           {"steps", looks[row]},
                           {"fine_lines", median_detail(grown).octaves[0]}});
      join(rows[row].pictures, std::move(grown));
    }
  }
  return {laid_out(rows), {{"experiment", "training"}, {"side", side}, {"grown", sharpness}}};
}

ExperimentEnd sheets(Backend& backend, const ExperimentSettings& s, const Say& say) {
  if (s.model.empty() || s.data.empty())
    throw std::invalid_argument(
        "The experiment 'sheets' lays pictures of a --model beside real ones: name these with --data.");
  constexpr int of_each = 12, in_row = 6;
  const TrainedModel model = read_model(s.model);
  ForwardModel forward(backend, model, 1, Type::f32);
  const GrowSettings settings{model.info.noise, model.info.noise_scale, model.info.schedule, model.info.default_steps,
                              model.info.default_sampler};
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < of_each; ++i) seeds.push_back(s.seed + i);
  const auto grown = grow(forward, settings, seeds);
  const bool whole = model.info.network.view || std::any_of(model.coarser.begin(), model.coarser.end(),
                                                            [](const auto& one) { return one.network.view; });
  const auto real =
      real_pictures(s.data, whole ? ViewKind::whole : ViewKind::detail, of_each, forward.shape().image_size, say);
  std::vector<LayoutRow> rows;
  for (const auto& [text, pictures] : {std::pair("Real", &real), std::pair("Grown", &grown)})
    for (int first = 0; first < of_each; first += in_row)
      rows.push_back({first == 0 ? text : "", {pictures->begin() + first, pictures->begin() + first + in_row}});
  const Wholeness of_grown = usual_wholeness(grown), of_real = usual_wholeness(real);
  const auto numbers = [](const Wholeness& w) {
    return nlohmann::json{{"largest_piece", w.largest}, {"pieces", w.pieces}, {"soft_outline", w.soft_outline}};
  };
  return {laid_out(rows, {}, std::min(256, 2 * forward.shape().image_size)),
          {{"experiment", "sheets"},
           {"model", model.info.title},
           {"grown", numbers(of_grown)},
           {"real", numbers(of_real)}}};
}

}  // namespace florilegium
