// What the files of exports have in common: the one studio, the room through which arrays come in,
// and errors as sentences.
#pragma once

#include <cstddef>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "src/studio/studio.h"

namespace florilegium {

/// The page's studio and what its JavaScript shares with it (studio_exports.cpp).
struct StudioLink {
  Studio studio;
  std::vector<std::byte> room;  ///< studio_room(): JavaScript fills it, then calls an event
  std::string error;            ///< studio_error(): why the last event failed
};
StudioLink& studio_link();

inline Studio& the_studio() { return studio_link().studio; }

/// `count` values that JavaScript has put into the room.
template <class T>
std::span<const T> from_room(std::size_t offset_bytes, int count) {
  return {reinterpret_cast<const T*>(studio_link().room.data() + offset_bytes), static_cast<std::size_t>(count)};
}

/// 0, or -1 with the sentence in studio_link().error.
template <class Work>
int guarded(Work&& work) {
  try {
    work();
    return 0;
  } catch (const std::bad_alloc&) {
    studio_link().error =
        "There is not enough memory to keep all steps of this picture; choose fewer steps or a smaller model.";
  } catch (const std::exception& failure) { studio_link().error = failure.what(); }
  return -1;
}

}  // namespace florilegium
