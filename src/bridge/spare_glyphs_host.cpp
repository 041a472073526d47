// The browser's own text for glyphs that no face of the studio has: web/glyphs.mjs paints them.
#include <emscripten/emscripten.h>

#include <array>

#include "src/studio/kit/spare_glyphs.h"

// clang-format off
// facts: advance, left, top, width, height, whether it is coloured
EM_JS(void, js_paint_glyph, (std::uint32_t character, int serif, int weight, int italic, double size, double* facts), {
  const glyph = Module.paintGlyph(String.fromCodePoint(character), size,
                                  {serif: serif !== 0, weight, italic: italic !== 0});
  Module.painted_glyph = glyph.rgba;
  HEAPF64.set([glyph.advance, glyph.left, glyph.top, glyph.width, glyph.height, glyph.coloured ? 1 : 0], facts >> 3);
})
EM_JS(void, js_take_glyph, (std::uint8_t* to), { HEAPU8.set(Module.painted_glyph, to); })
// clang-format on

florilegium::PaintedGlyph florilegium::host::paint_glyph(Face face, std::uint32_t character, float size) {
  const bool serif = face == Face::title || face == Face::italic;
  std::array<double, 6> facts{};
  js_paint_glyph(character, serif ? 1 : 0, face == Face::strong ? 500 : 400, face == Face::italic ? 1 : 0,
                 static_cast<double>(size), facts.data());
  PaintedGlyph glyph{static_cast<float>(facts[0]), static_cast<float>(facts[1]), static_cast<float>(facts[2]),
                     static_cast<int>(facts[3]),   static_cast<int>(facts[4]),   facts[5] != 0};
  glyph.rgba.resize(static_cast<std::size_t>(glyph.width) * static_cast<std::size_t>(glyph.height) * 4);
  js_take_glyph(glyph.rgba.data());
  return glyph;
}
