#include "trainer/data/read_picture.h"

#include <jpeglib.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace florilegium {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw std::runtime_error(file.string() + " " + reason + ".");
}

std::vector<std::uint8_t> file_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) refuse(file, "cannot be opened (does it exist, and may you read it?)");
  const auto length = in.tellg();
  if (length < 0) refuse(file, "cannot be read");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(length));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) refuse(file, "cannot be read to its end");
  return bytes;
}

enum class Format { jpeg, png };

bool starts_with(std::span<const std::uint8_t> bytes, std::string_view start, std::size_t offset = 0) {
  return bytes.size() >= offset + start.size() && std::memcmp(bytes.data() + offset, start.data(), start.size()) == 0;
}

Format format_of(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
  using namespace std::string_view_literals;
  if (bytes.empty()) refuse(file, "is empty");
  if (starts_with(bytes, "\xff\xd8\xff"sv)) return Format::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n"sv)) return Format::png;
  if (starts_with(bytes, "GIF8"sv)) refuse(file, "is a GIF; convert it to PNG");
  if (starts_with(bytes, "RIFF"sv) && starts_with(bytes, "WEBP"sv, 8))
    refuse(file, "is a WebP picture; convert it to PNG or JPEG");
  if (starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv))
    refuse(file, "is a TIFF; convert it to PNG or JPEG");
  if (starts_with(bytes, "ftyp"sv, 4)) refuse(file, "is a HEIC, AVIF or video file; convert it to PNG or JPEG");
  refuse(file, "is neither a JPEG nor a PNG picture");
}

void check_size(const std::filesystem::path& file, std::uint64_t width, std::uint64_t height) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (width < smallest_side || height < smallest_side) {
    refuse(file, "is too small (" + size + " pixels; each side needs " + std::to_string(smallest_side) + ")");
  }
  if (width > 32767 || height > 32767 || width * height > 400'000'000)
    refuse(file, "is too large (" + size + " pixels)");
}

// ---- JPEG ---------------------------------------------------------------------------------------
// libjpeg ends the process on an error unless its error_exit is replaced. Ours jumps back to a
// setjmp in a function that holds no C++ object with a destructor (jumping over one is undefined).

struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message;
  bool damaged;
};

void jpeg_failed(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->message.data());
  std::longjmp(errors->back, 1);
}

/// Warnings (level -1) mean corrupt or missing data: the first is kept.
void jpeg_warned(j_common_ptr info, int level) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  if (level >= 0 || errors->damaged) return;
  info->err->format_message(info, errors->message.data());
  errors->damaged = true;
}

struct JpegDecoder {
  jpeg_decompress_struct info{};
  JpegErrors errors{};
  explicit JpegDecoder(std::span<const std::uint8_t> bytes) {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = jpeg_failed;
    errors.manager.emit_message = jpeg_warned;
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes.data(), static_cast<unsigned long>(bytes.size()));
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&info); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
};

bool jpeg_header(JpegDecoder& decoder) {
  if (setjmp(decoder.errors.back) != 0) return false;
  jpeg_read_header(&decoder.info, TRUE);
  return true;
}

bool jpeg_start(JpegDecoder& decoder, int halvings) {
  if (setjmp(decoder.errors.back) != 0) return false;
  decoder.info.scale_num = 1;
  decoder.info.scale_denom = 1U << halvings;
  decoder.info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&decoder.info);
  return true;
}

/// Decodes all rows into out (output_width * output_height * 3 bytes).
bool jpeg_rows(JpegDecoder& decoder, std::uint8_t* out) {
  if (setjmp(decoder.errors.back) != 0) return false;
  const std::size_t stride = std::size_t{decoder.info.output_width} * 3;
  while (decoder.info.output_scanline < decoder.info.output_height) {
    JSAMPROW row = out + stride * decoder.info.output_scanline;
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  jpeg_finish_decompress(&decoder.info);
  return true;
}

/// The EXIF orientation, 1 to 8; 1 (upright) when the file says nothing that makes sense.
int exif_orientation(const jpeg_decompress_struct& info) {
  for (auto marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const std::uint8_t> data(marker->data, marker->data_length);
    if (marker->marker != JPEG_APP0 + 1 || data.size() < 14 || !starts_with(data, std::string_view("Exif\0\0", 6)))
      continue;
    const auto tiff = data.subspan(6);
    const bool little = tiff[0] == 'I';
    const auto number = [&](std::size_t at, int bytes) -> std::size_t {
      std::size_t value = 0;
      if (at + static_cast<std::size_t>(bytes) > tiff.size()) return 0;
      for (int i = 0; i < bytes; ++i) {
        value = value << 8 | tiff[at + static_cast<std::size_t>(little ? bytes - 1 - i : i)];
      }
      return value;
    };
    const std::size_t directory = number(4, 4);
    const std::size_t entries = number(directory, 2);
    for (std::size_t entry = 0; entry < entries; ++entry) {
      const std::size_t at = directory + 2 + entry * 12;
      if (number(at, 2) != 0x0112) continue;
      const std::size_t orientation = number(at + 8, 2);
      return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
    }
  }
  return 1;
}

/// Turns and mirrors a picture as EXIF's orientation numbers ask for.
RgbPicture upright(RgbPicture picture, int orientation) {
  if (orientation == 1) return picture;
  const bool swapped = orientation >= 5;
  RgbPicture out{swapped ? picture.height : picture.width, swapped ? picture.width : picture.height, {}};
  out.rgb.resize(picture.rgb.size());
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int from_x = swapped ? y : x, from_y = swapped ? x : y;
      if (from_right) from_x = picture.width - 1 - from_x;
      if (from_below) from_y = picture.height - 1 - from_y;
      const auto* from = &picture.rgb[(static_cast<std::size_t>(from_y) * static_cast<std::size_t>(picture.width) +
                                       static_cast<std::size_t>(from_x)) *
                                      3];
      std::copy_n(
          from, 3,
          &out.rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) + static_cast<std::size_t>(x)) *
                   3]);
    }
  }
  return out;
}

