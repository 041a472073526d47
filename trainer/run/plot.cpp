#include "trainer/run/plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace florilegium {
namespace {

constexpr double width = 480, height = 300, left = 52, right = 12, top = 34,
                 bottom = 40;  // of the picture and its margins
constexpr std::size_t most_points = 300;

std::string format(const char* pattern, double value) {
  char text[48];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

struct Point {
  double x, y;
};

/// The usable points of a line, neighbours averaged when there are very many.
std::vector<Point> points_of(const PlotLine& line) {
  std::vector<Point> all;
  for (std::size_t i = 0; i < std::min(line.x.size(), line.y.size()); ++i)
    if (std::isfinite(line.y[i]) && line.y[i] > 0) all.push_back({line.x[i], line.y[i]});
  const std::size_t together = (all.size() + most_points - 1) / most_points;
  if (together < 2) return all;
  std::vector<Point> means;
  for (std::size_t first = 0; first < all.size(); first += together) {
    const std::size_t count = std::min(together, all.size() - first);
    Point mean{0, 0};
    for (std::size_t i = first; i < first + count; ++i) {
      mean.x += all[i].x / static_cast<double>(count);
      mean.y += all[i].y / static_cast<double>(count);
    }
    means.push_back(mean);
  }
  return means;
}

/// Where things lie: x linear from 0, y logarithmic.
struct Frame {
  double x_most = 1, low = 0.1, high = 1;

  explicit Frame(const std::vector<std::vector<Point>>& lines) {
    double least = INFINITY, most = 0;
    for (const auto& line : lines)
      for (const Point& p : line) {
        x_most = std::max(x_most, p.x);
        least = std::min(least, p.y);
        most = std::max(most, p.y);
      }
    if (most <= 0) return;
    low = least / 1.15;
    high = most * 1.15;
  }
  double x(double value) const { return left + value / x_most * (width - left - right); }
  double y(double value) const {
    return top + (std::log(high) - std::log(value)) / (std::log(high) - std::log(low)) * (height - top - bottom);
  }

  /// 1, 2 and 5 times powers of ten, or every power alone when those would be too many.
  std::vector<double> y_ticks() const {
    std::vector<double> ticks;
    const double decades = std::log10(high / low);
    for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10)
      for (const double digit : {1.0, 1.5, 2.0, 3.0, 5.0, 7.0}) {
        const bool shown = digit == 1 || (decades < 3 && (digit == 2 || digit == 5)) || (decades < 0.8 && digit != 1);
        if (shown && digit * power >= low && digit * power <= high) ticks.push_back(digit * power);
      }
    return ticks;
  }
  std::vector<double> x_ticks() const {
    const double raw = x_most / 4, power = std::pow(10.0, std::floor(std::log10(raw)));
    double distance = power;
    for (const double round : {2, 5, 10})
      if (distance < raw) distance = power * round;
    std::vector<double> ticks;
    for (double tick = 0; tick <= x_most * 1.001; tick += distance) ticks.push_back(tick);
    return ticks;
  }
};

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + format("%.1f", x) + "\" y=\"" + format("%.1f", y) + "\" text-anchor=\"" + anchor + "\">" +
         text + "</text>\n";
}

std::string axes(const Frame& frame, const std::string& x_label) {
  std::string svg;
  for (const double tick : frame.y_ticks()) {
    const std::string y = format("%.1f", frame.y(tick));
    svg += "<line class=\"grid\" x1=\"" + format("%.0f", left) + "\" x2=\"" + format("%.0f", width - right) +
           "\" y1=\"" + y + "\" y2=\"" + y + "\"/>\n";
    svg += text_at(left - 6, frame.y(tick) + 4, "end", format("%.3g", tick));
  }
  for (const double tick : frame.x_ticks())
    svg += text_at(frame.x(tick), height - bottom + 17, "middle", short_number(tick));
  return svg + text_at((left + width - right) / 2, height - 5, "middle", x_label);
}

std::string legend(const Plot& plot) {
  std::string svg;
  double x = left;
  for (const PlotLine& line : plot.lines) {
    if (line.name.empty()) continue;
    const std::string tint = "c" + std::to_string(line.colour);
    svg += "<line class=\"line " + tint + (line.dashed ? " dashed" : "") + "\" x1=\"" + format("%.1f", x) + "\" x2=\"" +
           format("%.1f", x + 16) + "\" y1=\"14\" y2=\"14\"/>\n";
    svg += text_at(x + 21, 18, "start", line.name);
    x += 34 + 6.6 * static_cast<double>(line.name.size());
  }
  return svg;
}

}  // namespace

std::string short_number(double value) {
  const auto scaled = [](double v, const char* unit) {
    return format(v < 9.95 && v != std::floor(v) ? "%.1f" : "%.0f", v) + unit;
  };
  if (value >= 999500) return scaled(value / 1e6, "M");
  if (value >= 1000) return scaled(value / 1e3, "k");
  return format("%.4g", value);
}

std::string svg_plot(const Plot& plot) {
  std::vector<std::vector<Point>> lines;
  for (const PlotLine& line : plot.lines) lines.push_back(points_of(line));
  const Frame frame(lines);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" viewBox=\"0 0 " +
                    format("%.0f", width) + " " + format("%.0f", height) + "\">\n";
  svg += axes(frame, plot.x_label) + legend(plot);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string classes = "c" + std::to_string(plot.lines[i].colour) + (plot.lines[i].dashed ? " dashed" : "");
    std::string path;
    for (const Point& p : lines[i]) path += format("%.1f", frame.x(p.x)) + "," + format("%.1f ", frame.y(p.y));
    if (lines[i].size() > 1) svg += "<polyline class=\"line " + classes + "\" points=\"" + path + "\"/>\n";
    if (lines[i].size() < 25) {
      for (const Point& p : lines[i])
        svg += "<circle class=\"dot " + classes + "\" r=\"2.6\" cx=\"" + format("%.1f", frame.x(p.x)) + "\" cy=\"" +
               format("%.1f", frame.y(p.y)) + "\"><title>" + short_number(p.x) + ": " + format("%.4g", p.y) +
               "</title></circle>\n";
    }
  }
  return svg + "</svg>\n";
}

std::string plot_style() {
  return R"(:root{--ink:#2f2a24;--soft:#857b6e;--rule:#e6dfd2;
--c0:#3f6b45;--c1:#b5552f;--c2:#3d6a94;--c3:#a2802a;--c4:#7d4a80}
@media (prefers-color-scheme:dark){:root{--ink:#e9e3d8;--soft:#a29887;--rule:#3a362f;
--c0:#8fbf8e;--c1:#e59069;--c2:#86b2dc;--c3:#d9b95e;--c4:#c596c9}}
.plot text{font:12px system-ui,sans-serif;fill:var(--soft)}
.plot .grid{stroke:var(--rule)}
.plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.plot .dashed{stroke-dasharray:4 3}
.plot .c0{stroke:var(--c0)}.plot .c1{stroke:var(--c1)}.plot .c2{stroke:var(--c2)}
.plot .c3{stroke:var(--c3)}.plot .c4{stroke:var(--c4)}
.plot .dot{stroke-width:0}
.plot .dot.c0{fill:var(--c0)}.plot .dot.c1{fill:var(--c1)}.plot .dot.c2{fill:var(--c2)}
.plot .dot.c3{fill:var(--c3)}.plot .dot.c4{fill:var(--c4)}
)";
}

}  // namespace florilegium
