// PNG files as browsers show them on white paper: in sRGB, whatever colours the file is written in,
// and of an animation its first frame.
//
// Colours: an ICC profile (iCCP) is taken at its word, else sRGB, else gAMA with cHRM, else gAMA
// alone; a file without these is in sRGB already. libpng gets to see only the chunks that pixels
// are made of, so that it corrects nothing by itself.
#include <lcms2.h>
#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "trainer/data/decoders.h"

namespace florilegium {
namespace {

constexpr std::size_t signature_size = 8;

std::uint32_t number_at(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

void put_number(std::vector<std::uint8_t>& to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(number >> shift));
}

struct Chunk {
  std::string_view type;
  Bytes data;
  Bytes whole;  ///< with length, type and checksum, as it stands in the file
};

/// The chunks up to IEND; the last one may be cut off, and then has no data.
std::vector<Chunk> chunks_of(Bytes bytes) {
  std::vector<Chunk> chunks;
  for (std::size_t at = signature_size; at + 8 <= bytes.size();) {
    const std::size_t length = number_at(bytes, at);
    const std::string_view type(reinterpret_cast<const char*>(bytes.data()) + at + 4, 4);
    const Bytes rest = bytes.subspan(at);
    if (rest.size() < 12 || rest.size() - 12 < length) {
      chunks.push_back({type, {}, rest});
      break;
    }
    chunks.push_back({type, rest.subspan(8, length), rest.first(length + 12)});
    if (type == "IEND") break;
    at += length + 12;
  }
  return chunks;
}

void append(std::vector<std::uint8_t>& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

void append_chunk(std::vector<std::uint8_t>& to, const char* type, Bytes data) {
  put_number(to, static_cast<std::uint32_t>(data.size()));
  const std::size_t checked_from = to.size();
  to.insert(to.end(), type, type + 4);
  append(to, data);
  put_number(to, static_cast<std::uint32_t>(
                     crc32_z(crc32_z(0, nullptr, 0), to.data() + checked_from, to.size() - checked_from)));
}

/// The chunks that pixels are made of, as a file of their own.
std::vector<std::uint8_t> pixels_only(Bytes bytes, const std::vector<Chunk>& chunks) {
  std::vector<std::uint8_t> kept(bytes.begin(), bytes.begin() + signature_size);
  for (const Chunk& chunk : chunks)
    if (chunk.type == "IHDR" || chunk.type == "PLTE" || chunk.type == "tRNS" || chunk.type == "IDAT" ||
        chunk.type == "IEND")
      append(kept, chunk.whole);
  return kept;
}

/// A frame of an animation as a file of its own, and where it lies in the picture.
struct Frame {
  std::vector<std::uint8_t> file;
  std::uint32_t x = 0, y = 0;
};

/// The first frame of an animation that does not begin with the picture itself; nothing for all
/// other files.
std::optional<Frame> first_frame(Bytes bytes, const std::vector<Chunk>& chunks) {
  const Chunk* control = nullptr;
  bool animated = false, pixels_began = false, has_pixels = false;
  Frame frame;
  frame.file.assign(bytes.begin(), bytes.begin() + signature_size);
  for (const Chunk& chunk : chunks) {
    if (chunk.type == "acTL") animated = true;
    if (chunk.type == "IDAT") pixels_began = true;
    if (chunk.type == "fcTL" && chunk.data.size() == 26) {
      if (!pixels_began) return {};  // the picture itself is the first frame
      if (control != nullptr) break;
      control = &chunk;
      frame.x = number_at(chunk.data, 12);
      frame.y = number_at(chunk.data, 16);
      std::vector<std::uint8_t> header(chunks.front().data.begin(), chunks.front().data.end());
      std::copy_n(chunk.data.begin() + 4, 8, header.begin());
      std::vector<std::uint8_t> begun(bytes.begin(), bytes.begin() + signature_size);
      append_chunk(begun, "IHDR", header);
      begun.insert(begun.end(), frame.file.begin() + signature_size, frame.file.end());
      frame.file = std::move(begun);
    }
    if (chunk.type == "PLTE" || chunk.type == "tRNS") append(frame.file, chunk.whole);
    if (chunk.type == "fdAT" && control != nullptr && chunk.data.size() >= 4) {
      append_chunk(frame.file, "IDAT", chunk.data.subspan(4));
      has_pixels = true;
    }
  }
  if (!animated || !has_pixels) return {};
  append_chunk(frame.file, "IEND", {});
  return frame;
}

// ---- colours ------------------------------------------------------------------------------------

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

/// What stands in an iCCP chunk: a name, a zero, the method 0, the profile compressed.
Profile profile_of_iccp(Bytes data, bool grey) {
  const auto* end = static_cast<const std::uint8_t*>(std::memchr(data.data(), 0, data.size()));
  if (end == nullptr || data.data() + data.size() - end < 3) return nullptr;
  const auto compressed = data.subspan(static_cast<std::size_t>(end - data.data()) + 2);
  for (uLongf size = std::size_t{1} << 16; size <= std::size_t{1} << 24; size *= 16) {
    std::vector<std::uint8_t> text(size);
    uLongf length = size;
    const int outcome = uncompress(text.data(), &length, compressed.data(), static_cast<uLong>(compressed.size()));
    if (outcome == Z_BUF_ERROR) continue;
    if (outcome != Z_OK) return nullptr;
    Profile profile(cmsOpenProfileFromMem(text.data(), static_cast<cmsUInt32Number>(length)));
    if (!profile) return nullptr;
    const auto space = cmsGetColorSpace(profile.get());
    return space == cmsSigRgbData || (grey && space == cmsSigGrayData) ? std::move(profile) : nullptr;
  }
  return nullptr;
}

/// gAMA alone has sRGB's primaries; one near 1 / 2.2 is then taken for sRGB itself.
Profile profile_of_gamma(std::uint32_t gamma, const Chunk* chromaticities) {
  if (gamma == 0 || gamma > 2'147'483'647) return nullptr;
  if (chromaticities == nullptr && std::abs(gamma * 2.2e-5 - 1) < 0.05) return nullptr;
  std::array<double, 8> places{0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06};
  if (chromaticities != nullptr)
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = number_at(chromaticities->data, i * 4) * 1e-5;
  for (std::size_t i = 1; i < places.size(); i += 2)
    if (!(places[i] > 0 && places[i] <= 1)) return nullptr;
  const cmsCIExyY white{places[0], places[1], 1};
  const cmsCIExyYTRIPLE primaries{{places[2], places[3], 1}, {places[4], places[5], 1}, {places[6], places[7], 1}};
  const std::unique_ptr<cmsToneCurve, FreeCurve> curve(cmsBuildGamma(nullptr, 1e5 / gamma));
  if (!curve) return nullptr;
  cmsToneCurve* curves[] = {curve.get(), curve.get(), curve.get()};
  return Profile(cmsCreateRGBProfile(&white, &primaries, curves));
}

/// The colours that the file is written in; null: sRGB.
Profile profile_of(const std::vector<Chunk>& chunks) {
  const Chunk *iccp = nullptr, *srgb = nullptr, *gama = nullptr, *chrm = nullptr;
  for (const Chunk& chunk : chunks) {
    if (chunk.type == "IDAT") break;
    if (chunk.type == "iCCP") iccp = &chunk;
    if (chunk.type == "sRGB") srgb = &chunk;
    if (chunk.type == "gAMA" && chunk.data.size() == 4) gama = &chunk;
    if (chunk.type == "cHRM" && chunk.data.size() == 32) chrm = &chunk;
  }
  const bool grey = chunks.front().data.size() == 13 && (chunks.front().data[9] & 2) == 0;
  if (iccp != nullptr)
    if (Profile profile = profile_of_iccp(iccp->data, grey)) return profile;
  if (srgb != nullptr || gama == nullptr) return nullptr;
  return profile_of_gamma(number_at(gama->data, 0), chrm);
}

struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};

/// Brings pixels (RGBA, of 8 or 16 bits) to sRGB in place; alpha stays.
template <class Number>
void to_srgb(const Profile& profile, std::vector<Number>& rgba) {
  const Profile srgb(cmsCreate_sRGBProfile());
  const std::size_t pixels = rgba.size() / 4;
  const bool wide = sizeof(Number) == 2, grey = cmsGetColorSpace(profile.get()) == cmsSigGrayData;
  const cmsUInt32Number colour_format = wide ? TYPE_RGBA_16 : TYPE_RGBA_8,
                        grey_format = wide ? TYPE_GRAY_16 : TYPE_GRAY_8;
  std::vector<Number> shades;
  if (grey)
    for (std::size_t i = 0; i < pixels; ++i) shades.push_back(rgba[i * 4]);
  const std::unique_ptr<void, DeleteTransform> transform(
      cmsCreateTransform(profile.get(), grey ? grey_format : colour_format, srgb.get(), colour_format,
                         INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE | (wide ? cmsFLAGS_NOOPTIMIZE : 0u)));
  if (!transform) return;  // a profile that says nothing of use: as if there were none
  const void* from = grey ? static_cast<const void*>(shades.data()) : rgba.data();
  cmsDoTransform(transform.get(), from, rgba.data(), static_cast<cmsUInt32Number>(pixels));
}

// ---- pixels -------------------------------------------------------------------------------------
// libpng jumps back to a setjmp on an error, in functions that hold no C++ object with a
// destructor.

struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Bytes rest;
  std::array<char, 160> message{};

  explicit PngReader(Bytes file) : rest(file) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png == nullptr) throw std::bad_alloc();
    info = png_create_info_struct(png);
    if (info == nullptr) throw std::bad_alloc();
    png_set_read_fn(png, this, give);
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(reader.message.data(), message, reader.message.size() - 1);
    png_longjmp(png, 1);
  }

