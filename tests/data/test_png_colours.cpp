// All kinds of PNG, against what Chromium 156 shows of them on white. The files are put together
// here byte by byte; the values were written down from its canvas, and follow from the chunks.
#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/data/read_picture.h"

using namespace florilegium;

namespace {

using Text = std::string;

Text number(std::uint32_t value, int bytes = 4) {
  Text out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

Text bytes(std::initializer_list<int> values) {
  Text out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

Text repeated(const Text& one, int times) {
  Text out;
  for (int i = 0; i < times; ++i) out += one;
  return out;
}

Text chunk(const Text& type, const Text& data) {
  const Text checked = type + data;
  const auto sum = crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(checked.data()), checked.size());
  return number(static_cast<std::uint32_t>(data.size())) + checked + number(static_cast<std::uint32_t>(sum));
}

Text compressed(const Text& text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  Text out(size, '\0');
  REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                   static_cast<uLong>(text.size())) == Z_OK);
  out.resize(size);
  return out;
}

constexpr int grey = 0, rgb = 2, palette = 3, grey_alpha = 4, rgba = 6;  // colour types

/// 16 x 16 pixels, `row` being the bytes of 16 of them, and `rows` of such rows.
Text png(int depth, int type, const Text& row, const Text& before = {}, const Text& after = {}, int interlace = 0) {
  return Text("\x89PNG\r\n\x1a\n") + chunk("IHDR", number(16) + number(16) + bytes({depth, type, 0, 0, interlace})) +
         before + chunk("IDAT", compressed(repeated(Text(1, '\0') + row, 16))) + after + chunk("IEND", "");
}

Text gama(std::uint32_t value) { return chunk("gAMA", number(value)); }

Text chrm(std::initializer_list<std::uint32_t> places) {
  Text data;
  for (const auto one : places) data += number(one);
  return chunk("cHRM", data);
}

Text fixed(double value) { return number(static_cast<std::uint32_t>(std::lround(value * 65536))); }

/// An ICC profile of three colours (XYZ of red, green and blue, at D50) or of grey (none), all with
/// one curve: a gamma, or the sRGB curve where gamma is 0.
Text iccp(const std::vector<double>& xyz, double gamma) {
  Text curve = Text("curv\0\0\0\0", 8) + number(1) + number(static_cast<std::uint32_t>(std::lround(gamma * 256)), 2);
  if (gamma == 0) {
    curve = Text("para\0\0\0\0\0\3\0\0", 12);
    for (const double one : {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}) curve += fixed(one);
  }
  curve.resize((curve.size() + 3) / 4 * 4, '\0');
  const auto place = [](double x, double y, double z) {
    return Text("XYZ \0\0\0\0", 8) + fixed(x) + fixed(y) + fixed(z);
  };
  std::vector<std::pair<Text, Text>> tags{{"wtpt", place(0.9642, 1, 0.8249)},
                                          {"cprt", Text("text\0\0\0\0x\0\0\0", 12)},
                                          {"desc", Text("desc\0\0\0\0\0\0\0\2x\0", 14) + Text(78, '\0')}};
  if (xyz.empty()) tags.push_back({"kTRC", curve});
  for (std::size_t i = 0; i < xyz.size(); i += 3) {
    tags.push_back({Text(1, "rgb"[i / 3]) + "XYZ", place(xyz[i], xyz[i + 1], xyz[i + 2])});
    tags.push_back({Text(1, "rgb"[i / 3]) + "TRC", curve});
  }
  Text table = number(static_cast<std::uint32_t>(tags.size())), data;
  for (const auto& [name, content] : tags) {
    table += name + number(static_cast<std::uint32_t>(132 + 12 * tags.size() + data.size())) +
             number(static_cast<std::uint32_t>(content.size()));
    data += content;
  }
  Text head = number(static_cast<std::uint32_t>(128 + table.size() + data.size())) +
              Text("\0\0\0\0\2\x40\0\0mntr", 12) + (xyz.empty() ? "GRAY" : "RGB ") + "XYZ " +
              Text("\7\xe4\0\1\0\1\0\0\0\0\0\0", 12) + "acsp" + Text(28, '\0') + fixed(0.9642) + fixed(1) +
              fixed(0.8249);
  head.resize(128, '\0');
  return chunk("iCCP", Text("x\0\0", 3) + compressed(head + table + data));
}

