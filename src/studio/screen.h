// What the graphics card holds for the studio: the sheets on view and the filmstrip. Filled only
// when what they show changes.
#pragma once

#include <imgui.h>

#include <array>
#include <deque>

#include "src/studio/gallery_atlas.h"
#include "src/studio/studio.h"

namespace florilegium {

/// One picture as a texture.
class Sheet {
 public:
  Sheet() = default;
  ~Sheet();
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

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

/// A sheet for a picture that is now and then another one, which its version tells.
struct FollowingSheet {
  Sheet sheet;
  int version = 0;
};

/// A sheet, and which step of which growth lies on it.
struct ShownSheet {
  Sheet sheet;
  int serial = 0, step = -1;
};

/// The pictures on view in the room Criteria.
struct CriteriaSheets {
  Sheet question, plate;
  std::array<Sheet, nearest_shown> nearest;
  std::array<FollowingSheet, sheet_pictures> grown, held_out;
  int question_shown = 0, plate_shown = -1;  ///< which state they show
  std::size_t plate_chosen = 0;
};

struct Screen {
  ShownSheet working, prediction, change;
  Filmstrip film, predictions_film;
  std::deque<ShownSheet> branches;  ///< thumbnails of the family
  GalleryAtlas contact_sheet, favourites;
  ImVec2 picture_min{},
      picture_max{};      ///< where the plate's picture lies; the same place twice when none or several do
  float change_gain = 0;  ///< of the change on its sheet
  CriteriaSheets criteria;
  FollowingSheet paint, guide;           ///< what is painted over the sheet, and the visitor's picture
  std::array<FollowingSheet, 32> tasks;  ///< see tasks_draw.h
};

/// The sheet with the step on view, made now if it is not there yet.
const Sheet& shown_sheet(const Studio& studio, Screen& screen, bool prediction);
const Sheet& shown_change(const Studio& studio, Screen& screen);

}  // namespace florilegium
