// How an experiment's one picture is put together: rows of pictures with a line of text, and plots.
#pragma once

#include <string>
#include <vector>

#include "src/image/picture.h"
#include "trainer/run/plot.h"

namespace florilegium {

struct LayoutRow {
  std::string text;                 ///< above it; UTF-8
  std::vector<Picture> pictures{};  ///< all of one size
};

/// The vertical axis of a plot: logarithmic as svg_plot's, or from 0 on.
enum class Axis { logarithmic, linear };

/// Rows of pictures, each enlarged by whole numbers to about `cell` pixels, and then the plots, on
/// white.
Picture laid_out(const std::vector<LayoutRow>& rows, const std::vector<Plot>& plots = {}, int cell = 96,
                 Axis axis = Axis::logarithmic);

/// The plot as a picture.
Picture plot_picture(const Plot& plot, int width, int height, Axis axis = Axis::logarithmic);

/// Squares of [S, S, 3] floats.
std::vector<Picture> pictures_of(const std::vector<std::vector<float>>& values, int side);

}  // namespace florilegium
