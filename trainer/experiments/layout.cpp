#include "trainer/experiments/layout.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "src/image/resize.h"

namespace florilegium {
namespace {

constexpr double text_size = 13, row_text = 22;
constexpr int margin = 10, gap = 4, plot_width = 420, plot_height = 260;
constexpr double left = 62, right = 12, top = 30, bottom = 34;  // of a plot
constexpr double tints[5][3] = {
    {0.25, 0.42, 0.27}, {0.71, 0.33, 0.18}, {0.24, 0.42, 0.58}, {0.64, 0.50, 0.16}, {0.49, 0.27, 0.50}};

struct Destroyed {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};

/// A white sheet to draw on with cairo.
class Canvas {
 public:
  Canvas(int width, int height)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)), cairo_(cairo_create(surface_.get())) {
    cairo_set_source_rgb(cairo_.get(), 1, 1, 1);
    cairo_paint(cairo_.get());
    cairo_select_font_face(cairo_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo_.get(), text_size);
  }

  cairo_t* operator*() { return cairo_.get(); }

  void text(double x, double y, const std::string& words, double align = 0) {
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), words.c_str(), &extents);
    cairo_set_source_rgb(cairo_.get(), 0.3, 0.28, 0.25);
    cairo_move_to(cairo_.get(), x - align * extents.x_advance, y);
    cairo_show_text(cairo_.get(), words.c_str());
  }

  double width_of(const std::string& words) {
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), words.c_str(), &extents);
    return extents.x_advance;
  }

  Picture picture() {
    cairo_surface_flush(surface_.get());
    const int width = cairo_image_surface_get_width(surface_.get()),
              height = cairo_image_surface_get_height(surface_.get()),
              stride = cairo_image_surface_get_stride(surface_.get());
    const unsigned char* from = cairo_image_surface_get_data(surface_.get());
    Picture out = blank_picture(width, height, 255, 255, 255);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int c = 0; c < 3; ++c)
          out.rgba[static_cast<std::size_t>(y * width + x) * 4 + static_cast<std::size_t>(c)] =
              from[y * stride + 4 * x + 2 - c];
    return out;
  }

 private:
  std::unique_ptr<cairo_surface_t, Destroyed> surface_;
  std::unique_ptr<cairo_t, Destroyed> cairo_;
};

bool shown(double y) { return std::isfinite(y) && y > 0; }

std::string short_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

void put(const Picture& from, Picture& to, int left_edge, int top_edge) {
  for (int y = 0; y < from.height; ++y)
    std::copy_n(&from.rgba[static_cast<std::size_t>(y * from.width) * 4], static_cast<std::size_t>(from.width) * 4,
                &to.rgba[static_cast<std::size_t>((top_edge + y) * to.width + left_edge) * 4]);
}

Picture enlarged(const Picture& picture, int cell) {
  if (picture.width >= cell) return resized(picture, cell, cell);
  const int factor = cell / picture.width, side = picture.width * factor;
  Picture out = blank_picture(side, side, 255, 255, 255);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      std::copy_n(&picture.rgba[static_cast<std::size_t>(y / factor * picture.width + x / factor) * 4], 4,
                  &out.rgba[static_cast<std::size_t>(y * side + x) * 4]);
  return out;
}

}  // namespace

