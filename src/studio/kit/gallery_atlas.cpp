#include "src/studio/kit/gallery_atlas.h"

#include <GLES3/gl3.h>

namespace florilegium {

GalleryAtlas::~GalleryAtlas() { glDeleteTextures(1, &texture_); }

GalleryAtlas::Place GalleryAtlas::show(int cell, int version, const Picture& picture) {
  constexpr int side = gallery_thumbnail_side, whole = columns * side;
  const int left = cell % columns * side, top = cell / columns * side;
  int& held = versions_[static_cast<std::size_t>(cell)];
  if (texture_ == 0) {
    glGenTextures(1, &texture_);
    glBindTexture(GL_TEXTURE_2D, texture_);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, whole, whole);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  }
  if (held != version) {
    held = version;
    glBindTexture(GL_TEXTURE_2D, texture_);
    glTexSubImage2D(GL_TEXTURE_2D, 0, left, top, picture.width, picture.height, GL_RGBA, GL_UNSIGNED_BYTE,
                    picture.rgba.data());
  }
  // Half a pixel inside, so that neighbours do not shine through.
  const auto at = [&](float x, float y) {
    return ImVec2((static_cast<float>(left) + x) / whole, (static_cast<float>(top) + y) / whole);
  };
  return {at(0.5f, 0.5f), at(static_cast<float>(picture.width) - 0.5f, static_cast<float>(picture.height) - 0.5f)};
}

}  // namespace florilegium