Text frame_control(std::uint32_t width, std::uint32_t height, std::uint32_t x, std::uint32_t y) {
  return chunk("fcTL", number(0) + number(width) + number(height) + number(x) + number(y) + bytes({0, 1, 0, 10, 0, 0}));
}

Text frame_data(const Text& rows) { return chunk("fdAT", number(1) + compressed(rows)); }

const std::vector<double> adobe = {0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457},
                          display_p3 = {0.51512, 0.2412, -0.00105, 0.29198, 0.69225, 0.04189, 0.1571, 0.06657, 0.78407};
const auto srgb_places = {31270u, 32900u, 64000u, 33000u, 30000u, 60000u, 15000u, 6000u},
           adobe_places = {31270u, 32900u, 64000u, 33000u, 21000u, 71000u, 15000u, 6000u};

struct Case {
  const char* name;
  Text file;
  int red, green, blue;
};

std::vector<Case> cases() {
  const Text ochre = repeated(bytes({200, 100, 50}), 16), veil = repeated(bytes({200, 100, 50, 128}), 16),
             srgb = chunk("sRGB", bytes({0})), colours = chunk("PLTE", ochre),
             animated = chunk("acTL", number(1) + number(1));
  return {
      {"grey of 1 bit", png(1, grey, repeated(bytes({0xff}), 2)), 255, 255, 255},
      {"grey of 2 bits", png(2, grey, repeated(bytes({0x55}), 4)), 85, 85, 85},
      {"grey of 4 bits", png(4, grey, repeated(bytes({0x77}), 8)), 119, 119, 119},
      {"grey of 16 bits", png(16, grey, repeated(bytes({0x80, 0x80}), 16)), 128, 128, 128},
      {"16 bits", png(16, rgb, repeated(bytes({0xc8, 1, 0x64, 0x99, 0x32, 0xff}), 16)), 200, 100, 50},
      {"grey of 16 bits, half clear", png(16, grey_alpha, repeated(bytes({0x80, 0x80, 0x80, 0}), 16)), 191, 191, 191},
      {"8 bits", png(8, rgb, ochre), 200, 100, 50},
      {"half clear", png(8, rgba, veil), 227, 177, 152},
      {"a palette", png(8, palette, Text(16, '\3'), colours), 200, 100, 50},
      {"a palette with clear colours", png(4, palette, Text(8, '\x11'), colours + chunk("tRNS", bytes({0, 64, 255}))),
       241, 216, 204},
      {"the clear grey", png(8, grey, Text(16, '\x80'), chunk("tRNS", bytes({0, 0x80}))), 255, 255, 255},
      {"nearly the clear grey", png(16, grey, repeated(bytes({0x80, 0x80}), 16), chunk("tRNS", bytes({0x80, 0x81}))),
       128, 128, 128},
      {"the clear colour", png(8, rgb, ochre, chunk("tRNS", bytes({0, 200, 0, 100, 0, 50}))), 255, 255, 255},
      {"gAMA 1/2.2", png(8, rgb, ochre, gama(45455)), 200, 100, 50},
      {"gAMA nearly 1/2.2", png(8, rgb, ochre, gama(46000)), 200, 100, 50},
      {"gAMA 1/2", png(8, rgb, ochre, gama(50000)), 206, 109, 55},
      {"gAMA 1/1.8", png(8, rgb, ochre, gama(55556)), 210, 119, 65},
      {"gAMA 1", png(8, rgb, ochre, gama(100000)), 229, 168, 122},
      {"gAMA 1, 16 bits", png(16, grey, repeated(bytes({0x80, 0x80}), 16), gama(100000)), 188, 188, 188},
      {"gAMA 1, a palette", png(8, palette, Text(16, '\3'), gama(100000) + colours), 229, 168, 122},
      {"gAMA 1, half clear", png(8, rgba, veil, gama(100000)), 242, 211, 188},
      {"gAMA 1/4.4", png(8, rgb, ochre, gama(22727)), 158, 34, 3},
      {"gAMA 0", png(8, rgb, ochre, gama(0)), 200, 100, 50},
      {"sRGB beside gAMA 1", png(8, rgb, ochre, srgb + gama(100000)), 200, 100, 50},
      {"gAMA 1/2.2 with sRGB's cHRM", png(8, rgb, ochre, gama(45455) + chrm(srgb_places)), 201, 100, 46},
      {"gAMA 1 with sRGB's cHRM", png(8, rgb, ochre, gama(100000) + chrm(srgb_places)), 229, 168, 122},
      {"gAMA 1/2.2 with Adobe RGB's cHRM", png(8, rgb, ochre, gama(45455) + chrm(adobe_places)), 227, 100, 42},
      {"cHRM alone", png(8, rgb, ochre, chrm(adobe_places)), 200, 100, 50},
      {"iCCP of Adobe RGB", png(8, rgb, ochre, iccp(adobe, 2.19921875)), 227, 100, 42},
      {"iCCP of Adobe RGB, 16 bits",
       png(16, rgb, repeated(bytes({200, 200, 100, 100, 50, 50}), 16), iccp(adobe, 2.19921875)), 227, 100, 42},
      {"iCCP of Display P3", png(8, rgb, ochre, iccp(display_p3, 0)), 215, 93, 31},
      {"iCCP of grey", png(8, grey, Text(16, '\x80'), iccp({}, 1.8)), 146, 146, 146},
      {"iCCP after gAMA", png(8, rgb, ochre, gama(100000) + iccp(adobe, 2.19921875)), 227, 100, 42},
      {"iCCP after sRGB", png(8, rgb, ochre, srgb + iccp(adobe, 2.19921875)), 227, 100, 42},
      {"iCCP that is nonsense",
       png(8, rgb, ochre, chunk("iCCP", Text("x\0\0", 3) + compressed(repeated("nonsense", 30)))), 200, 100, 50},
      {"an animation that begins with the picture", png(8, rgb, ochre, animated + frame_control(16, 16, 0, 0)), 200,
       100, 50},
      {"an animation beside the picture",
       png(8, rgb, ochre, animated,
           frame_control(16, 16, 0, 0) + frame_data(repeated(Text(1, '\0') + repeated(bytes({10, 20, 30}), 16), 16))),
       10, 20, 30},
      {"an animation whose first frame is small",
       png(8, rgb, ochre, animated,
           frame_control(4, 4, 2, 2) + frame_data(repeated(Text(1, '\0') + repeated(bytes({10, 20, 30}), 4), 4))),
       10, 20, 30},
  };
}

}  // namespace

