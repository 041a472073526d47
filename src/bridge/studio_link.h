// What the files of exports have in common: the one studio, and the inbox through which arrays come
// in.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/bridge/guarded.h"
#include "src/studio/state/studio.h"

namespace florilegium {

/// The page's studio and what its JavaScript shares with it (studio_exports.cpp).
struct StudioLink {
  Studio studio;
  bool leaves_text = false;      ///< the field that is written in is to be left, when all that was typed is there
  std::vector<std::byte> inbox;  ///< studio_inbox(): JavaScript fills it, then calls an event
};
StudioLink& studio_link();

inline Studio& the_studio() { return studio_link().studio; }

/// The studio, about to be changed by an event: a frame will be drawn.
inline Studio& changed_studio() {
  ++the_studio().changes;
  return the_studio();
}

/// `count` values that JavaScript has put into the inbox.
template <class T>
std::span<const T> from_inbox(std::size_t offset_bytes, int count) {
  return {reinterpret_cast<const T*>(studio_link().inbox.data() + offset_bytes), static_cast<std::size_t>(count)};
}

/// `count` floats from the inbox, after so many others.
inline std::vector<float> floats_from_inbox(int offset, int count) {
  const auto values = from_inbox<float>(static_cast<std::size_t>(offset) * sizeof(float), count);
  return {values.begin(), values.end()};
}

/// A picture that JavaScript has put into the inbox, RGBA.
inline Picture picture_from_inbox(int width, int height) {
  const auto rgba = from_inbox<std::uint8_t>(0, width * height * 4);
  return {width, height, {rgba.begin(), rgba.end()}};
}

}  // namespace florilegium
