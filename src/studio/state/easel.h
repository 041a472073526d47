// The easel: what the visitor paints over the sheet, in cells of hint_cell x hint_cell pixels:
// colours as a coarse hint for the denoiser, or a region that is to grow again; and a picture to
// begin from. Knows nothing of ImGui.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "src/image/picture.h"

namespace florilegium {

enum class Tool { brush, eraser, picker, region };
inline constexpr std::array tool_names = {"brush", "eraser", "picker", "region"};  ///< for scripts
const char* name_of(Tool tool);  ///< "Brush", "Eraser", "Pick", "Region"

/// A cell of the hint has so many pixels a side.
constexpr int hint_cell = 8;

using Ink = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// Inks as old botanical plates have them: ink, sap green, leaf green, yellow ochre, madder, rose,
/// violet, smalt blue.
constexpr std::array<Ink, 8> inks = {{{0x38, 0x33, 0x2C},
                                      {0x2F, 0x55, 0x34},
                                      {0x6C, 0x8F, 0x4A},
                                      {0xD9, 0xA4, 0x3B},
                                      {0xA3, 0x32, 0x35},
                                      {0xD8, 0x87, 0x9A},
                                      {0x66, 0x4F, 0x90},
                                      {0x5B, 0x86, 0xB3}}};

struct Easel {
  bool open = false;           ///< the visitor paints: the sheet takes strokes, and the tools are on view
  bool visible = true;         ///< what is painted lies over the sheet; not while and after a plate grows
  bool takes_colours = false;  ///< the model follows hints
  Tool tool = Tool::brush;
  int side = 0;  ///< cells along each edge: image_size / hint_cell; 0 while there is no model
  Ink ink = inks[2];
  float brush = 0.1f;  ///< its diameter, as a part of the sheet's width
  struct Cells {
    std::vector<std::uint8_t> colours;  ///< side * side * 4: red, green, blue, and 255 where painted
    std::vector<std::uint8_t> region;   ///< side * side: 1 where the plate is to grow again
  } cells{};
  std::vector<Cells> past{}, future{};  ///< for undo and redo; the newest last
  float last_x = 0, last_y = 0;         ///< where the stroke in progress has come to
  Picture guide{};                      ///< a picture that the visitor brought, as large as the model's; empty: none
  float guide_noise = 0.7f, region_noise = 1;  ///< the noise levels to grow from over the guide, and in the region
  int changes = 0;                             ///< counts up with every change of the cells
  int guides = 0;                              ///< counts the guides
};

constexpr float thinnest_brush = 0.01f, thickest_brush = 0.3f;

/// Makes the easel fit a model; clears it when the size changes. Without colours only a region can
/// be marked.
void fit(Easel& easel, int image_size, bool takes_colours);

void take_tool(Easel& easel, Tool tool);

/// A stroke begins: its cells can be undone. Then stroke_to() paints, marks or wipes with the tool
/// in hand along straight lines. Places are parts of the sheet's width and height, from 0 to 1;
/// what lies outside is cut off.
void begin_stroke(Easel& easel, float x, float y);
void stroke_to(Easel& easel, float x, float y);

void undo(Easel& easel);
void redo(Easel& easel);
void clear(Easel& easel);  ///< can be undone too
bool has_colours(const Easel& easel);
bool has_region(const Easel& easel);

/// Paints everything in the colours of a picture: a coarse guide.
void paint_picture(Easel& easel, const Picture& picture);

/// [4, side, side]: red, green, blue in [-1, 1], and 1 where painted; zeros elsewhere. The `hint`
/// of the model contract.
std::vector<float> hint_of(const Easel& easel);

}  // namespace florilegium
