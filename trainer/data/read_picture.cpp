#include "trainer/data/read_picture.h"

#include <jerror.h>
#include <jpeglib.h>

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

#include "trainer/data/decoders.h"

namespace florilegium {

void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw std::runtime_error(file.string() + " " + reason + ".");
}

void check_size(const std::filesystem::path& file, std::uint64_t width, std::uint64_t height) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (width < smallest_side || height < smallest_side) {
    refuse(file, "is too small (" + size + " pixels; each side needs " + std::to_string(smallest_side) + ")");
  }
  if (width > 32767 || height > 32767 || width * height > 400'000'000)
    refuse(file, "is too large (" + size + " pixels)");
}

namespace {

std::vector<std::uint8_t> file_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) refuse(file, "cannot be opened (does it exist, and may you read it?)");
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(file, unknown)) refuse(file, "is a folder or a device and not a file");
  const auto length = in.tellg();
  if (length < 0) refuse(file, "cannot be read");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(length));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) refuse(file, "cannot be read to its end");
  return bytes;
}

enum class Format { jpeg, png, webp, unreadable, unknown };

bool starts_with(Bytes bytes, std::string_view start, std::size_t offset = 0) {
  return bytes.size() >= offset + start.size() && std::memcmp(bytes.data() + offset, start.data(), start.size()) == 0;
}

/// The format by the first bytes; `why` says what an unreadable one is.
Format look_at(Bytes bytes, std::string* why = nullptr) {
  using namespace std::string_view_literals;
  if (starts_with(bytes, "\xff\xd8\xff"sv)) return Format::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n"sv)) return Format::png;
  if (starts_with(bytes, "RIFF"sv) && starts_with(bytes, "WEBP"sv, 8)) return Format::webp;
  const auto unreadable = [&](const char* what) {
    if (why != nullptr) *why = what;
    return Format::unreadable;
  };
  if (starts_with(bytes, "GIF8"sv)) return unreadable("is a GIF; convert it to PNG");
  if (starts_with(bytes, "BM"sv) && bytes.size() > 26 && starts_with(bytes, "\0\0\0\0"sv, 6))
    return unreadable("is a BMP; convert it to PNG");
  if (starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv))
    return unreadable("is a TIFF or a camera's raw picture; convert it to PNG or JPEG");
  if (starts_with(bytes, "\xff\x0a"sv) || starts_with(bytes, "\0\0\0\x0cJXL "sv))
    return unreadable("is a JPEG XL picture; convert it to PNG or JPEG");
  if (starts_with(bytes, "ftyp"sv, 4)) {
    for (const auto brand : {"heic"sv, "heix"sv, "hevc"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv})
      if (starts_with(bytes, brand, 8)) return unreadable("is a HEIC photo; save it as JPEG first");
    if (starts_with(bytes, "avi"sv, 8)) return unreadable("is an AVIF picture; convert it to PNG or JPEG");
  }
  return Format::unknown;
}

Format format_of(const std::filesystem::path& file, Bytes bytes) {
  std::string why = "is not a JPEG, PNG or WebP picture";
  if (bytes.empty()) refuse(file, "is empty");
  const Format format = look_at(bytes, &why);
  if (format == Format::unreadable || format == Format::unknown) refuse(file, why);
  return format;
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

/// Whether what lies before the marker that was just read, and belongs to nothing, is of no
/// consequence: between the markers of the header always, after a scan when it is padding. A scan
/// that was damaged leaves a part of itself there.
bool harmless_rest(const jpeg_decompress_struct& info, std::size_t length) {
  if (info.input_scan_number == 0 || length <= 8) return true;
  const JOCTET* end = info.src->next_input_byte;  // libjpeg has not moved it over the marker yet
  if (static_cast<std::size_t>(end - static_cast<const JOCTET*>(info.client_data)) < length) return false;
  const std::span<const JOCTET> rest(end - length, length);
  return std::all_of(rest.begin(), rest.end(), [&](JOCTET one) { return one == rest.front(); });
}

/// Warnings (level -1): slips that viewers pass over too do not count; the first that means missing
/// or corrupt data is kept.
void jpeg_warned(j_common_ptr info, int level) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  if (level >= 0 || errors->damaged) return;
  switch (info->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA: return;
    case JWRN_EXTRANEOUS_DATA:
      if (harmless_rest(*reinterpret_cast<jpeg_decompress_struct*>(info),
                        static_cast<std::size_t>(info->err->msg_parm.i[0])))
        return;
      break;
    default: break;
  }
  info->err->format_message(info, errors->message.data());
  errors->damaged = true;
}

