// WebP files, still ones, on white paper.
#include <webp/decode.h>

#include <vector>

#include "trainer/data/decoders.h"

namespace florilegium {
namespace {

WebPBitstreamFeatures features_of(const std::filesystem::path& file, Bytes bytes) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
    refuse(file, "is a damaged WebP picture");
  if (features.has_animation != 0) refuse(file, "is an animated WebP picture; save one frame of it as PNG or JPEG");
  check_size(file, static_cast<std::uint64_t>(features.width), static_cast<std::uint64_t>(features.height));
  return features;
}

}  // namespace

PictureSize webp_size(const std::filesystem::path& file, Bytes bytes) {
  const auto features = features_of(file, bytes);
  return {features.width, features.height};
}

RgbPicture read_webp(const std::filesystem::path& file, Bytes bytes) {
  const auto features = features_of(file, bytes);
  const std::size_t width = static_cast<std::size_t>(features.width),
                    height = static_cast<std::size_t>(features.height);
  std::vector<std::uint8_t> rgba(width * height * 4);
  if (WebPDecodeRGBAInto(bytes.data(), bytes.size(), rgba.data(), rgba.size(), features.width * 4) == nullptr)
    refuse(file, "is a cut off or damaged WebP picture");
  RgbPicture picture{features.width, features.height, {}};
  picture.rgb.reserve(width * height * 3);
  for (std::size_t i = 0; i < rgba.size(); i += 4)
    for (std::size_t c = 0; c < 3; ++c)
      picture.rgb.push_back(
          static_cast<std::uint8_t>((rgba[i + c] * rgba[i + 3] + 255 * (255 - rgba[i + 3]) + 127) / 255));
  return picture;
}

}  // namespace florilegium
