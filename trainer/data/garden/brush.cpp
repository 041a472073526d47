#include "trainer/data/garden/brush.h"

#include <algorithm>
#include <numbers>

namespace florilegium::garden {

Colour oklch(double lightness, double chroma, double hue) {
  const double a = chroma * std::cos(hue * std::numbers::pi / 180), b = chroma * std::sin(hue * std::numbers::pi / 180);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  const auto encoded = [](double linear) {
    linear = std::clamp(linear, 0.0, 1.0);
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
  };
  return {encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

Colour mixed(Colour a, Colour b, double share) {
  return {a.red + (b.red - a.red) * share, a.green + (b.green - a.green) * share, a.blue + (b.blue - a.blue) * share};
}

void Brush::path(std::span<const Point> points, bool closed) {
  cairo_new_path(cairo_);
  for (const Point& point : points) cairo_line_to(cairo_, point.x * scale_ + offset_.x, point.y * scale_ + offset_.y);
  if (closed) cairo_close_path(cairo_);
}

void Brush::glaze(std::span<const Point> outline, Point start, Colour first, double first_opacity, Point end,
                  Colour second, double second_opacity) {
  if (cairo_ == nullptr) {
    for (const Point& point : outline) {
      bounds_.left = std::min(bounds_.left, point.x);
      bounds_.right = std::max(bounds_.right, point.x);
      bounds_.top = std::min(bounds_.top, point.y);
      bounds_.bottom = std::max(bounds_.bottom, point.y);
    }
    return;
  }
  path(outline, true);
  const Point way = (end - start) * scale_;
  if (way.x * way.x + way.y * way.y < 36.0) {  // too small for a gradient to show
    const Colour mean = mixed(first, second, 0.5);
    cairo_set_source_rgba(cairo_, mean.red, mean.green, mean.blue, (first_opacity + second_opacity) / 2);
    cairo_fill(cairo_);
    return;
  }
  cairo_pattern_t* gradient = cairo_pattern_create_linear(start.x * scale_ + offset_.x, start.y * scale_ + offset_.y,
                                                          end.x * scale_ + offset_.x, end.y * scale_ + offset_.y);
  cairo_pattern_add_color_stop_rgba(gradient, 0, first.red, first.green, first.blue, first_opacity);
  cairo_pattern_add_color_stop_rgba(gradient, 1, second.red, second.green, second.blue, second_opacity);
  cairo_set_source(cairo_, gradient);
  cairo_fill(cairo_);
  cairo_pattern_destroy(gradient);
}

void Brush::ball(Point centre, double radius, Colour colour) {
  const std::vector<Point> edge = ring({centre, {1, 0}, {0, 1}}, radius, pixels(radius) > 6 ? 28 : 12);
  if (pixels(radius) < 1.5) return wash(edge, colour);
  wash(edge, centre - Point{radius * 0.7, radius * 0.7}, lighter(colour, 0.25),
       centre + Point{radius * 0.7, radius * 0.7}, darker(colour, 0.4));
  const std::vector<Point> light =
      ring({centre - Point{radius * 0.35, radius * 0.38}, {1, 0.3}, {-0.3, 1}}, radius * 0.25, 10);
  wash(light, lighter(colour, 0.75), 0.8);
  outline(edge, colour);
}

void Brush::dots(std::span<const Point> centres, double radius, Colour colour, double opacity) {
  if (cairo_ == nullptr) {
    for (const Point& centre : centres) wash(ring({centre, {1, 0}, {0, 1}}, radius, 4), colour);
    return;
  }
  cairo_new_path(cairo_);
  const double drawn = std::max(0.45, radius * scale_);
  for (const Point& centre : centres) {
    const double x = centre.x * scale_ + offset_.x, y = centre.y * scale_ + offset_.y;
    const int corners = drawn < 1 ? 4 : 9;
    for (int i = 0; i < corners; ++i) {
      const double turn = 2 * std::numbers::pi * i / corners;
      const Point corner{x + drawn * std::cos(turn), y + drawn * std::sin(turn)};
      i == 0 ? cairo_move_to(cairo_, corner.x, corner.y) : cairo_line_to(cairo_, corner.x, corner.y);
    }
    cairo_close_path(cairo_);
  }
  cairo_set_source_rgba(cairo_, colour.red, colour.green, colour.blue, opacity);
  cairo_fill(cairo_);
}

void Brush::line(std::span<const Point> points, double width, Colour colour, double opacity, bool closed) {
  if (cairo_ == nullptr || points.size() < 2) return;
  path(points, closed);
  const double wanted = width * scale_, drawn = std::max(wanted, 0.6);
  cairo_set_line_width(cairo_, drawn);
  cairo_set_source_rgba(cairo_, colour.red, colour.green, colour.blue, opacity * std::max(0.35, wanted / drawn));
  cairo_stroke(cairo_);
}

void Brush::outline(std::span<const Point> points, Colour of, bool closed) {
  line(points, 0.0016, mixed(of, ink_, 0.6), 0.8, closed);
}

std::vector<Point> ring(const Frame& frame, double radius, int corners) {
  std::vector<Point> points;
  points.reserve(static_cast<std::size_t>(corners));
  for (int i = 0; i < corners; ++i) {
    const double turn = 2 * std::numbers::pi * i / corners;
    points.push_back(frame.at(radius * std::cos(turn), radius * std::sin(turn)));
  }
  return points;
}

}  // namespace florilegium::garden