Picture plot_picture(const Plot& plot, int width, int height, Axis axis) {
  Canvas canvas(width, height);
  double x_most = 1e-9, least = INFINITY, most = 0;
  for (const PlotLine& line : plot.lines)
    for (std::size_t i = 0; i < line.x.size(); ++i)
      if (shown(line.y[i])) {
        x_most = std::max(x_most, line.x[i]);
        least = std::min(least, line.y[i]);
        most = std::max(most, line.y[i]);
      }
  if (most <= 0) return canvas.picture();
  const bool linear = axis == Axis::linear;
  const double low = linear ? 0 : std::log(least / 1.1), high = linear ? most : std::log(most * 1.1);
  const auto place_x = [&](double x) { return left + x / x_most * (width - left - right); };
  const auto place_y = [&](double y) {
    return top + (high - (linear ? y : std::log(y))) / (high - low) * (height - top - bottom);
  };
  for (int k = 0; k <= 4; ++k) {
    const double part = low + (high - low) * k / 4, y = linear ? part : std::exp(part);
    cairo_set_source_rgb(*canvas, 0.9, 0.87, 0.82);
    cairo_set_line_width(*canvas, 1);
    cairo_move_to(*canvas, left, place_y(y));
    cairo_line_to(*canvas, width - right, place_y(y));
    cairo_stroke(*canvas);
    canvas.text(left - 6, place_y(y) + 4, linear ? short_number(y) : short_text(y), 1);
    canvas.text(place_x(x_most * k / 4), height - bottom + 15, short_number(x_most * k / 4), k == 4 ? 1 : 0.5);
  }
  canvas.text((left + width - right) / 2, height - 4, plot.x_label, 0.5);
  double legend = left;
  for (const PlotLine& line : plot.lines) {
    const double* tint = tints[line.colour % 5];
    const double dashes[] = {4, 3};
    cairo_set_dash(*canvas, dashes, line.dashed ? 2 : 0, 0);
    cairo_set_line_width(*canvas, 1.8);
    cairo_set_source_rgb(*canvas, tint[0], tint[1], tint[2]);
    cairo_new_path(*canvas);  // text leaves a point behind
    for (std::size_t i = 0; i < line.x.size(); ++i)
      if (shown(line.y[i])) cairo_line_to(*canvas, place_x(line.x[i]), place_y(line.y[i]));
    cairo_stroke(*canvas);
    if (!line.name.empty()) {
      cairo_move_to(*canvas, legend, 14);
      cairo_line_to(*canvas, legend + 16, 14);
      cairo_stroke(*canvas);
      canvas.text(legend + 20, 18, line.name);
      legend += 32 + canvas.width_of(line.name);
    }
    cairo_set_dash(*canvas, dashes, 0, 0);
  }
  return canvas.picture();
}

Picture laid_out(const std::vector<LayoutRow>& rows, const std::vector<Plot>& plots, int cell, Axis axis) {
  const auto text_of = [](const LayoutRow& row) { return row.text.empty() ? 0 : static_cast<int>(row_text); };
  std::vector<std::vector<Picture>> pictures;
  int width = 0, height = margin;
  for (const LayoutRow& row : rows) {
    pictures.emplace_back();
    for (const Picture& picture : row.pictures) pictures.back().push_back(enlarged(picture, cell));
    const int count = static_cast<int>(row.pictures.size()), side = count > 0 ? pictures.back()[0].width : 0;
    width = std::max(width, count * (side + gap) - gap);
    height += text_of(row) + side + gap;
  }
  const int plots_in_row = std::max(1, width / plot_width),
            plot_rows = (static_cast<int>(plots.size()) + plots_in_row - 1) / plots_in_row;
  width = std::max(width, plots.empty() ? 0 : plot_width) + 2 * margin;
  height += plot_rows * (plot_height + gap) + margin;

  Canvas canvas(width, height);
  int y = margin;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    canvas.text(margin, y + 14, rows[r].text);
    y += text_of(rows[r]) + gap + (pictures[r].empty() ? 0 : pictures[r][0].width);
  }
  Picture sheet = canvas.picture();
  y = margin;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& row = pictures[r];
    y += text_of(rows[r]);
    for (std::size_t i = 0; i < row.size(); ++i)
      put(row[i], sheet, margin + static_cast<int>(i) * (row[i].width + gap), y);
    y += gap + (row.empty() ? 0 : row[0].width);
  }
  for (std::size_t p = 0; p < plots.size(); ++p) {
    const int column = static_cast<int>(p) % plots_in_row, row = static_cast<int>(p) / plots_in_row;
    put(plot_picture(plots[p], plot_width, plot_height, axis), sheet, margin + column * plot_width,
        y + row * (plot_height + gap));
  }
  return sheet;
}

std::vector<Picture> pictures_of(const std::vector<std::vector<float>>& values, int side) {
  std::vector<Picture> all;
  for (const auto& one : values) all.push_back(picture_from_rgb(one, side, side));
  return all;
}

}  // namespace florilegium
