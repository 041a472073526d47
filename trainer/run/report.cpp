#include "trainer/run/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>
#include <vector>

#include "src/files/write_file.h"
#include "src/image/png.h"
#include "src/image/resize.h"
#include "trainer/data/read_picture.h"
#include "trainer/run/html.h"
#include "trainer/run/plot.h"
#include "trainer/run/run_log.h"

namespace florilegium {
namespace {

constexpr std::size_t most_sheets = 12;
constexpr int newest_sheet_side = 900, sheet_side = 320;  // pixels, longest side as shown in the report

std::string number(double value, const char* pattern = "%.4g") {
  char text[48];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? letters[group >> (18 - 6 * k) & 63u] : '=';
  }
  return text;
}

std::vector<double> samples_of(const std::vector<LogEntry>& log) {
  std::vector<double> samples;
  for (const LogEntry& entry : log) samples.push_back(static_cast<double>(entry.samples));
  return samples;
}

template <class Get>
PlotLine line_of(const std::vector<LogEntry>& log, std::string name, int colour, bool dashed, Get&& get) {
  PlotLine line{std::move(name), samples_of(log), {}, colour, dashed};
  for (const LogEntry& entry : log) line.y.push_back(get(entry));
  return line;
}

constexpr const char* x_label = "training pictures seen";

Plot loss_plot(const std::vector<LogEntry>& log) {
  return {x_label, {line_of(log, "training loss", 0, false, [](const LogEntry& e) { return e.loss; })}};
}

Plot band_plot(const std::vector<LogEntry>& log) {
  Plot plot{x_label, {}};
  constexpr const char* names[noise_bands] = {"0-¼", "¼-½", "½-¾", "¾-1"};
  for (std::size_t band = 0; band < noise_bands; ++band)
    plot.lines.push_back(line_of(log, names[band], static_cast<int>(band), false,
                                 [=](const LogEntry& e) { return e.loss_by_band[band].value_or(NAN); }));
  return plot;
}

Plot held_out_plot(const std::vector<LogEntry>& log, const EvaluationLevels& levels) {
  Plot plot{x_label, {}};
  for (std::size_t l = 0; l < levels.size(); ++l) {
    const int colour = static_cast<int>(l);
    plot.lines.push_back(line_of(log, number(static_cast<double>(levels[l])), colour, false,
                                 [=](const LogEntry& e) { return e.evaluation ? e.evaluation->held_out[l] : NAN; }));
    plot.lines.push_back(line_of(log, "", colour, true,
                                 [=](const LogEntry& e) { return e.evaluation ? e.evaluation->trained[l] : NAN; }));
  }
  return plot;
}

/// Sample sheets of the run, oldest first; of very many, some evenly spread, always with the
/// newest.
std::vector<std::filesystem::path> sheets_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> all, some;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().extension() == ".png") all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  if (all.size() <= most_sheets) return all;
  for (std::size_t i = 0; i < most_sheets; ++i) some.push_back(all[i * (all.size() - 1) / (most_sheets - 1)]);
  return some;
}

/// Nothing when the sheet cannot be read: a report does not end a training run.
std::string sheet_html(const std::filesystem::path& file, int side) try {
  const RgbPicture sheet = read_picture(file);
  Picture picture = blank_picture(sheet.width, sheet.height, 255, 255, 255);
  for (std::size_t p = 0; p < sheet.rgb.size() / 3; ++p) std::copy_n(&sheet.rgb[p * 3], 3, &picture.rgba[p * 4]);
  long long step = 0;
  std::sscanf(file.filename().c_str(), "step-%lld", &step);
  return "<figure><a href=\"samples/" + file.filename().string() +
         "\"><img loading=\"lazy\" alt=\"samples after step " + std::to_string(step) +
         "\" src=\"data:image/png;base64," + base64(encode_png(fitted(picture, side))) + "\"></a><figcaption>step " +
         std::to_string(step) + "</figcaption></figure>\n";
} catch (const std::runtime_error&) { return {}; }

std::string card(const std::string& value, const std::string& name) {
  return "<div><b>" + escaped(value) + "</b><span>" + escaped(name) + "</span></div>\n";
}