TEST_CASE("every kind of PNG gives the colours that Chromium shows, to 1/255") {
  const TemporaryFolder folder;
  const auto file = folder.path / "a.png";
  for (const Case& one : cases()) {
    CAPTURE(std::string(one.name));
    write_text(file, one.file);
    CHECK(check_picture(file).width == 16);
    const RgbPicture picture = read_picture(file);
    REQUIRE(picture.rgb.size() == 16 * 16 * 3);
    const std::uint8_t* pixel = &picture.rgb[(3 * 16 + 3) * 3];
    const int expected[] = {one.red, one.green, one.blue};
    for (int c = 0; c < 3; ++c) {
      CAPTURE(c);
      CAPTURE(static_cast<int>(pixel[c]));
      CHECK(std::abs(pixel[c] - expected[c]) <= 1);
    }
  }
}

TEST_CASE("an interlaced PNG is the picture that it is without") {
  // Adam7's passes: where they begin, and in which steps they go, across and down.
  constexpr int passes[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  Text rows;
  for (const auto& [x0, y0, dx, dy] : passes)
    for (int y = y0; y < 16; y += dy) {
      rows += '\0';
      for (int x = x0; x < 16; x += dx) rows += static_cast<char>(16 * y + x);
    }
  const TemporaryFolder folder;
  write_text(folder.path / "a.png", Text("\x89PNG\r\n\x1a\n") +
                                        chunk("IHDR", number(16) + number(16) + bytes({8, grey, 0, 0, 1})) +
                                        chunk("IDAT", compressed(rows)) + chunk("IEND", ""));
  const RgbPicture picture = read_picture(folder.path / "a.png");
  for (std::size_t i = 0; i < 256; ++i) CHECK(picture.rgb[i * 3] == i);
}

TEST_CASE("a PNG that breaks off anywhere is refused, by the list and by the decoder") {
  const TemporaryFolder folder;
  const auto file = folder.path / "a.png";
  const Text whole = png(8, rgb, repeated(bytes({200, 100, 50}), 16), gama(100000));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    write_text(file, whole.substr(0, length));
    CHECK_THROWS_AS(read_picture(file), std::runtime_error);
    CHECK_THROWS_AS(check_picture(file), std::runtime_error);
  }
}
