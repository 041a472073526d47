#include "trainer/data/write_jpeg.h"

#include <cstdio>

#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>

#include "src/files/write_file.h"

namespace florilegium {
namespace {

struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message;
};

void failed(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->message.data());
  std::longjmp(errors->back, 1);
}

struct JpegEncoder {
  jpeg_compress_struct info{};
  JpegErrors errors{};
  unsigned char* bytes = nullptr;
  unsigned long length = 0;
  JpegEncoder() {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = failed;
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &bytes, &length);
  }
  ~JpegEncoder() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
};

/// Nothing here has a destructor: libjpeg may jump back to setjmp.
bool encode(JpegEncoder& encoder, const RgbPicture& picture, int quality) {
  if (setjmp(encoder.errors.back) != 0) return false;
  encoder.info.image_width = static_cast<JDIMENSION>(picture.width);
  encoder.info.image_height = static_cast<JDIMENSION>(picture.height);
  encoder.info.input_components = 3;
  encoder.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder.info);
  jpeg_set_quality(&encoder.info, quality, TRUE);
  jpeg_start_compress(&encoder.info, TRUE);
  while (encoder.info.next_scanline < encoder.info.image_height) {
    auto* row = const_cast<JSAMPROW>(picture.rgb.data() +
                                     std::size_t{encoder.info.next_scanline} * encoder.info.image_width * 3);
    jpeg_write_scanlines(&encoder.info, &row, 1);
  }
  jpeg_finish_compress(&encoder.info);
  return true;
}

}  // namespace

void write_jpeg(const std::filesystem::path& file, const RgbPicture& picture, int quality) {
  JpegEncoder encoder;
  if (!encode(encoder, picture, quality))
    throw std::runtime_error(file.string() + " could not be made: " + encoder.errors.message.data() + ".");
  write_file(file, std::span<const std::uint8_t>(encoder.bytes, encoder.length));
}

}  // namespace florilegium
