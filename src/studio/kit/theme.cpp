#include "src/studio/kit/theme.h"

#include <array>

#include "src/studio/kit/spare_glyphs.h"

namespace florilegium {
namespace {

constexpr float text_size = 18.0f;

constexpr ImU32 rgb(unsigned hex, unsigned alpha = 255) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, alpha);
}

constexpr Palette day = {.paper = rgb(0xE9E2D1),
                         .card = rgb(0xFBF8F0),
                         .panel = rgb(0xF4EFE3),
                         .field = rgb(0xFDFBF6),
                         .chosen = rgb(0xFDFBF6),
                         .ink = rgb(0x2C2B26),
                         .soft_ink = rgb(0x655F51),
                         .faint_ink = rgb(0xA39A84),
                         .rule = rgb(0xD6CCB5),
                         .leaf = rgb(0x3D6247),
                         .leaf_bright = rgb(0x4C7857),
                         .on_leaf = rgb(0xFBF8F0),
                         .madder = rgb(0x9C3F36),
                         .shadow = rgb(0x4A3F28)};
constexpr Palette night = {.paper = rgb(0x161A17),
                           .card = rgb(0x242924),
                           .panel = rgb(0x1D221E),
                           .field = rgb(0x282E29),
                           .chosen = rgb(0x4A554B),
                           .ink = rgb(0xEAE3D2),
                           .soft_ink = rgb(0xB5AE9B),
                           .faint_ink = rgb(0x777562),
                           .rule = rgb(0x3A423B),
                           .leaf = rgb(0x7FA882),
                           .leaf_bright = rgb(0x98C09A),
                           .on_leaf = rgb(0x141814),
                           .madder = rgb(0xD98276),
                           .shadow = rgb(0x000000)};

Palette current = day;
float height = 40.0f;
std::array<ImFont*, face_count> faces{};

ImVec4 vec(ImU32 colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

}  // namespace

const char* name_of(Face face) {
  constexpr std::array<const char*, face_count> names = {"AlegreyaSans_400Regular", "AlegreyaSans_500Medium",
                                                         "EBGaramond_400Regular", "EBGaramond_400Regular_Italic"};
  return names[static_cast<std::size_t>(face)];
}

void add_face(Face face, std::span<const std::uint8_t> file) {
  void* copy = IM_ALLOC(file.size());  // the atlas frees it
  std::copy(file.begin(), file.end(), static_cast<std::uint8_t*>(copy));
  faces[static_cast<std::size_t>(face)] =
      ImGui::GetIO().Fonts->AddFontFromMemoryTTF(copy, static_cast<int>(file.size()), text_size);
  add_spare_glyphs(face, text_size);
}

void use_theme(bool dark, bool large_targets) {
  current = dark ? night : day;
  height = large_targets ? 46.0f : 38.0f;
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  style.FontSizeBase = text_size;
  style.WindowPadding = {0, 0};
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 0;
  style.FrameRounding = 7;
  style.FrameBorderSize = 1;
  style.PopupRounding = 7;
  style.GrabRounding = 7;
  style.ScrollbarSize = 9;
  style.ScrollbarRounding = 9;
  style.FramePadding = {12, (height - text_size) / 2 - 1};
  style.ItemSpacing = {8, 8};
  style.Colors[ImGuiCol_Text] = vec(current.ink);
  style.Colors[ImGuiCol_TextDisabled] = vec(current.faint_ink);
  style.Colors[ImGuiCol_Border] = vec(current.rule);
  style.Colors[ImGuiCol_FrameBg] = vec(current.field);
  style.Colors[ImGuiCol_FrameBgHovered] = vec(current.field);
  style.Colors[ImGuiCol_FrameBgActive] = vec(current.field);
  style.Colors[ImGuiCol_Button] = vec(current.field);
  style.Colors[ImGuiCol_ButtonHovered] = vec(faded(current.leaf, 0.16f));
  style.Colors[ImGuiCol_ButtonActive] = vec(faded(current.leaf, 0.28f));
  style.Colors[ImGuiCol_PopupBg] = vec(current.field);
  style.Colors[ImGuiCol_Header] = vec(faded(current.leaf, 0.16f));
  style.Colors[ImGuiCol_HeaderHovered] = vec(faded(current.leaf, 0.16f));
  style.Colors[ImGuiCol_HeaderActive] = vec(faded(current.leaf, 0.28f));
  style.Colors[ImGuiCol_CheckMark] = vec(current.leaf);
  style.Colors[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
  style.Colors[ImGuiCol_ScrollbarGrab] = vec(current.rule);
  style.Colors[ImGuiCol_TextSelectedBg] = vec(faded(current.leaf, 0.3f));
  style.Colors[ImGuiCol_NavCursor] = vec(current.leaf);
}

const Palette& palette() { return current; }
float control_height() { return height; }

UseFace::UseFace(Face face, float size) { ImGui::PushFont(faces[static_cast<std::size_t>(face)], size); }

ImU32 faded(ImU32 colour, float opacity) {
  const auto alpha = static_cast<ImU32>(static_cast<float>(colour >> IM_COL32_A_SHIFT & 255U) * opacity);
  return (colour & ~IM_COL32_A_MASK) | (alpha << IM_COL32_A_SHIFT);
}

}  // namespace florilegium
