#include "trainer/data/garden/plate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <string>

#include "trainer/data/garden/brush.h"
#include "trainer/data/garden/plant.h"
#include "trainer/data/garden/species.h"

namespace florilegium::garden {
namespace {

/// Smooth random values around 0, about -1 to 1, that do not repeat within the plate.
class Mottle {
 public:
  explicit Mottle(Dice& dice) : salt_(dice.word()) {}

  double at(double x, double y) const {
    const double floor_x = std::floor(x), floor_y = std::floor(y);
    const int i = static_cast<int>(floor_x), j = static_cast<int>(floor_y);
    const double u = eased(x - floor_x), v = eased(y - floor_y);
    const double above = corner(i, j) + (corner(i + 1, j) - corner(i, j)) * u;
    const double below = corner(i, j + 1) + (corner(i + 1, j + 1) - corner(i, j + 1)) * u;
    return above + (below - above) * v;
  }

  double corner(int i, int j) const {
    std::uint32_t bits =
        salt_ ^ static_cast<std::uint32_t>(i) * 0x9E3779B1U ^ static_cast<std::uint32_t>(j) * 0x85EBCA77U;
    bits = (bits ^ bits >> 15) * 0x2C1B3C6DU;
    bits = (bits ^ bits >> 12) * 0x297A2D39U;
    return (bits ^ bits >> 15) * (2.0 / 4294967296.0) - 1.0;
  }

 private:
  static double eased(double t) { return t * t * (3 - 2 * t); }
  std::uint32_t salt_;
};

Colour choose_paper(Dice& dice) {
  const double kind = dice.flat();
  if (kind < 0.14)
    return oklch(dice.between(0.955, 0.985), dice.between(0.004, 0.016), dice.between(75, 110));  // nearly white
  if (kind < 0.30) return oklch(dice.between(0.84, 0.90), dice.between(0.04, 0.065), dice.between(78, 95));  // aged
  return oklch(dice.between(0.91, 0.955), dice.between(0.02, 0.045), dice.between(72, 102));                 // cream
}

struct Placing {
  double scale;
  Point offset;
};

/// Fits the plant into the plate with a margin; some plates show it closer, the foot cut off as by
/// a narrow frame.
Placing place(const Bounds& bounds, int size, Dice& dice) {
  const double margin = dice.between(0.035, 0.085), room = 1 - 2 * margin;
  const double width = std::max(0.05, bounds.right - bounds.left), height = std::max(0.05, bounds.bottom - bounds.top);
  const bool cut = dice.chance(0.4);
  const double closer = dice.between(1.08, 1.55);
  double scale = std::min({room / width, room / height, 1.7});
  if (cut) scale = std::min(scale * closer, room / width * 1.15);
  const double left = (1 - width * scale) / 2 + 0.3 * dice.between(-1, 1) * std::max(0.0, room - width * scale) / 2;
  const double free_height = 1 - height * scale;
  const double top = free_height < 2 * margin ? margin : free_height * dice.between(0.4, 0.6);
  return {scale * size, {(left - bounds.left * scale) * size, (top - bounds.top * scale) * size}};
}

}  // namespace

void draw_plate(Dice dice, int size, std::span<float> out) {
  if (size < 1 || out.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3) {
    throw std::invalid_argument("A garden plate of size " + std::to_string(size) + " does not fit into " +
                                std::to_string(out.size()) + " numbers.");
  }
  const Colour paper = choose_paper(dice);
  const Species species = choose_species(dice);
  const Dice plant = dice.fork();
  Brush measure;
  draw_plant(measure, species, plant);
  const Placing placing = place(measure.bounds(), size, dice);

  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, size, size), cairo_surface_destroy);
  const std::unique_ptr<cairo_t, void (*)(cairo_t*)> canvas(cairo_create(surface.get()), cairo_destroy);
  if (cairo_status(canvas.get()) != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error("The garden has no canvas of size " + std::to_string(size) + " to draw on.");
  cairo_set_source_rgb(canvas.get(), 1, 1, 1);
  cairo_paint(canvas.get());
  cairo_set_miter_limit(canvas.get(), 2.5);
  if (size > 128) cairo_set_line_cap(canvas.get(), CAIRO_LINE_CAP_ROUND);
  const Colour ink = oklch(dice.between(0.16, 0.32), 0.03, dice.between(30, 90));
  Brush brush(canvas.get(), placing.scale, placing.offset, ink);
  draw_plant(brush, species, plant);
  cairo_surface_flush(surface.get());

  // Colours are glazes on paper, and paper has clouds, a little shade towards an edge, and grain.
  const Mottle clouds(dice), grain(dice);
  const double clouding = dice.between(0.006, 0.028), graininess = dice.between(0.004, 0.014),
               pigment = dice.between(0.02, 0.06);
  const double shade_turn = dice.between(0, 2 * std::numbers::pi), shading = dice.between(0.0, 0.035);
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  const double unit = 1.0 / size;
  float* rgb = out.data();
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x, rgb += 3) {
      std::uint32_t pixel;
      std::memcpy(&pixel, pixels + y * stride + x * 4, sizeof pixel);
      const double u = (x + 0.5) * unit, v = (y + 0.5) * unit;
      const double cloud = clouds.at(u * 5, v * 5) + 0.6 * clouds.at(u * 13 + 40, v * 13);
      const double fine = grain.at(u * 150, v * 150);
      const double edge = (u - 0.5) * std::cos(shade_turn) + (v - 0.5) * std::sin(shade_turn);
      const double light = 1 + clouding * cloud - shading * (0.5 + edge) + graininess * fine;
      const double paint = 1 - (pixel >> 8 & 255U) / 255.0;
      const double settled = 1 + paint * pigment * (cloud + 0.8 * fine);  // pigment gathers in the paper's hollows
      const auto glazed = [&](unsigned int value, double paper_value) {
        const double colour = value / 255.0;
        const double on_paper =
            paper_value + (1 - paper_value) * 0.35 * (1 - colour);  // body colour covers the paper's tint in part
        return static_cast<float>(std::clamp(colour * on_paper * light * settled, 0.0, 1.0) * 2 - 1);
      };
      rgb[0] = glazed(pixel >> 16 & 255U, paper.red);
      rgb[1] = glazed(pixel >> 8 & 255U, paper.green);
      rgb[2] = glazed(pixel & 255U, paper.blue);
    }
  }
}

}  // namespace florilegium::garden
