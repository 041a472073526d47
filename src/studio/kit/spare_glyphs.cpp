#include "src/studio/kit/spare_glyphs.h"

#include <imgui_internal.h>

#include <array>

namespace florilegium {
namespace {

// A face's size is from its ascenders to its descenders; an em is about so much of that.
constexpr float em = 0.8f;

// Which face a source stands in for.
std::array<Face, face_count> all_faces = {Face::text, Face::strong, Face::title, Face::italic};

bool paintable(ImWchar character) {
  const bool control = character < 0x20 || (character >= 0x7F && character < 0xA0);
  return !control && character != IM_UNICODE_CODEPOINT_INVALID;
}

bool contains_glyph(ImFontAtlas*, ImFontConfig*, ImWchar character) { return paintable(character); }

// As Dear ImGui's own loaders do: gives the advance only, or the glyph with its place in the atlas.
bool load_glyph(ImFontAtlas* atlas, ImFontConfig* source, ImFontBaked* baked, void*, ImWchar character,
                ImFontGlyph* glyph, float* only_advance) {
  if (!paintable(character)) return false;
  const float density = source->RasterizerDensity * baked->RasterizerDensity;
  const Face face = *static_cast<const Face*>(source->FontLoaderData);
  const PaintedGlyph painted = host::paint_glyph(face, character, baked->Size * em * density);
  if (only_advance != nullptr) {
    *only_advance = painted.advance / density;
    return true;
  }
  glyph->Codepoint = character;
  glyph->AdvanceX = painted.advance / density;
  if (painted.rgba.empty()) return true;
  const ImFontAtlasRectId place = ImFontAtlasPackAddRect(atlas, painted.width, painted.height);
  if (place == ImFontAtlasRectId_Invalid) return false;
  glyph->X0 = painted.left / density;
  glyph->Y0 = painted.top / density + IM_ROUND(baked->Ascent);
  glyph->X1 = glyph->X0 + static_cast<float>(painted.width) / density;
  glyph->Y1 = glyph->Y0 + static_cast<float>(painted.height) / density;
  glyph->Visible = true;
  glyph->Colored = painted.coloured;
  glyph->PackId = place;
  ImFontAtlasBakedSetFontGlyphBitmap(atlas, baked, source, glyph, ImFontAtlasPackGetRect(atlas, place),
                                     painted.rgba.data(), ImTextureFormat_RGBA32, painted.width * 4);
  return true;
}

const ImFontLoader* loader() {
  static const ImFontLoader one = [] {
    ImFontLoader made;
    made.Name = "spare glyphs";
    made.FontSrcInit = [](ImFontAtlas*, ImFontConfig* source) {
      source->FontLoaderData = &all_faces.at(static_cast<std::size_t>(source->FontNo));
      return true;
    };
    made.FontSrcDestroy = [](ImFontAtlas*, ImFontConfig* source) { source->FontLoaderData = nullptr; };
    made.FontSrcContainsGlyph = contains_glyph;
    made.FontBakedLoadGlyph = load_glyph;
    return made;
  }();
  return &one;
}

}  // namespace

void add_spare_glyphs(Face face, float text_size) {
  ImFontConfig config;
  config.MergeMode = true;
  config.FontLoader = loader();
  config.FontNo = static_cast<ImU32>(face);
  config.SizePixels = text_size;
  ImGui::GetIO().Fonts->AddFont(&config);
}

}  // namespace florilegium