std::string cards(const std::vector<LogEntry>& log, const ReportFacts& facts) {
  const TrainingSettings& s = facts.settings;
  std::string html = "<div class=\"cards\">\n" +
                     card(short_number(static_cast<double>(s.samples_before + facts.step * s.batch)), "pictures seen") +
                     card(short_number(static_cast<double>(facts.parameters)), "parameters") +
                     card(time_text(facts.seconds), "of training");
  if (!log.empty())
    html += card(number(log.back().loss), "training loss") +
            card(number(log.back().samples_per_second, "%.1f"), "pictures a second");
  for (auto entry = log.rbegin(); entry != log.rend(); ++entry) {
    if (!entry->evaluation) continue;
    const double held_out = entry->evaluation->held_out_loss(), trained = entry->evaluation->trained_loss();
    html += card(number(held_out), "held-out loss") +
            card(number((held_out / trained - 1) * 100, "%+.1f %%"), "against pictures trained on");
    break;
  }
  return html + "</div>\n";
}

std::string table(const std::vector<LogEntry>& log, const EvaluationLevels& levels) {
  std::string html =
      "<div class=\"wide\"><table><thead><tr><th>step</th><th>pictures</th><th>time</th><th>loss</th><th>held "
      "out</th><th>trained on</th>";
  for (const float level : levels) html += "<th>at " + number(static_cast<double>(level)) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (auto e = log.rbegin(); e != log.rend(); ++e) {
    if (!e->evaluation) continue;
    html += "<tr><td>" + std::to_string(e->step) + "</td><td>" + short_number(static_cast<double>(e->samples)) +
            "</td><td>" + time_text(e->seconds) + "</td><td>" + number(e->loss) + "</td><td>" +
            number(e->evaluation->held_out_loss()) + "</td><td>" + number(e->evaluation->trained_loss()) + "</td>";
    for (const double loss : e->evaluation->held_out) html += "<td>" + number(loss) + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string roll_back_list(const std::vector<LogEntry>& log) {
  std::string items;
  for (const LogEntry& entry : log)
    for (const RollBack& r : entry.roll_backs)
      items += "<li>At step " + std::to_string(r.from_step) + " " + escaped(r.reason) + "; went back to step " +
               std::to_string(r.to_step) + ", and on with " + number(r.learning_rate_factor) +
               " times the learning rate.</li>\n";
  return items.empty() ? "" : "<h2>What went wrong</h2>\n<ul>\n" + items + "</ul>\n";
}

std::string settings_table(const ReportFacts& facts) {
  const TrainingSettings& s = facts.settings;
  const std::pair<std::string, std::string> rows[] = {
      {"network", s.network.name},
      {"picture size", std::to_string(s.network.image_size) + " x " + std::to_string(s.network.image_size)},
      {"data", facts.trained_on},
      {"starts from", s.init.empty() ? "nothing" : s.init},
      {"steps", std::to_string(s.steps)},
      {"batch", std::to_string(s.batch)},
      {"seed", std::to_string(s.seed)},
      {"learning rate", number(s.optimiser.learning_rate) + ", after " + std::to_string(s.warm_up) +
                            " steps; falls over the last " + number(s.decay_share * 100) + " %"},
      {"weight decay", number(s.optimiser.weight_decay)},
      {"moving average", number(s.optimiser.ema_decay, "%.6g")},
      {"weight of the differences of neighbouring pixels", number(s.fine_weight)},
      {"weight of averages over 16x16", number(s.average_weight)},
      {"weight of the discriminator",
       number(s.adversarial_weight) +
           (s.adversarial_highest < 1 ? ", up to a noise level of " + number(s.adversarial_highest) : "")},
      {"noise", std::string(name_of(s.noise)) + ", scale " + number(s.noise_scale)},
      {"schedule", s.schedule.text() + ", " + std::to_string(s.default_steps) + " steps, sampler " +
                       std::string(name_of(s.default_sampler))},
      {"computes in", s.compute == Type::bf16 ? "bf16" : "f32"},
      {"device", facts.device}};
  std::string html = "<table class=\"settings\">\n";
  for (const auto& [name, value] : rows) html += "<tr><th>" + name + "</th><td>" + escaped(value) + "</td></tr>\n";
  return html + "</table>\n";
}

constexpr const char* page_style =
    R"(body{margin:0 auto;max-width:62rem;padding:1.2rem;background:#fbf8f1;color:var(--ink);
font:16px/1.5 Georgia,serif}
h1{font-weight:normal;font-size:2rem;margin:.4rem 0 0}h2{font-weight:normal;font-size:1.3rem;margin:2rem 0 .4rem}
p.note{color:var(--soft);margin:.2rem 0 .8rem}
.bar{height:4px;background:var(--rule);border-radius:2px;margin:.8rem 0}
.bar i{display:block;height:100%;background:var(--c0);border-radius:2px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.6rem;margin:1rem 0}
.cards div{border:1px solid var(--rule);border-radius:.5rem;padding:.5rem .7rem}
.cards b{display:block;font-weight:normal;font-size:1.25rem}
.cards span{color:var(--soft);font-size:.85rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 2rem}
.plot{width:100%;height:auto}
figure{margin:0}figcaption{color:var(--soft);font-size:.85rem;text-align:center}
img{width:100%;height:auto;border-radius:.3rem;display:block}
.sheets{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.8rem}
.wide{overflow:auto;max-height:28rem}table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:right;padding:.2rem .7rem;border-bottom:1px solid var(--rule);white-space:nowrap}
th{font-weight:normal;color:var(--soft)}.settings th,.settings td{text-align:left;white-space:normal}
code{font-size:.85rem;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{background:#1d1b18}}
)";

std::string page(const std::filesystem::path& folder, const std::vector<LogEntry>& log, const ReportFacts& facts) {
  const TrainingSettings& s = facts.settings;
  const bool finished = facts.step >= s.steps;
  const auto sheets = sheets_of(folder / "samples");
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n";
  if (!finished) html += "<meta http-equiv=\"refresh\" content=\"60\">\n";
  html += "<title>" + escaped(s.title) + " - training report</title>\n<style>\n" + plot_style() + page_style +
          "</style>\n</head>\n<body>\n";
  html += "<h1>" + escaped(s.title) + "</h1>\n<p class=\"note\">Learned from " + escaped(facts.trained_on) + ". Step " +
          std::to_string(facts.step) + " of " + std::to_string(s.steps) + (finished ? ", finished." : ".") +
          "</p>\n<div class=\"bar\"><i style=\"width:" +
          number(100.0 * static_cast<double>(facts.step) / static_cast<double>(std::max<std::int64_t>(1, s.steps)),
                 "%.1f") +
          "%\"></i></div>\n" + cards(log, facts);
  if (!sheets.empty()) html += sheet_html(sheets.back(), newest_sheet_side);
  html +=
      "<div class=\"plots\">\n<section><h2>Training loss</h2><p class=\"note\">Velocity loss, mean of all noise "
      "levels.</p>" +
      svg_plot(loss_plot(log)) + "</section>\n";
  html +=
      "<section><h2>Loss by noise band</h2><p class=\"note\">Mean squared error in training, by share of noise.</p>" +
      svg_plot(band_plot(log)) + "</section>\n";
  html +=
      "<section><h2>Held-out loss by noise level</h2><p class=\"note\">Mean squared error on pictures never shown in "
      "training; dashed: on training pictures. A growing gap means that pictures are being learned by heart.</p>" +
      svg_plot(held_out_plot(log, evaluation_levels(s.part))) + "</section>\n</div>\n" + roll_back_list(log);
  html +=
      "<h2>Samples over time</h2>\n<p class=\"note\">The same seeds each time. A click opens the full sheet.</p>\n<div "
      "class=\"sheets\">\n";
  for (const auto& sheet : sheets) html += sheet_html(sheet, sheet_side);
  html += "</div>\n<h2>Measurements</h2>\n" + table(log, evaluation_levels(s.part)) + "<h2>Settings</h2>\n" +
          settings_table(facts);
  html += "<p class=\"note\">Grow a picture: <code>florilegium sample --model " +
          escaped((folder / "model.onnx").string()) + " --seed 7</code></p>\n</body>\n</html>\n";
  return html;
}

}  // namespace

std::string time_text(double seconds) {
  char text[32];
  const auto s = static_cast<long>(std::max(0.0, seconds));
  if (s >= 3600) std::snprintf(text, sizeof text, "%ld h %02ld min", s / 3600, s / 60 % 60);
  else std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

void write_run_report(const std::filesystem::path& run_folder, const ReportFacts& facts) {
  const auto log = read_log(run_folder / "log.jsonl");
  Plot plot = loss_plot(log);
  plot.lines.push_back(line_of(log, "held-out mean squared error", 1, false,
                               [](const LogEntry& e) { return e.evaluation ? e.evaluation->held_out_loss() : NAN; }));
  std::string svg = svg_plot(plot);
  svg.insert(svg.find('>') + 1, "\n<style>" + plot_style() + "</style>");
  write_durably(run_folder / "loss.svg", svg);
  write_durably(run_folder / "report.html", page(run_folder, log, facts));
}

}  // namespace florilegium
