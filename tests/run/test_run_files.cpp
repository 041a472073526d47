// The files of a run: settings, log, the state's notes, plots and report.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/learn/discs.h"
#include "trainer/run/plot.h"
#include "trainer/run/report.h"
#include "trainer/run/run_log.h"
#include "trainer/run/run_state.h"

using namespace florilegium;

namespace {

std::string text_of_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

LogEntry entry_at(std::int64_t step) {
  LogEntry e;
  e.step = step;
  e.samples = step * 4;
  e.loss = 0.1 + 1.0 / static_cast<double>(step);
  e.loss_by_band = {0.1, std::nullopt, 0.3, 0.4};
  e.seconds = 1.25;
  return e;
}

}  // namespace

TEST_CASE("settings come back from config.json as they were written") {
  TrainingSettings s = tiny_settings("somewhere");
  s.init = "models/a \"b\".onnx";
  s.compute = Type::bf16;
  s.noise = NoiseKind::uniform;
  s.noise_scale = 1.7;
  s.fine_weight = 1.25;
  s.average_weight = 3.5;
  s.adversarial_highest = 0.875;
  s.default_sampler = sampler("heun");
  s.levels.mean = -0.1;
  s.optimiser.ema_decay = 0.9995;
  s.seed = 0xfedcba9876543210U;
  const std::string text = to_json(s, "a device");
  CHECK(to_json(training_settings_from_json(text), "a device") == text);
  CHECK(name_of(training_settings_from_json(text).default_sampler) == "heun");
  CHECK_THROWS_AS(training_settings_from_json("{\"steps\": 3}"), std::runtime_error);
  CHECK_THROWS_AS(training_settings_from_json(text.substr(0, text.size() / 2)), std::runtime_error);
}

TEST_CASE("the learning rate rises, stays and falls") {
  TrainingSettings s;
  s.steps = 1000;
  s.warm_up = 100;
  s.decay_share = 0.2;
  s.optimiser.learning_rate = 1;
  CHECK(learning_rate(s, 1) == doctest::Approx(0.01));
  CHECK(learning_rate(s, 100) == 1);
  CHECK(learning_rate(s, 800) == 1);
  CHECK(learning_rate(s, 901) == doctest::Approx(0.5));
  CHECK(learning_rate(s, 1000) == doctest::Approx(0.005));
}

TEST_CASE("the log is read as it was written, cut where a run resumes, and survives a line cut off") {
  const TemporaryFolder folder;
  const auto file = folder.path / "log.jsonl";
  {
    RunLog log(file, 0);
    for (std::int64_t step = 1; step <= 5; ++step) {
      LogEntry e = entry_at(step);
      if (step == 2) e.roll_backs = {{9, 1, "the loss \"exploded\"", 0.5}};
      if (step == 3) e.evaluation = Evaluation{{1, 2, 3, 4}, {1, 1, 1, 1}};
      log.append(e);
    }
  }
  auto entries = read_log(file);
  REQUIRE(entries.size() == 5);
  CHECK(entries[4].loss == entry_at(5).loss);
  CHECK_FALSE(entries[0].loss_by_band[1]);
  CHECK(entries[1].roll_backs.at(0).reason == "the loss \"exploded\"");
  CHECK(entries[2].evaluation->held_out_loss() == 2.5);
  std::ofstream(file, std::ios::app) << R"({"step": 6, "samp)";
  const std::string before = text_of_file(file);
  RunLog(file, 3).append(entry_at(4));
  entries = read_log(file);
  CHECK(entries.size() == 4);
  CHECK(before.starts_with(text_of_file(file)));
}

TEST_CASE("a run's state comes back from a checkpoint's notes") {
  RunState s;
  s.step = 12;
  s.seconds = 3.5;
  s.tally = {0.1, 1e-30, 3, 1, {1, 2, 3, 1.0 / 3}, {4, 5, 6, 7}, 0.7};
  s.watch = {0.7, 0.1 + 0.2, 99, 1};
  s.learning_rate_factor = 0.25;
  s.roll_backs_in_a_row = 2;
  s.trouble_step = 15;
  s.roll_backs = {{15, 12, "it went wrong", 0.25}};
  s.trained_on = "discs";
  const TrainingSettings settings = tiny_settings("");
  const std::string notes = checkpoint_notes(s, settings, "here");
  const Checkpoint checkpoint{12, notes, {}};
  CHECK(checkpoint_notes(state_of(checkpoint), settings_of(checkpoint), "here") == notes);
  CHECK_THROWS_AS(state_of({1, "{}", {}}), std::runtime_error);
}

TEST_CASE("plots hold their lines, whatever the numbers") {
  CHECK(short_number(950) == "950");
  CHECK(short_number(2500) == "2.5k");
  CHECK(short_number(12000) == "12k");
  CHECK(short_number(1.2e6) == "1.2M");
  PlotLine line{"loss", {}, {}, 1, false};
  for (int i = 0; i < 5000; ++i) {
    line.x.push_back(i);
    line.y.push_back(i % 7 == 0 ? NAN : 1.0 / (1 + i));
  }
  const std::string svg = svg_plot({"samples", {line}});
  CHECK(svg.find("<polyline") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.size() < 10000);
  for (const auto& lines : {std::vector<PlotLine>{},
                            {{"one", {3}, {0.5}, 0, false}},
                            {{"flat", {0, 1}, {2, 2}, 0, false}},
                            {{"none", {1}, {-1}, 0, false}}}) {
    const std::string plot = svg_plot({"x", lines});
    CHECK(plot.ends_with("</svg>\n"));
    CHECK(plot.find("nan") == std::string::npos);
    CHECK(plot.find("inf") == std::string::npos);
  }
}

TEST_CASE("the report is one page that asks for nothing else, and is escaped") {
  const TemporaryFolder folder;
  {
    RunLog log(folder.path / "log.jsonl", 0);
    LogEntry e = entry_at(10);
    e.evaluation = Evaluation{{0.2, 0.2, 0.2, 0.2}, {0.1, 0.1, 0.1, 0.1}};
    e.roll_backs = {{9, 1, "it exploded", 0.5}};
    log.append(e);
  }
  TrainingSettings s = tiny_settings(folder.path);
  s.title = "Roses & <script>";
  write_run_report(folder.path, {s, "a device", "discs", 45036, 10, 75});
  const std::string html = text_of_file(folder.path / "report.html");
  CHECK(html.find("Roses &amp; &lt;script&gt;") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("http://") == html.find("http://www.w3.org/2000/svg"));
  CHECK(html.find("src=\"http") == std::string::npos);
  CHECK(html.find("+100.0 %") != std::string::npos);
  CHECK(html.find("it exploded") != std::string::npos);
  CHECK(html.find("1:15") != std::string::npos);
  CHECK(text_of_file(folder.path / "loss.svg").starts_with("<svg"));
}