  static void give(png_structp png, png_bytep to, std::size_t size) {
    auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > reader.rest.size()) png_error(png, "it ends too early");
    std::memcpy(to, reader.rest.data(), size);
    reader.rest = reader.rest.subspan(size);
  }
};

bool read_header(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_info(reader.png, reader.info);
  return true;
}

/// After it every pixel is RGBA, of 16 bits when `wide`, else of 8.
bool begin_pixels(PngReader& reader, bool wide) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_expand(reader.png);
  png_set_gray_to_rgb(reader.png);
  if (wide) {
    png_set_expand_16(reader.png);
    png_set_swap(reader.png);
  } else {
    png_set_scale_16(reader.png);
  }
  png_set_add_alpha(reader.png, 0xffff, PNG_FILLER_AFTER);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_pixels(PngReader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

template <class Number>
RgbPicture on_white(const std::vector<Number>& rgba, int width, int height) {
  RgbPicture picture{width, height, {}};
  picture.rgb.reserve(rgba.size() / 4 * 3);
  constexpr std::uint64_t one = std::numeric_limits<Number>::max();
  for (std::size_t i = 0; i < rgba.size(); i += 4)
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t shade = rgba[i + c] * std::uint64_t{rgba[i + 3]} + one * (one - rgba[i + 3]);
      picture.rgb.push_back(static_cast<std::uint8_t>((shade * 255 + one * one / 2) / (one * one)));
    }
  return picture;
}

