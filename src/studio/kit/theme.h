// How the studio looks: paper and ink by day and by night, two typefaces, and the sizes of things.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <span>

namespace florilegium {

struct Palette {
  ImU32 paper, card, panel, field, chosen, ink, soft_ink, faint_ink, rule, leaf, leaf_bright, on_leaf, madder, shadow;
};

enum class Face { text, strong, title, italic };
constexpr int face_count = 4;

/// "AlegreyaSans_400Regular": its file is fonts/NAME.ttf of the site.
const char* name_of(Face face);

/// Keeps a TrueType file for a face; before the first frame.
void add_face(Face face, std::span<const std::uint8_t> file);

/// Sets palette and ImGui style; `large_targets` for fingers.
void use_theme(bool dark, bool large_targets);
const Palette& palette();
float control_height();

/// Text in a face at a size in pixels, until the end of the scope.
class UseFace {
 public:
  UseFace(Face face, float size);
  ~UseFace() { ImGui::PopFont(); }
  UseFace(const UseFace&) = delete;
  UseFace& operator=(const UseFace&) = delete;
};

ImU32 faded(ImU32 colour, float opacity);

}  // namespace florilegium
