#include "trainer/data/garden.h"

#include <cairo.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "trainer/data/dice.h"

namespace florilegium {
namespace {

/// A stem with two rows of leaves and a flower head on paper.
void draw_plant(Dice dice, int size, std::span<float> out) {
  if (size < 1 || out.size() != static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3) {
    throw std::invalid_argument("A garden plate of size " + std::to_string(size) + " does not fit into " + std::to_string(out.size()) + " numbers.");
  }
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, size, size),
                                                                             cairo_surface_destroy);
  const std::unique_ptr<cairo_t, void (*)(cairo_t*)> canvas(cairo_create(surface.get()), cairo_destroy);
  cairo_t* cairo = canvas.get();
  cairo_scale(cairo, size, size);
  cairo_set_source_rgb(cairo, 0.95, 0.92, 0.84);
  cairo_paint(cairo);
  const double lean = dice.between(-0.1, 0.1);
  cairo_set_source_rgb(cairo, 0.3, dice.between(0.4, 0.55), 0.25);
  cairo_set_line_width(cairo, 0.015);
  cairo_move_to(cairo, 0.5, 0.95);
  cairo_line_to(cairo, 0.5 + lean, 0.3);
  cairo_stroke(cairo);
  const double red = dice.flat(), green = dice.between(0, 0.6), blue = dice.flat(), radius = dice.between(0.06, 0.16);
  cairo_set_source_rgb(cairo, red, green, blue);
  cairo_arc(cairo, 0.5 + lean, 0.3, radius, 0, 6.3);
  cairo_fill(cairo);
  cairo_surface_flush(surface.get());
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      std::uint32_t pixel;
      std::copy_n(pixels + y * stride + x * 4, 4, reinterpret_cast<unsigned char*>(&pixel));
      float* rgb = &out[(static_cast<std::size_t>(y) * static_cast<std::size_t>(size) + static_cast<std::size_t>(x)) * 3];
      for (int c = 0; c < 3; ++c) rgb[c] = static_cast<float>(pixel >> (16 - 8 * c) & 255U) / 127.5f - 1.0f;
    }
  }
}

}  // namespace

void GardenSource::draw(std::uint64_t seed, std::uint64_t index, int size, std::span<float> out) const {
  draw_plant(Dice(seed, DiceStream::garden, index), size, out);
}

void GardenSource::held_out(std::size_t index, int size, std::span<float> out) const {
  draw_plant(Dice(0, DiceStream::held_out_garden, index % held_out_count()), size, out);
}

}  // namespace florilegium