template <class Number>
RgbPicture decode_as(PngReader& reader, const Profile& profile, const std::filesystem::path& file) {
  const auto damaged = [&] {
    refuse(file, std::string("is a cut off or damaged PNG (") + reader.message.data() + ")");
  };
  const std::size_t width = png_get_image_width(reader.png, reader.info),
                    height = png_get_image_height(reader.png, reader.info);
  if (!begin_pixels(reader, sizeof(Number) == 2)) damaged();
  std::vector<Number> rgba(width * height * 4);
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = reinterpret_cast<png_bytep>(&rgba[y * width * 4]);
  if (!read_pixels(reader, rows.data())) damaged();
  if (profile) to_srgb(profile, rgba);
  return on_white(rgba, static_cast<int>(width), static_cast<int>(height));
}

void open_png(PngReader& reader, const std::filesystem::path& file) {
  if (!read_header(reader)) refuse(file, std::string("is a damaged PNG (") + reader.message.data() + ")");
}

RgbPicture decode_png(const std::vector<std::uint8_t>& pixels, const Profile& profile,
                      const std::filesystem::path& file) {
  PngReader reader(pixels);
  open_png(reader, file);
  const bool wide = profile != nullptr && png_get_bit_depth(reader.png, reader.info) == 16;
  return wide ? decode_as<std::uint16_t>(reader, profile, file) : decode_as<std::uint8_t>(reader, profile, file);
}

