#include "trainer/data/garden/stem.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "trainer/data/garden/blade.h"

namespace florilegium::garden {

Point Stem::at(double t) const {
  const double position = std::clamp(t, 0.0, 1.0) * static_cast<double>(points.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(position), points.size() - 2);
  return between(points[i], points[i + 1], position - static_cast<double>(i));
}

double Stem::heading(double t) const {
  const Point way = at(std::min(1.0, t + 0.04)) - at(std::max(0.0, t - 0.04));
  return std::atan2(way.x, -way.y);
}

Stem grow(Point base, const StemGrowth& growth, Dice dice) {
  constexpr int steps = 14;
  Stem stem{{base}, growth.base_width, growth.tip_width};
  double heading = growth.heading, drift = 0;
  for (int i = 0; i < steps; ++i) {
    drift = 0.7 * drift + growth.unrest * dice.bell() / steps;
    heading += growth.bend / steps + drift - growth.towards_up * std::sin(heading) / steps;
    stem.points.push_back(stem.points.back() + towards(heading) * (growth.length / steps));
  }
  return stem;
}

void draw_stem(Brush& brush, const Stem& stem, Colour colour, Colour shade) {
  const std::size_t last = stem.points.size() - 1;
  std::vector<Point> left, right, light;
  for (std::size_t i = 0; i <= last; ++i) {
    const Point way = stem.points[std::min(i + 1, last)] - stem.points[i > 0 ? i - 1 : 0];
    const double length = std::max(1e-9, std::hypot(way.x, way.y));
    const Point normal{-way.y / length, way.x / length};
    const double half = stem.width(static_cast<double>(i) / static_cast<double>(last)) / 2;
    left.push_back(stem.points[i] - normal * half);
    right.push_back(stem.points[i] + normal * half);
    light.push_back(stem.points[i] - normal * (half * 0.35));
  }
  std::vector<Point> whole = left;
  whole.insert(whole.end(), right.rbegin(), right.rend());
  brush.wash(whole, stem.points.front(), mixed(colour, shade, 0.35), stem.points.back(), colour);
  if (brush.pixels(stem.base_width) > 2.5) {
    std::vector<Point> half = stem.points;
    half.insert(half.end(), right.rbegin(), right.rend());
    brush.wash(half, shade, 0.6);
    brush.line(light, stem.base_width * 0.16, lighter(colour, 0.5), 0.6);
  }
  if (brush.pixels(stem.base_width) > 1.2) {
    brush.outline(left, shade, false);
    brush.outline(right, shade, false);
  }
}

void draw_stalk(Brush& brush, Point from, double heading, Point to, double width, Colour colour, Colour shade) {
  const Point way = to - from;
  const Point bow = from + towards(heading) * (0.55 * std::hypot(way.x, way.y));
  Stem stalk{{}, width, width * 0.75};
  for (int i = 0; i <= 6; ++i) {
    const double t = i / 6.0;
    stalk.points.push_back(between(between(from, bow, t), between(bow, to, t), t));
  }
  draw_stem(brush, stalk, colour, shade);
}

void draw_tendril(Brush& brush, Point from, double heading, double size, Colour colour, Dice dice) {
  const double hand = dice.chance(0.5) ? 1 : -1;
  std::vector<Point> points = {from};
  double turn = heading;
  for (int i = 0; i < 40; ++i) {
    const double t = i / 40.0;
    turn += hand * (0.02 + 0.75 * std::pow(t, 2.2));
    points.push_back(points.back() + towards(turn) * (size * 0.06 * (1 - 0.75 * t)));
  }
  brush.line(points, 0.0045, darker(colour, 0.2), 0.9);
}

void draw_roots(Brush& brush, double size, Colour colour, Dice dice) {
  const int count = dice.whole(6, 12);
  for (int i = 0; i < count; ++i) {
    const double side = (i + dice.flat()) / count * 2 - 1;
    StemGrowth growth;
    growth.heading = 3.14159 - side * 1.05;
    growth.length = size * dice.between(0.5, 1.0) * (1 - 0.35 * std::abs(side));
    growth.towards_up = -1.0;
    growth.unrest = 2.2;
    growth.base_width = size * dice.between(0.035, 0.07);
    growth.tip_width = size * 0.008;
    const Stem root = grow({side * size * 0.04, 0}, growth, dice.fork());
    draw_stem(brush, root, colour, darker(colour, 0.35));
    for (int k = 0; k < 3; ++k) {
      growth.heading = root.heading(0.3 + 0.2 * k) + (dice.chance(0.5) ? 0.8 : -0.8);
      const double length = growth.length;
      growth.length = length * dice.between(0.25, 0.45);
      growth.base_width = size * 0.018;
      const Stem hair = grow(root.at(0.3 + 0.2 * k), growth, dice.fork());
      growth.length = length;
      brush.line(hair.points, growth.base_width * 0.6, darker(colour, 0.25), 0.8);
    }
  }
}

void draw_bulb(Brush& brush, double size, Colour colour, Dice dice) {
  for (int i = 0; i < 9; ++i) {
    StemGrowth growth;
    growth.heading = 3.14159 + (i - 4) * 0.22;
    growth.length = size * dice.between(0.45, 0.9);
    growth.unrest = 2.0;
    const Stem root = grow({(i - 4) * size * 0.035, size * 0.86}, growth, dice.fork());
    brush.line(root.points, size * 0.022, darker(colour, 0.15), 0.8);
  }
  BladePaint paint{lighter(colour, 0.35),
                   mixed(colour, {0.55, 0.3, 0.2}, 0.4),
                   darker(colour, 0.35),
                   0.6,
                   darker(colour, 0.35),
                   Veins::parallel,
                   true};
  BladeForm form;
  form.width = dice.between(0.6, 0.85);
  form.widest = 0.34;
  form.pointed = 1.15;
  draw_blade(brush, frame({0, size * 0.92}, 0, size), form, paint, dice.fork());
}

}  // namespace florilegium::garden
