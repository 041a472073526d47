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

/// Rows of pictures, each enlarged by whole numbers to about `cell` pixels, and then the plots, on
/// white.
Picture laid_out(const std::vector<LayoutRow>& rows, const std::vector<Plot>& plots = {}, int cell = 96);

/// The plot as svg_plot draws it, with its vertical axis logarithmic, as a picture.
Picture plot_picture(const Plot& plot, int width, int height);

/// Squares of [S, S, 3] floats.
std::vector<Picture> pictures_of(const std::vector<std::vector<float>>& values, int side);

}  // namespace florilegium
