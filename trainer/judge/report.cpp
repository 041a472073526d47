#include "trainer/judge/report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "src/files/sha256.h"
#include "src/files/write_file.h"
#include "src/image/png.h"
#include "src/image/sheet.h"
#include "trainer/data/write_jpeg.h"
#include "trainer/run/html.h"

namespace florilegium {
namespace {

using nlohmann::json;

constexpr int shown_side = 192;

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

double middle(const SetStatistics& set, std::size_t measure) {
  return set.quantiles[measure][SetStatistics::points / 2];
}

std::string copies_of(const Originality& one) {
  return std::to_string(one.copies) + " of " + std::to_string(one.ratios.size());
}

json to_json(const Originality& one) {
  return {{"pictures", one.ratios.size()},
          {"copies", one.copies},
          {"ratio_median", median(one.ratios)},
          {"ratios", one.ratios}};
}

json to_json(const Detail& detail) { return {{"octaves", detail.octaves}, {"seams", detail.seams}}; }

json to_json(const Wholeness& wholeness) {
  return {{"largest_piece", wholeness.largest}, {"pieces", wholeness.pieces}, {"soft_outline", wholeness.soft_outline}};
}

json to_json(const std::vector<TwoSample>& told) {
  json all = json::array();
  for (const TwoSample& one : told)
    all.push_back({{"side", one.side}, {"accuracy", one.accuracy}, {"interval", {one.low, one.high}}});
  return all;
}

json to_json(const FeatureDistances& one) {
  return {{"frechet", one.frechet}, {"kernel", one.kernel}, {"density", one.density}, {"coverage", one.coverage}};
}

json to_json(const FeatureJudgement& one) {
  return {{"held_against", one.held_against},
          {"compared", one.compared},
          {"set", to_json(one.set)},
          {"real", to_json(one.floor)}};
}

json to_json(const Judgement& judgement, const JudgedSet& set, const RealPlates& plates) {
  json pictures = json::array();
  for (std::size_t i = 0; i < set.names.size(); ++i) {
    json neighbours = json::array();
    for (const Neighbour& one : judgement.originality.neighbours[i])
      neighbours.push_back({{"plate", plates.training[one.plate].name},
                            {"distance", one.distance},
                            {"left", one.place.left},
                            {"top", one.place.top},
                            {"side", one.place.side},
                            {"mirrored", one.place.mirrored}});
    pictures.push_back({{"name", set.names[i]}, {"ratio", judgement.originality.ratios[i]}, {"nearest", neighbours}});
  }
  const Proportionality& colours = judgement.proportionality;
  json values = json::object();
  for (std::size_t m = 0; m < measures; ++m)
    values[measure_texts[m].key] = {{"median", middle(colours.set, m)},
                                    {"real_median", middle(colours.real, m)},
                                    {"distance", colours.distance.values[m]},
                                    {"by_chance", colours.by_chance.values[m]}};
  json whole = {{"set", set.title},
                {"data", plates.name},
                {"training_plates", plates.training.size()},
                {"originality",
                 {{"copy_limit", copy_limit},
                  {"set", to_json(judgement.originality)},
                  {"held_out", to_json(judgement.held_out)},
                  {"training_views", to_json(judgement.training_views)},
                  {"pictures", pictures}}},
                {"proportionality",
                 {{"measures", values},
                  {"hue",
                   {{"set", colours.set.hue},
                    {"real", colours.real.hue},
                    {"distance", colours.distance.hue},
                    {"by_chance", colours.by_chance.hue}}},
                  {"distance", colours.distance.all},
                  {"by_chance", colours.by_chance.all}}},
                {"plausibility",
                 {{"set", to_json(judgement.detail)},
                  {"real", to_json(judgement.real_detail)},
                  {"wholeness", {{"set", to_json(judgement.wholeness)}, {"real", to_json(judgement.real_wholeness)}}},
                  {"two_sample", to_json(judgement.told)}}}};
  if (judgement.features) whole["features"] = to_json(*judgement.features);
  return whole;
}

/// The places on the plates where a picture was found, side by side.
Picture strip_of(const std::vector<Neighbour>& neighbours, const RealPlates& plates) {
  std::vector<Picture> squares;
  for (const Neighbour& one : neighbours)
    squares.push_back(
        square_of(plates.training[one.plate], found_square(plates.training[one.plate], one.place), shown_side));
  return contact_sheet(squares, {static_cast<int>(squares.size()), 0, {255, 255, 255}});
}

}  // namespace

std::string describe(const Judgement& judgement, const JudgedSet& set, const RealPlates& plates) {
  const Originality& original = judgement.originality;
  const auto lowest = std::min_element(original.ratios.begin(), original.ratios.end());
  std::string text = set.title + ", against " + std::to_string(plates.training.size()) + " training plates of " +
                     plates.name + "\n\nOriginality\n";
  text += "  copies (ratio under 1/3)          " + copies_of(original) + "\n";
  text += format("  ratio, median and lowest          %.2f  %.2f (%s)\n", median(original.ratios), *lowest,
                 set.names[static_cast<std::size_t>(lowest - original.ratios.begin())].c_str());
  if (!judgement.held_out.ratios.empty())
    text += "  to compare: held-out plates        " + copies_of(judgement.held_out) +
            format(", median %.2f\n", median(judgement.held_out.ratios));
  text += "  to compare: training plates' views " + copies_of(judgement.training_views) +
          format(", median %.2f\n", median(judgement.training_views.ratios));

  const Proportionality& colours = judgement.proportionality;
  text +=
      "\nProportionality (medians; distance in standard deviations of the real plates)\n                           set "
      "    real    distance  by chance\n";
  for (std::size_t m = 0; m < measures; ++m)
    text += format("  %-22s %6.3f   %6.3f   %6.2f     %6.2f\n", measure_texts[m].name, middle(colours.set, m),
                   middle(colours.real, m), colours.distance.values[m], colours.by_chance.values[m]);
  text +=
      format("  %-22s                   %6.2f     %6.2f\n", "Hues of ink", colours.distance.hue, colours.by_chance.hue);
  text += format("  %-22s                   %6.2f     %6.2f   %.1f times as far as chance\n", "All",
                 colours.distance.all, colours.by_chance.all, colours.distance.all / colours.by_chance.all);

  text += "\nPlausibility (only signs of what looks wrong; the eye decides)\n                           set     real\n";
  constexpr const char* octaves[] = {"Lines 1-2 pixels", "Lines 2-4 pixels", "Lines 4-8 pixels"};
  for (std::size_t k = 0; k < 3; ++k)
    text +=
        format("  %-22s %6.2f   %6.2f\n", octaves[k], judgement.detail.octaves[k], judgement.real_detail.octaves[k]);
  text += format("  %-22s %6.3f   %6.3f\n", "Seams (1: none)", judgement.detail.seams, judgement.real_detail.seams);
  const Wholeness &grown = judgement.wholeness, &real = judgement.real_wholeness;
  text += format("  %-22s %6.3f   %6.3f   of the ink\n", "Largest piece", grown.largest, real.largest);
  text += format("  %-22s %6.1f   %6.1f   a picture, above 0.05 %% of it\n", "Pieces", grown.pieces, real.pieces);
  text += format("  %-22s %6.3f   %6.3f   of the ink's\n", "Soft outline", grown.soft_outline, real.soft_outline);
  for (const TwoSample& one : judgement.told)
    text += format("  Told from real ones at %3d pixels: %.1f %%, 95 %% interval %.1f to %.1f (50: cannot be told)\n",
                   one.side, 100 * one.accuracy, 100 * one.low, 100 * one.high);
  if (!judgement.features) return text;
  const FeatureJudgement& features = *judgement.features;
  text += "\nIn the encoder's features: " + std::to_string(features.compared) + " pictures against " +
          std::to_string(features.held_against) +
          " real ones, and as many other real ones against the same\n                           set     real\n";
  text += format("  %-22s %6.2f   %6.2f   the lower, the nearer\n", "Frechet distance", features.set.frechet,
                 features.floor.frechet);
  text += format("  %-22s %6.3f   %6.3f   likewise\n", "Kernel distance", features.set.kernel, features.floor.kernel);
  text += format("  %-22s %6.2f   %6.2f   less: unlike any real one; more: the usual ones only\n", "Density",
                 features.set.density, features.floor.density);
  text += format("  %-22s %6.2f   %6.2f   of the real ones have one like them\n", "Coverage", features.set.coverage,
                 features.floor.coverage);
  return text;
}

void write_report(const std::filesystem::path& folder, const Judgement& judgement, const JudgedSet& set,
                  const RealPlates& plates) {
  std::filesystem::create_directories(folder / "pictures");
  std::filesystem::create_directories(folder / "nearest");
  write_file(folder / "judge.json",
             to_json(judgement, set, plates).dump(1, ' ', false, json::error_handler_t::replace) + "\n");
  std::string page =
      "<!doctype html>\n<meta charset=\"utf-8\">\n<title>" + escaped(set.title) +
      "</title>\n"
      "<style>body{font:15px/1.4 "
      "Georgia,serif;background:#f6f1e4;color:#2d2a24;margin:2em}pre{font-size:13px}img{display:block;height:192px}"
      "td{padding:0 16px 0 0;font-size:12px;vertical-align:top}</style>\n<pre>" +
      escaped(describe(judgement, set, plates)) + "</pre>\n<table>\n";
  for (std::size_t i = 0; i < set.names.size(); ++i) {
    write_png(folder / "pictures" / (set.names[i] + ".png"), set.pictures[i]);
    write_jpeg(folder / "nearest" / (set.names[i] + ".jpg"),
               without_alpha(strip_of(judgement.originality.neighbours[i], plates)), 90);
    std::string nearest;
    for (const Neighbour& one : judgement.originality.neighbours[i])
      nearest += escaped(plates.training[one.plate].name) + format(" (%.1f)  ", one.distance);
    page += "<tr><td><img src=\"pictures/" + escaped(set.names[i]) + ".png\" alt=\"\">" + escaped(set.names[i]) +
            format(", ratio %.2f", judgement.originality.ratios[i]) + "<td><img src=\"nearest/" +
            escaped(set.names[i]) + ".jpg\" alt=\"\">" + nearest + "\n";
  }
  write_file(folder / "judge.html", page + "</table>\n");
}

std::filesystem::path write_beside(const std::filesystem::path& model, const Judgement& judgement, const JudgedSet& set,
                                   const RealPlates& plates) {
  std::ifstream in(model, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error("The model '" + model.string() + "' cannot be read.");
  json whole = to_json(judgement, set, plates);
  json& original = whole["originality"];
  original.erase("pictures");
  for (const char* part : {"set", "held_out", "training_views"}) original[part].erase("ratios");
  whole["model_sha256"] = sha256(bytes);
  whole["pictures"] = set.names.size();
  const auto file = std::filesystem::path(model).replace_extension(".judge.json");
  write_file(file, whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
  return file;
}

}  // namespace florilegium
