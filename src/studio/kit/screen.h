// What the graphics card holds for the studio: the pictures on view and the filmstrip. Filled only
// when what they show changes.
#pragma once

#include <imgui.h>

#include <array>
#include <deque>

#include "src/studio/kit/gallery_atlas.h"
#include "src/studio/state/studio.h"

namespace florilegium {

/// Whether a picture of this width keeps its square pixels when it is enlarged; a large one is
/// smoothed.
constexpr bool keeps_square_pixels(int width) { return width <= 128; }

/// One picture as a texture.
class Texture {
 public:
  Texture() = default;
  ~Texture();
  Texture(const Texture&) = delete;
  Texture& operator=(const Texture&) = delete;

  void show(const Picture& picture);
  ImTextureID id() const { return texture_; }

 private:
  unsigned texture_ = 0;
  int width_ = 0, height_ = 0;
};

/// Thumbnails of a growth in one texture: 16 x 16 cells, enough for the 251 pictures of 250 steps.
class Filmstrip {
 public:
  static constexpr int cells = 16;
  Filmstrip() = default;
  ~Filmstrip();
  Filmstrip(const Filmstrip&) = delete;
  Filmstrip& operator=(const Filmstrip&) = delete;

  void follow(int serial, const std::vector<Picture>& thumbnails);
  ImTextureID id() const { return texture_; }
  ImVec2 corner(int cell) const;  ///< texture coordinates of the cell's upper left corner
  static constexpr float cell_size = 1.0f / cells;

 private:
  unsigned texture_ = 0;
  int serial_ = 0;
  std::size_t known_ = 0;
};

/// A texture for a picture that is now and then another one, which its version tells.
struct FollowingTexture {
  Texture texture;
  int version = 0;
};

/// A texture, and which step of which growth it shows.
struct ShownTexture {
  Texture texture;
  int serial = 0, step = -1;
};

/// The pictures on view in the room Criteria.
struct CriteriaTextures {
  Texture question, plate;
  std::array<Texture, nearest_shown> nearest;
  std::array<FollowingTexture, sheet_pictures> grown, held_out;
  int question_shown = 0, plate_shown = -1;  ///< which state they show
  std::size_t plate_chosen = 0;
};

struct Screen {
  ShownTexture working, prediction, change;
  Filmstrip film, predictions_film;
  std::deque<ShownTexture> branches;  ///< thumbnails of the family
  GalleryAtlas contact_sheet, favourites;
  ImVec2 picture_min{},
      picture_max{};      ///< where the plate's picture lies; the same place twice when none or several do
  float change_gain = 0;  ///< of the change in its texture
  CriteriaTextures criteria;
  FollowingTexture paint, guide;           ///< what is painted over the sheet, and the visitor's picture
  std::array<FollowingTexture, 32> tasks;  ///< see tasks_draw.h
};

/// The texture with the step on view, made now if it is not there yet.
const Texture& shown_texture(const Studio& studio, Screen& screen, bool prediction);
const Texture& shown_change(const Studio& studio, Screen& screen);

}  // namespace florilegium
