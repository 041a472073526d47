// Glyphs that no face of the studio has (a title in Chinese, a file name in Georgian), painted by
// whoever runs the studio.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <vector>

#include "src/studio/kit/theme.h"

namespace florilegium {

/// One glyph, in pixels. The pen stands on the baseline; left and top are where the picture's upper
/// left corner lies from there, downwards positive.
struct PaintedGlyph {
  float advance = 0, left = 0, top = 0;
  int width = 0, height = 0;
  bool coloured = false;             ///< it has colours of its own; else it is white
  std::vector<std::uint8_t> rgba{};  ///< width * height * 4
};

namespace host {
/// A character in a style like the face's, `size` pixels to the em.
PaintedGlyph paint_glyph(Face face, std::uint32_t character, float size);
}  // namespace host

/// Lets the face that was added last fall back to them.
void add_spare_glyphs(Face face, float text_size);

}  // namespace florilegium