/// Reads the header and refuses what cannot be used.
PictureSize open_jpeg(JpegDecoder& decoder, const std::filesystem::path& file) {
  if (!jpeg_header(decoder)) refuse(file, std::string("is a damaged JPEG (") + decoder.errors.message.data() + ")");
  const auto space = decoder.info.jpeg_color_space;
  if (space == JCS_CMYK || space == JCS_YCCK) refuse(file, "is a CMYK JPEG, made for printing; save it as RGB");
  check_size(file, decoder.info.image_width, decoder.info.image_height);
  PictureSize size{static_cast<int>(decoder.info.image_width), static_cast<int>(decoder.info.image_height)};
  if (exif_orientation(decoder.info) >= 5) std::swap(size.width, size.height);
  return size;
}

RgbPicture read_jpeg(const std::filesystem::path& file, std::span<const std::uint8_t> bytes, int halvings) {
  JpegDecoder decoder(bytes);
  open_jpeg(decoder, file);
  const int orientation = exif_orientation(decoder.info);
  const auto damaged = [&] {
    refuse(file, std::string("is a cut off or damaged JPEG (") + decoder.errors.message.data() + ")");
  };
  if (!jpeg_start(decoder, halvings)) damaged();
  RgbPicture picture{static_cast<int>(decoder.info.output_width), static_cast<int>(decoder.info.output_height), {}};
  picture.rgb.resize(std::size_t{decoder.info.output_width} * decoder.info.output_height * 3);
  if (!jpeg_rows(decoder, picture.rgb.data()) || decoder.errors.damaged) damaged();
  return upright(std::move(picture), orientation);
}

// ---- PNG ----------------------------------------------------------------------------------------
// libpng's simplified interface keeps its own setjmp inside and returns plain success or failure.

struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

void open_png(PngImage& png, const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) {
    refuse(file, std::string("is a damaged PNG (") + png.image.message + ")");
  }
  check_size(file, png.image.width, png.image.height);
}

RgbPicture read_png(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
  PngImage png;
  open_png(png, file, bytes);
  png.image.format = PNG_FORMAT_RGB;
  RgbPicture picture{static_cast<int>(png.image.width), static_cast<int>(png.image.height), {}};
  picture.rgb.resize(PNG_IMAGE_SIZE(png.image));
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&png.image, &white, picture.rgb.data(), 0, nullptr) == 0 || PNG_IMAGE_FAILED(png.image)) {
    refuse(file, std::string("is a cut off or damaged PNG (") + png.image.message + ")");
  }
  return picture;
}

RgbPicture decode(const std::filesystem::path& file, std::span<const std::uint8_t> bytes, int halvings) {
  const bool jpeg = format_of(file, bytes) == Format::jpeg;
  const int while_decoding = jpeg ? std::min(halvings, 3) : 0;
  RgbPicture picture = jpeg ? read_jpeg(file, bytes, while_decoding) : read_png(file, bytes);
  for (int i = while_decoding; i < halvings; ++i) picture = halved(picture);
  return picture;
}

/// Whether the end mark of its format stands in the last kilobyte: a file that was cut off has
/// none.
bool has_end_mark(std::span<const std::uint8_t> bytes, Format format) {
  using namespace std::string_view_literals;
  const auto tail = bytes.last(std::min<std::size_t>(bytes.size(), 1024));
  const auto mark = format == Format::jpeg ? "\xff\xd9"sv : "IEND"sv;
  return std::search(tail.begin(), tail.end(), mark.begin(), mark.end(),
                     [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) != tail.end();
}

}  // namespace

PictureSize check_picture(const std::filesystem::path& file) {
  const auto bytes = file_bytes(file);
  const Format format = format_of(file, bytes);
  PictureSize size;
  if (format == Format::jpeg) {
    JpegDecoder decoder(bytes);
    size = open_jpeg(decoder, file);
  } else {
    PngImage png;
    open_png(png, file, bytes);
    size = {static_cast<int>(png.image.width), static_cast<int>(png.image.height)};
  }
  if (!has_end_mark(bytes, format))
    decode(file, bytes, 0);  // cut off, or something was appended to a whole picture: decoding tells
  return size;
}

RgbPicture read_picture(const std::filesystem::path& file, int halvings) {
  return decode(file, file_bytes(file), halvings);
}

RgbPicture halved(const RgbPicture& picture) {
  RgbPicture out{(picture.width + 1) / 2, (picture.height + 1) / 2, {}};
  const auto width = static_cast<std::size_t>(picture.width), out_width = static_cast<std::size_t>(out.width);
  out.rgb.resize(out_width * static_cast<std::size_t>(out.height) * 3);
  for (std::size_t y = 0; y < static_cast<std::size_t>(out.height); ++y) {
    const auto* above = &picture.rgb[2 * y * width * 3];
    const auto* below = &picture.rgb[std::min(2 * y + 1, static_cast<std::size_t>(picture.height) - 1) * width * 3];
    for (std::size_t x = 0; x < out_width; ++x) {
      const std::size_t left = 2 * x * 3, right = std::min(2 * x + 1, width - 1) * 3;
      for (std::size_t c = 0; c < 3; ++c) {
        out.rgb[(y * out_width + x) * 3 + c] = static_cast<std::uint8_t>(
            (above[left + c] + above[right + c] + below[left + c] + below[right + c] + 2) / 4);
      }
    }
  }
  return out;
}

bool has_picture_name(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

}  // namespace florilegium
