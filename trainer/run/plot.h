// Line plots as SVG, small enough to be read on a phone.
//
// Colours come from CSS variables that plot_style() defines, for light and for dark screens.
#pragma once

#include <string>
#include <vector>

namespace florilegium {

struct PlotLine {
  std::string name;          ///< in the legend; empty: not there
  std::vector<double> x, y;  ///< equally long; points that are not finite (or not positive) are left out
  int colour = 0;            ///< 0 to 4
  bool dashed = false;
};

struct Plot {
  std::string x_label;
  std::vector<PlotLine> lines;
};

/// The plot as one <svg> element. The vertical axis is logarithmic. Lines of many points are drawn
/// as means over about 300.
std::string svg_plot(const Plot& plot);

/// CSS rules for it, without the <style> around them.
std::string plot_style();

/// A number in few characters for people: 950, 12.5k, 1.2M.
std::string short_number(double value);

}  // namespace florilegium
