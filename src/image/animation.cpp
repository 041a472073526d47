#include "src/image/animation.h"

#include <algorithm>
#include <stdexcept>

#include "src/image/png_chunk.h"

namespace florilegium {
namespace {

// The order of chunks: header, notes, acTL (how many frames), then for each frame fcTL (its place
// and time) and its data: IDAT for the first, fdAT with a running number for the others.
// https://www.w3.org/TR/png-3/#apng-frame-based-animation
void append_frame_control(std::vector<std::uint8_t>& file, std::uint32_t number, const Picture& frame,
                          int milliseconds) {
  std::vector<std::uint8_t> control;
  append_big_endian(control, number);
  append_big_endian(control, static_cast<std::uint32_t>(frame.width));
  append_big_endian(control, static_cast<std::uint32_t>(frame.height));
  append_big_endian(control, 0);  // left
  append_big_endian(control, 0);  // top
  append_big_endian(control,
                    static_cast<std::uint32_t>(milliseconds) << 16 | 1000U);  // a fraction of a second, 16 bits each
  control.insert(control.end(), {0, 0});                                      // it stays, and replaces what was there
  append_png_chunk(file, "fcTL", control);
}

}  // namespace

std::vector<std::uint8_t> encode_animation(std::span<const Picture> frames, const Timing& timing,
                                           const std::vector<PngNote>& notes) {
  if (frames.empty()) throw std::invalid_argument("An animation needs at least one picture.");
  const auto possible = [](int milliseconds) { return milliseconds >= 1 && milliseconds <= 65535; };
  if (!possible(timing.frame_milliseconds) || !possible(timing.last_milliseconds))
    throw std::invalid_argument("A frame of an animation lasts 1 to 65535 milliseconds.");
  std::vector<std::uint8_t> file;
  std::vector<std::uint8_t> header;
  std::uint32_t number = 0;
  for (const Picture& frame : frames) {
    const bool first = &frame == &frames.front(), last = &frame == &frames.back();
    const std::vector<std::uint8_t> still = encode_png(frame, first ? notes : std::vector<PngNote>{});
    const std::vector<PngChunk> chunks = png_chunks(still);
    if (first) {
      const auto picture =
          std::find_if(chunks.begin(), chunks.end(), [](const PngChunk& chunk) { return chunk.type == "IDAT"; });
      header.assign(chunks[0].data.begin(), chunks[0].data.end());
      file.assign(still.data(), picture->data.data() - 8);
      std::vector<std::uint8_t> count;
      append_big_endian(count, static_cast<std::uint32_t>(frames.size()));
      append_big_endian(count, 0);  // repeated for ever
      append_png_chunk(file, "acTL", count);
    } else if (!std::equal(header.begin(), header.end(), chunks[0].data.begin(), chunks[0].data.end())) {
      throw std::invalid_argument("All pictures of an animation must be of one size, and all opaque or none of them.");
    }
    append_frame_control(file, number++, frame, last ? timing.last_milliseconds : timing.frame_milliseconds);
    for (const PngChunk& chunk : chunks) {
      if (chunk.type != "IDAT") continue;
      if (first) {
        append_png_chunk(file, "IDAT", chunk.data);
        continue;
      }
      std::vector<std::uint8_t> data;
      append_big_endian(data, number++);
      data.insert(data.end(), chunk.data.begin(), chunk.data.end());
      append_png_chunk(file, "fdAT", data);
    }
  }
  append_png_chunk(file, "IEND", {});
  return file;
}

}  // namespace florilegium
