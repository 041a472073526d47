#include "src/studio/kit/screen.h"

#include <GLES3/gl3.h>

#include <algorithm>

namespace florilegium {
namespace {

unsigned new_texture(int width, int height, bool mipmaps) {
  unsigned texture = 0;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  glTexStorage2D(GL_TEXTURE_2D, mipmaps ? 4 : 1, GL_RGBA8, width, height);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, mipmaps ? GL_LINEAR_MIPMAP_LINEAR : GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, keeps_square_pixels(width) ? GL_NEAREST : GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  return texture;
}

}  // namespace

Texture::~Texture() { glDeleteTextures(1, &texture_); }

void Texture::show(const Picture& picture) {
  if (texture_ == 0 || picture.width != width_ || picture.height != height_) {
    glDeleteTextures(1, &texture_);
    width_ = picture.width;
    height_ = picture.height;
    texture_ = new_texture(width_, height_, std::min(width_, height_) >= 8);
  }
  glBindTexture(GL_TEXTURE_2D, texture_);
  glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width_, height_, GL_RGBA, GL_UNSIGNED_BYTE, picture.rgba.data());
  if (std::min(width_, height_) >= 8) glGenerateMipmap(GL_TEXTURE_2D);
}

Filmstrip::~Filmstrip() { glDeleteTextures(1, &texture_); }

void Filmstrip::follow(int serial, const std::vector<Picture>& thumbnails) {
  if (texture_ == 0) {
    texture_ = new_texture(cells * thumbnail_side, cells * thumbnail_side, false);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  }
  if (serial_ != serial) {
    serial_ = serial;
    known_ = 0;
  }
  if (known_ == thumbnails.size()) return;
  glBindTexture(GL_TEXTURE_2D, texture_);
  for (; known_ < thumbnails.size() && known_ < cells * cells; ++known_) {
    const int cell = static_cast<int>(known_);
    glTexSubImage2D(GL_TEXTURE_2D, 0, cell % cells * thumbnail_side, cell / cells * thumbnail_side, thumbnail_side,
                    thumbnail_side, GL_RGBA, GL_UNSIGNED_BYTE, thumbnails[known_].rgba.data());
  }
}

ImVec2 Filmstrip::corner(int cell) const {
  return {static_cast<float>(cell % cells) * cell_size, static_cast<float>(cell / cells) * cell_size};
}

const Texture& shown_texture(const Studio& studio, Screen& screen, bool prediction) {
  auto& [texture, serial, step] = prediction ? screen.prediction : screen.working;
  // The prediction of the newest step is the last one there is; it changes when the step gets one
  // of its own.
  const History& history = studio.growth->history;
  const int wanted = prediction ? std::max(history.first_step(), std::min(studio.shown_step, history.last_step() - 1))
                                : studio.shown_step;
  const bool placeholder = prediction && history.last_step() == history.first_step();
  if (serial != studio.growth->serial || step != wanted) {
    texture.show(frame(*studio.growth, studio.shown_step, prediction));
    serial = placeholder ? 0 : studio.growth->serial;
    step = wanted;
  }
  return texture;
}

const Texture& shown_change(const Studio& studio, Screen& screen) {
  auto& [texture, serial, step] = screen.change;
  if (serial != studio.growth->serial || step != studio.shown_step) {
    const Change change = change_at(*studio.growth, studio.shown_step);
    texture.show(change.picture);
    screen.change_gain = change.gain;
    serial = studio.growth->serial;
    step = studio.shown_step;
  }
  return texture;
}

}  // namespace florilegium
