#include "trainer/run/ladder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "src/files/write_file.h"
#include "trainer/learn/rungs.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/html.h"
#include "trainer/run/run_state.h"

namespace florilegium {
namespace {

std::string number_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

bool has_checkpoint(const std::filesystem::path& run) { return !checkpoint_steps(run / "checkpoint").empty(); }

}  // namespace

TrainedModel join_ladder(TrainedModel coarse, TrainedModel fine, double hand_over) {
  const ModelInfo &fine_info = fine.info, &coarse_info = coarse.info;
  CoarserNetwork rung;
  rung.network = coarse_info.network;
  rung.averaged = std::max(1, fine_info.network.image_size / coarse_info.network.image_size);
  rung.from_level = hand_over > 0 ? hand_over : florilegium::rung("coarse").from_level;
  rung.train_samples = coarse_info.train_samples;
  rung.held_out_loss = coarse_info.held_out_loss;
  rung.parameters = std::move(coarse.parameters);
  const double seen = fine_info.noise_scale / rung.averaged;  // of the noise, in the averages
  if (coarse_info.noise != fine_info.noise || std::abs(seen - coarse_info.noise_scale) > 1e-6)
    throw std::invalid_argument("The two parts do not see the same noise: the fine one's is " + number_text(seen) +
                                " in averages over " + std::to_string(rung.averaged) +
                                " pixels, the coarse one was trained with " + number_text(coarse_info.noise_scale) +
                                ".");
  fine.coarser.push_back(std::move(rung));
  check_ladder(fine);
  return fine;
}

void add_guide(TrainedModel& ladder, TrainedModel guide, double weight) {
  if (ladder.coarser.empty())
    throw std::invalid_argument("A guide belongs to the coarse network of a ladder; '" + ladder.info.title +
                                "' is a single network.");
  ladder.coarser.front().guide = Guide{.network = guide.info.network,
                                       .weight = weight,
                                       .train_samples = guide.info.train_samples,
                                       .held_out_loss = guide.info.held_out_loss,
                                       .parameters = std::move(guide.parameters)};
  check_ladder(ladder);
}

bool holds_ladder(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "ladder.json", ignored);
}

std::optional<TrainedModel> ladder_from_checkpoints(const std::filesystem::path& folder,
                                                    const std::function<void(const std::string&)>& report) {
  std::optional<TrainedModel> model, coarser, guide;  // coarser: what is above the network that was read last
  double guide_weight = 0;
  for (const Rung& one : rungs()) {
    if (!has_checkpoint(folder / one.name)) {
      if (one.guides.empty() && one.follows.empty()) break;
      continue;  // of a run that was begun before there was such a part
    }
    TrainedModel part = model_from_checkpoint(folder / one.name, report);
    if (!one.guides.empty()) {
      guide = std::move(part);
      guide_weight = one.guide_weight;
      continue;
    }
    if (one.follows.empty()) coarser = std::move(model);
    model = coarser ? join_ladder(*coarser, std::move(part)) : std::move(part);
  }
  if (model && !model->coarser.empty()) {
    if (guide) add_guide(*model, std::move(*guide), guide_weight);
    model->info.default_steps = ladder_steps;
    model->info.schedule = Schedule::parse(ladder_schedule);
  }
  return model;
}

void write_ladder(const std::filesystem::path& folder, const std::string& title,
                  const std::function<void(const std::string&)>& report) {
  auto model = ladder_from_checkpoints(folder, report);
  if (!model) return;
  if (!title.empty()) model->info.title = title;
  write_model(folder / "model.onnx", *model, WeightPrecision::f32);

  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<title>" +
      escaped(model->info.title) +
      " - training report</title>\n<style>body{margin:0 auto;max-width:64rem;padding:1.2rem;background:#fbf8f1;"
      "color:#2d2a24;font:16px/1.5 Georgia,serif}h1,h2{font-weight:normal}"
      "iframe{width:100%;height:85vh;border:1px solid #d8cfb8;border-radius:.5rem}</style>\n</head>\n<body>\n<h1>" +
      escaped(model->info.title) +
      "</h1>\n<p>Networks trained one after the other: the coarse one plans the picture, learns that its plans have to "
      "look "
      "real, and gets a guide, a worse one that shows what to avoid; the fine one draws the picture, and is then made "
      "sharp.</p>\n";
  for (const Rung& one : rungs()) {
    page += "<h2>The " + one.name + " part</h2>\n";
    if (!std::filesystem::exists(folder / one.name / "report.html")) page += "<p>Not begun yet.</p>\n";
    else
      page += "<p><a href=\"" + one.name + "/report.html\">Its report alone</a></p>\n<iframe title=\"Report of the " +
              one.name + " part\" src=\"" + one.name + "/report.html\"></iframe>\n";
  }
  page += "<p>Grow a picture: <code>florilegium sample --model " + escaped((folder / "model.onnx").string()) +
          " --seed 7</code></p>\n</body>\n</html>\n";
  write_durably(folder / "report.html", page);
}

}  // namespace florilegium