struct JpegDecoder {
  jpeg_decompress_struct info{};
  JpegErrors errors{};
  explicit JpegDecoder(Bytes bytes) {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = jpeg_failed;
    errors.manager.emit_message = jpeg_warned;
    jpeg_create_decompress(&info);
    info.client_data = const_cast<std::uint8_t*>(bytes.data());  // for harmless_rest(), which only reads
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
PictureSize open_jpeg(JpegDecoder& decoder, const std::filesystem::path& file, std::size_t length) {
  if (!jpeg_header(decoder)) refuse(file, std::string("is a damaged JPEG (") + decoder.errors.message.data() + ")");
  const auto space = decoder.info.jpeg_color_space;
  if (space == JCS_CMYK || space == JCS_YCCK) refuse(file, "is a CMYK JPEG, made for printing; save it as RGB");
  check_size(file, decoder.info.image_width, decoder.info.image_height);
  // A block of 8 x 8 pixels takes a bit at least, but for arithmetic coding: a header that promises
  // more is no reason to take memory.
  const std::uint64_t blocks = std::uint64_t{decoder.info.image_width} * decoder.info.image_height / 64;
  if (!decoder.info.arith_code && blocks / 8 > length)
    refuse(file, "is a cut off or damaged JPEG (pixels are missing)");
  PictureSize size{static_cast<int>(decoder.info.image_width), static_cast<int>(decoder.info.image_height)};
  if (exif_orientation(decoder.info) >= 5) std::swap(size.width, size.height);
  return size;
}

RgbPicture read_jpeg(const std::filesystem::path& file, Bytes bytes, int halvings) {
  JpegDecoder decoder(bytes);
  open_jpeg(decoder, file, bytes.size());
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

RgbPicture decode(const std::filesystem::path& file, Bytes bytes, int halvings) {
  const Format format = format_of(file, bytes);
  const int while_decoding = format == Format::jpeg ? std::min(halvings, 3) : 0;
  RgbPicture picture;
  if (format == Format::jpeg) picture = read_jpeg(file, bytes, while_decoding);
  else picture = format == Format::png ? read_png(file, bytes) : read_webp(file, bytes);
  for (int i = while_decoding; i < halvings; ++i) picture = halved(picture);
  return picture;
}

/// Whether nothing is missing at the end, by what stands there: a JPEG's end mark in the last
/// kilobyte, a PNG's last chunk, a WebP's length.
bool is_whole(Bytes bytes, Format format) {
  using namespace std::string_view_literals;
  if (format == Format::png) return png_is_whole(bytes);
  if (format == Format::webp)
    return bytes.size() >= 8 && bytes.size() - 8 >= (std::size_t{bytes[4]} | std::size_t{bytes[5]} << 8 |
                                                     std::size_t{bytes[6]} << 16 | std::size_t{bytes[7]} << 24);
  const auto tail = bytes.last(std::min<std::size_t>(bytes.size(), 1024));
  const auto mark = "\xff\xd9"sv;
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
    size = open_jpeg(decoder, file, bytes.size());
  } else {
    size = format == Format::png ? png_size(file, bytes) : webp_size(file, bytes);
  }
  if (!is_whole(bytes, format))
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

PictureKind kind_of_file(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* one : {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"})
    if (ending == one) return PictureKind::picture;
  std::array<std::uint8_t, 32> start{};
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(start.data()), start.size());
  const Format format = look_at(Bytes(start).first(static_cast<std::size_t>(in.gcount())));
  return format == Format::unknown ? PictureKind::other : PictureKind::picture;
}

}  // namespace florilegium
