// Thumbnails of the gallery in one texture: ten by ten cells.
#pragma once

#include <imgui.h>

#include <array>

#include "src/studio/state/gallery.h"

namespace florilegium {

class GalleryAtlas {
 public:
  static constexpr int columns = 10, cells = columns * columns;
  GalleryAtlas() = default;
  ~GalleryAtlas();
  GalleryAtlas(const GalleryAtlas&) = delete;
  GalleryAtlas& operator=(const GalleryAtlas&) = delete;

  struct Place {
    ImVec2 min, max;  ///< texture coordinates
  };
  /// Where the picture is; it is put there when the cell holds another version. At most
  /// gallery_thumbnail_side pixels a side.
  Place show(int cell, int version, const Picture& picture);
  ImTextureID id() const { return texture_; }

 private:
  unsigned texture_ = 0;
  std::array<int, cells> versions_{};
};

}  // namespace florilegium
