#include "trainer/data/garden/blade.h"

#include <algorithm>
#include <numbers>

namespace florilegium::garden {
namespace {

constexpr double pi = std::numbers::pi;

/// The midrib and where its right hand points, in the blade's own plane: it leaves the base
/// straight and turns by `bend`. t, from 0 at the base to 1, runs in smaller steps near both ends,
/// where the outline turns most.
struct Rib {
  std::vector<Point> points, normals;
  std::vector<double> t;
};

Rib make_rib(double bend, int steps) {
  Rib rib;
  Point here;
  double before = 0;
  for (int i = 0; i <= steps; ++i) {
    const double t = 0.5 - 0.5 * std::cos(pi * i / steps), middle = bend * (before + t) / 2;
    here = here + Point{std::sin(middle), std::cos(middle)} * (t - before);
    rib.points.push_back(here);
    rib.normals.push_back({std::cos(bend * t), -std::sin(bend * t)});
    rib.t.push_back(t);
    before = t;
  }
  return rib;
}

/// Half the width at t.
double half_width(const BladeForm& form, double t) {
  if (t <= 0 || t >= 1) return 0;
  const double rise = form.widest * form.pointed, fall = (1 - form.widest) * form.pointed;
  const double peak = std::pow(form.widest, rise) * std::pow(1 - form.widest, fall);
  double width = form.width / 2 * std::pow(t, rise) * std::pow(1 - t, fall) / peak;
  if (form.lobes > 0) width *= 1 - form.lobe_depth * (0.5 + 0.5 * std::cos(2 * pi * form.lobes * std::pow(t, 0.85)));
  return width;
}

/// One edge, base to tip. side: -1 left, 1 right.
std::vector<Point> make_edge(const Frame& frame, const BladeForm& form, const Rib& rib, double side, bool fine,
                             double phase) {
  std::vector<Point> edge;
  edge.reserve(rib.points.size());
  const double seen = side < 0 ? form.left : form.right;
  for (std::size_t i = 0; i < rib.points.size(); ++i) {
    const double t = rib.t[i];
    double width = half_width(form, t) * seen;
    double along = 0;
    if (fine && form.teeth > 0 && t > 0.06) {
      const double tooth = t * form.teeth - std::floor(t * form.teeth);
      width *= 1 + form.tooth_depth * (tooth - 0.5);
      along += form.tooth_depth * 0.25 * (tooth - 0.5) / form.teeth;
    }
    if (form.ruffle > 0)
      width *= 1 + form.ruffle * (0.5 * std::sin(t * 17 + phase) + 0.5 * std::sin(t * 29 + phase * 2.3));
    along -= form.heart * std::pow(1 - t, 5) * std::min(1.0, t * 12);
    if (form.notch > 0 && t > 0.75) along -= form.notch * std::pow((t - 0.75) / 0.25, 3);
    const Point normal = rib.normals[i];
    const Point local = rib.points[i] + normal * (side * width) + Point{-normal.y, normal.x} * along;
    edge.push_back(frame.at(local.x, local.y));
  }
  return edge;
}

std::vector<Point> placed(const Frame& frame, std::span<const Point> points) {
  std::vector<Point> out;
  out.reserve(points.size());
  for (const Point& point : points) out.push_back(frame.at(point.x, point.y));
  return out;
}

double length_of(Point vector) { return std::hypot(vector.x, vector.y); }

void draw_veins(Brush& brush, const Frame& frame, const BladeForm& form, const BladePaint& paint, const Rib& rib,
                double length, Dice& dice) {
  const auto last = rib.points.size() - 1;
  const auto at = [&](double t, double side, double share) {  // share of the way from the midrib to the edge
    const double position = std::acos(1 - 2 * std::clamp(t, 0.0, 1.0)) / pi * static_cast<double>(last);
    const auto i = std::min(static_cast<std::size_t>(position), last - 1);
    const double part = position - static_cast<double>(i);
    const Point rib_point = between(rib.points[i], rib.points[i + 1], part),
                normal = between(rib.normals[i], rib.normals[i + 1], part);
    const Point local = rib_point + normal * (side * share * half_width(form, t) * (side < 0 ? form.left : form.right));
    return frame.at(local.x, local.y);
  };
  const double large = brush.pixels(length);
  if (paint.veins == Veins::feathered) {
    const int fewer = large > 60 ? 7 : 5, pairs = large > 120 ? 9 : fewer;
    for (int i = 1; i <= pairs; ++i) {
      for (const double side : {-1.0, 1.0}) {
        const double t = (i - 0.3 + 0.15 * dice.flat()) / (pairs + 1);
        const std::vector<Point> vein = {at(t, side, 0), at(t + 0.045, side, 0.35), at(t + 0.10, side, 0.65),
                                         at(t + 0.17, side, 0.88)};
        brush.line(vein, 0.0016, paint.vein, 0.6);
      }
    }
  } else if (paint.veins != Veins::none) {
    const int lines = std::clamp(static_cast<int>(large * form.width / 5), 2, 9);
    for (int i = 0; i < lines; ++i) {
      const double share = (i + 0.5) / lines * 1.7 - 0.85, side = share < 0 ? -1.0 : 1.0;
      const bool streak = paint.veins == Veins::streaks;
      const double begin = streak ? 0.02 : 0.04, end = streak ? 0.45 + 0.4 * dice.flat() : 0.93 + 0.04 * dice.flat();
      std::vector<Point> vein;
      for (int k = 0; k <= 8; ++k) vein.push_back(at(begin + (end - begin) * k / 8, side, std::abs(share)));
      brush.line(vein, 0.0014, paint.vein, streak ? 0.45 : 0.4);
    }
  }
  if (paint.hatched && large > 70) {
    const int lines = std::min(60, static_cast<int>(large / 3.2));
    for (int i = 1; i < lines; ++i) {
      const double t = static_cast<double>(i) / lines, depth = 0.35 + 0.35 * dice.flat();
      const std::vector<Point> stroke = {at(t + 0.06, 1.0, 0.95), at(t + 0.03, 1.0, 0.95 - depth * 0.5),
                                         at(t, 1.0, 0.95 - depth)};
      brush.line(stroke, 0.0009, darker(paint.shade, 0.55), 0.42);
    }
  }
}

}  // namespace

void draw_blade(Brush& brush, const Frame& frame, const BladeForm& form, const BladePaint& paint, Dice dice) {
  const double length = length_of(frame.along), large = brush.pixels(length);
  const bool fine = large > 14;
  int steps = fine ? std::clamp(form.teeth * 5, 20, 64) : 8;
  if (large < 6) steps = 5;
  const Rib rib = make_rib(form.bend, steps);
  const double phase = 6.28 * dice.flat();
  const std::vector<Point> left = make_edge(frame, form, rib, -1.0, fine, phase),
                           right = make_edge(frame, form, rib, 1.0, fine, phase + 2);
  const std::vector<Point> middle = placed(frame, rib.points);
  std::vector<Point> whole = left;
  whole.insert(whole.end(), right.rbegin(), right.rend());

  const Colour base = mixed(paint.base, paint.tip, 0.12 * dice.flat()),
               tip = mixed(paint.tip, paint.base, 0.2 * dice.flat());
  brush.wash(whole, middle.front(), base, middle.back(), tip);
  const std::size_t centre = middle.size() / 2;
  if (large > 5) {  // the half away from the light, darkest along the midrib
    std::vector<Point> half = middle;
    half.insert(half.end(), right.rbegin(), right.rend());
    brush.glaze(half, middle[centre], paint.shade, paint.shading, right[centre], paint.shade,
                fine ? paint.shading * 0.45 : paint.shading);
  }
  if (fine) {
    std::vector<Point> half = middle;  // the lit half, brightest between midrib and edge
    half.insert(half.end(), left.rbegin(), left.rend());
    brush.glaze(half, middle[centre], paint.shade, paint.shading * 0.38, between(middle[centre], left[centre], 0.55),
                base, 0.0);
    std::vector<Point> patch;
    const std::size_t from = left.size() / 5, to = left.size() * 4 / 5;
    for (std::size_t i = from; i < to; ++i) patch.push_back(between(middle[i], left[i], 0.35));
    for (std::size_t i = to; i-- > from;) patch.push_back(between(middle[i], left[i], 0.85));
    brush.glaze(patch, middle[from], lighter(base, 0.6), 0.34, middle[to], lighter(tip, 0.6), 0.0);
    const Point foot = between(middle.front(), middle.back(), 0.4);  // deeper where the blade leaves the stalk
    brush.glaze(whole, middle.front(), paint.shade, 0.45, foot, paint.shade, 0.0);
  }
  if (large > 20) draw_veins(brush, frame, form, paint, rib, length, dice);
  if (large > 9 && paint.veins != Veins::none && paint.veins != Veins::streaks)
    brush.line(middle, 0.0022, paint.vein, 0.75);
  if (large > 7) brush.outline(whole, mixed(paint.shade, tip, 0.3));
}

void draw_round_leaf(Brush& brush, const Frame& frame, const RoundForm& form, const BladePaint& paint, Dice dice) {
  const double length = length_of(frame.along), large = brush.pixels(length);
  const int steps = large > 25 ? form.points * 12 : form.points * 4;
  const double start = pi - 0.9 * form.slit;
  const auto tip_of = [&](double turn,
                          double radius) {  // about the leaf's middle; the lobes opposite the stalk are longest
    radius *= 0.5 + 0.08 * std::cos(turn);
    return frame.at(std::sin(turn) * radius, 0.3 + std::cos(turn) * radius);
  };
  std::vector<Point> edge;
  for (int i = 0; i <= steps; ++i) {
    const double turn = -start + 2 * start * i / steps;  // 0 points along
    const double phase = (turn + start) / (2 * start) * pi * form.points;
    const double between_lobes =
        form.sharp > 0.5 ? 1 - std::pow(std::abs(std::sin(phase)), 1.4) : std::pow(std::abs(std::cos(phase)), 4);
    const double serration = form.sharp > 0.5 && large > 25 ? 0.05 * std::abs(std::sin(phase * 4)) : 0.0;
    edge.push_back(tip_of(turn, 1 - form.depth * between_lobes - serration + 0.02 * (dice.flat() - 0.5)));
  }
  const Point stalk = frame.origin;
  std::vector<Point> whole = edge;
  whole.push_back(stalk);
  brush.wash(whole, stalk, paint.base, frame.at(0, 1), paint.tip);
  const std::size_t half = edge.size() / 2;
  std::vector<Point> shaded(edge.begin() + static_cast<std::ptrdiff_t>(half), edge.end());
  shaded.push_back(stalk);
  brush.glaze(shaded, stalk, paint.shade, paint.shading, frame.at(0.45, 0.6), paint.shade, paint.shading * 0.4);
  if (large > 14) brush.glaze(whole, stalk, paint.shade, 0.5, frame.at(0, 0.45), paint.shade, 0.0);
  if (large > 12) {
    for (int lobe = 0; lobe < form.points; ++lobe) {
      const double turn = -start + 2 * start * (lobe + 0.5) / form.points;
      const Point end = tip_of(turn, 0.93);
      const std::vector<Point> vein = {stalk, between(stalk, end, 0.5) + Point{0, length * 0.01}, end};
      brush.line(vein, 0.002, paint.vein, 0.65);
      if (large < 50) continue;
      for (const double share : {0.35, 0.55, 0.72}) {
        for (const double side : {-1.0, 1.0}) {
          const Point from = between(stalk, end, share), way = (end - stalk) * (form.sharp > 0.5 ? 0.11 : 0.22);
          const Point to = from + way * 0.8 + Point{-way.y, way.x} * (side * 0.75);
          const std::vector<Point> branch = {from, to};
          brush.line(branch, 0.0012, paint.vein, 0.45);
        }
      }
    }
    if (paint.hatched && large > 80) {
      for (std::size_t i = half; i + 1 < edge.size(); i += 1) {
        const std::vector<Point> stroke = {
            between(edge[i], stalk, 0.02),
            between(edge[i], stalk, (form.sharp > 0.5 ? 0.07 : 0.16) + 0.1 * dice.flat())};
        brush.line(stroke, 0.0009, darker(paint.shade, 0.55), 0.4);
      }
    }
  }
  if (large > 4) brush.outline(whole, paint.shade);
}

}  // namespace florilegium::garden