/// The chunks, after a look at the header.
std::vector<Chunk> checked_chunks(const std::filesystem::path& file, Bytes bytes, PictureSize& size) {
  auto chunks = chunks_of(bytes);
  if (chunks.empty() || chunks.front().type != "IHDR" || chunks.front().data.size() != 13)
    refuse(file, "is a damaged PNG (it has no header)");
  const std::uint32_t width = number_at(chunks.front().data, 0), height = number_at(chunks.front().data, 4);
  check_size(file, width, height);
  size = {static_cast<int>(width), static_cast<int>(height)};
  // Deflate packs at most 1032 bytes into one: a header that promises more is no reason to take
  // memory.
  const Bytes header = chunks.front().data;
  constexpr unsigned channels[] = {1, 1, 3, 1, 2, 1, 4};
  const std::uint64_t bits = header[8] * std::uint64_t{header[9] < std::size(channels) ? channels[header[9]] : 1};
  std::uint64_t packed = 0;
  for (const Chunk& chunk : chunks)
    if (chunk.type == "IDAT") packed += chunk.whole.size();
  if (height * (1 + (width * bits + 7) / 8) > packed * 1032)
    refuse(file, "is a cut off or damaged PNG (pixels are missing)");
  return chunks;
}

}  // namespace

PictureSize png_size(const std::filesystem::path& file, Bytes bytes) {
  PictureSize size;
  const auto pixels = pixels_only(bytes, checked_chunks(file, bytes, size));
  PngReader reader(pixels);
  open_png(reader, file);
  return size;
}

bool png_is_whole(Bytes bytes) {
  const auto chunks = chunks_of(bytes);
  return !chunks.empty() && chunks.back().type == "IEND" && chunks.back().whole.size() == 12;
}

RgbPicture read_png(const std::filesystem::path& file, Bytes bytes) {
  PictureSize size;
  const auto chunks = checked_chunks(file, bytes, size);
  const Profile profile = profile_of(chunks);
  const auto frame = first_frame(bytes, chunks);
  if (!frame) return decode_png(pixels_only(bytes, chunks), profile, file);
  const auto width = static_cast<std::uint32_t>(size.width), height = static_cast<std::uint32_t>(size.height);
  const Bytes header = Bytes(frame->file).subspan(signature_size + 8);
  const std::uint32_t frame_width = number_at(header, 0), frame_height = number_at(header, 4);
  if (frame->x > width || frame->y > height || frame_width > width - frame->x || frame_height > height - frame->y)
    refuse(file, "is a damaged PNG (a frame reaches over its border)");
  const RgbPicture part = decode_png(frame->file, profile, file);
  RgbPicture picture{size.width, size.height, {}};
  picture.rgb.assign(std::size_t{width} * height * 3, 255);
  for (std::size_t y = 0; y < frame_height; ++y)
    std::copy_n(&part.rgb[y * frame_width * 3], std::size_t{frame_width} * 3,
                &picture.rgb[((frame->y + y) * width + frame->x) * 3]);
  return picture;
}

}  // namespace florilegium
