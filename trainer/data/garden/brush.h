// The brush: watercolour and ink for the garden's plants, on a canvas (cairo) or only to measure
// how much room a plant takes.
//
// A plant is drawn twice by the same code with the same dice: first by a measuring brush, then,
// moved and scaled to fit the plate, by a painting one. Coordinates are those of the plant: x to
// the right, y down, the root's neck at (0, 0), lengths about 1.
#pragma once

#include <cairo.h>

#include <cmath>
#include <span>
#include <vector>

namespace florilegium::garden {

struct Point {
  double x = 0, y = 0;
  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, double k) { return {a.x * k, a.y * k}; }
};

inline Point between(Point a, Point b, double t) { return a + (b - a) * t; }

/// A unit step towards a heading in radians: 0 is up, a quarter turn clockwise is right.
inline Point towards(double heading) { return {std::sin(heading), -std::cos(heading)}; }

/// sRGB values in [0, 1].
struct Colour {
  double red = 0, green = 0, blue = 0;
};

/// From lightness (0 to 1), chroma (0 grey to about 0.3) and hue (degrees: 27 red, 105 yellow, 142
/// green, 262 blue, 310 purple) in the Oklab colour space (Ottosson 2020), where equal steps look
/// alike.
Colour oklch(double lightness, double chroma, double hue);

Colour mixed(Colour a, Colour b, double share_of_b);
inline Colour darker(Colour colour, double by) { return mixed(colour, {0.10, 0.08, 0.09}, by); }
inline Colour lighter(Colour colour, double by) { return mixed(colour, {1.0, 0.98, 0.92}, by); }

/// A flat piece of a plant seen at an angle: its own plane's two axes as they appear on the plate.
struct Frame {
  Point origin;
  Point across, along;
  Point at(double u, double v) const { return origin + across * u + along * v; }
};

/// `along` towards the heading with this length, `across` to its right, foreshortened to `breadth`.
inline Frame frame(Point origin, double heading, double length, double breadth = 1.0) {
  return {origin, towards(heading + 1.5707963267948966) * (length * breadth), towards(heading) * length};
}

struct Bounds {
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
};

class Brush {
 public:
  /// Only measures.
  Brush() = default;
  /// Paints: plant coordinates times `scale` plus `offset` are pixels. ink: the colour that
  /// outlines tend to.
  Brush(cairo_t* cairo, double scale, Point offset, Colour ink)
      : cairo_(cairo), scale_(scale), offset_(offset), ink_(ink) {}

  const Bounds& bounds() const { return bounds_; }

  /// How large a length appears, in pixels; 0 for a measuring brush. Finer detail than a pixel is
  /// not worth drawing.
  double pixels(double length) const { return cairo_ != nullptr ? length * scale_ : 0; }

  /// Fills a closed outline with colour running from `start` to `end`.
  void wash(std::span<const Point> outline, Point start, Colour first, Point end, Colour second) {
    glaze(outline, start, first, 1.0, end, second, 1.0);
  }
  /// Fills a closed outline with one colour.
  void wash(std::span<const Point> outline, Colour colour, double opacity = 1.0) {
    glaze(outline, {}, colour, opacity, {}, colour, opacity);
  }
  /// The same with an opacity, 0 to 1, that changes too: one colour's edge lost in another.
  void glaze(std::span<const Point> outline, Point start, Colour first, double first_opacity, Point end, Colour second,
             double second_opacity);
  /// A ball lit from the upper left.
  void ball(Point centre, double radius, Colour colour);
  /// Many small discs in one colour.
  void dots(std::span<const Point> centres, double radius, Colour colour, double opacity = 1.0);

  /// Draws a line of this width (in plant coordinates, at least a third of a pixel).
  void line(std::span<const Point> points, double width, Colour colour, double opacity = 1.0, bool closed = false);
  /// An engraver's outline around something of this colour.
  void outline(std::span<const Point> points, Colour of, bool closed = true);

 private:
  void path(std::span<const Point> points, bool closed);

  cairo_t* cairo_ = nullptr;
  double scale_ = 0;
  Point offset_;
  Colour ink_;
  Bounds bounds_;
};

/// A circle, or an ellipse in a frame, as a closed outline around the frame's origin with radius 1.
std::vector<Point> ring(const Frame& frame, double radius, int corners);

}  // namespace florilegium::garden
