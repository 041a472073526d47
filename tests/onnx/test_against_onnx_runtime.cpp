// The trainer's own forward against ONNX Runtime: the same parameters and inputs give the same
// prediction.
//
// ONNX Runtime runs as WebAssembly under Node (run_onnx.mjs). Its npm package is looked for in
// ONNXRUNTIME_WEB, then in web/node_modules; without it, or without Node, these cases say so and
// pass.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "src/diffusion/denoising.h"
#include "src/image/picture.h"
#include "tests/onnx/tiny_ladder.h"
#include "trainer/backend/backend.h"
#include "trainer/judge/encoder.h"
#include "trainer/sample/forward_model.h"

using namespace florilegium;
namespace fs = std::filesystem;

namespace {

const fs::path repository = fs::path(__FILE__).parent_path().parent_path().parent_path();

std::string quoted(const fs::path& path) { return std::string("'") + path.string() + "'"; }

/// The folder of onnxruntime-web; empty, after a message, when it cannot be used here.
fs::path onnx_runtime() {
  const char* chosen = std::getenv("ONNXRUNTIME_WEB");
  const fs::path folder = chosen ? fs::path(chosen) : repository / "web/node_modules/onnxruntime-web";
  if (!fs::exists(folder / "dist/ort.wasm.min.mjs")) {
    MESSAGE("skipped: onnxruntime-web is not in ", folder.string());
    return {};
  }
  if (std::system("node --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: there is no Node here");
    return {};
  }
  return folder;
}

/// [1, H, W, C] -> [1, C, H, W].
std::vector<float> swapped(const std::vector<float>& values, std::size_t channels) {
  const std::size_t pixels = values.size() / channels;
  std::vector<float> moved(values.size());
  for (std::size_t p = 0; p < pixels; ++p)
    for (std::size_t c = 0; c < channels; ++c) moved[c * pixels + p] = values[p * channels + c];
  return moved;
}

void save(const fs::path& path, const std::vector<float>& values) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
}

std::vector<float> load(const fs::path& path) {
  std::vector<float> values(fs::file_size(path) / sizeof(float));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

/// The largest difference over the largest value. The inputs: noise, a level, and random colours
/// painted on half of the hint.
double difference(const fs::path& runtime, const TrainedModel& model, WeightPrecision precision, float level) {
  const Folder folder;
  const auto size = static_cast<std::size_t>(model.info.network.image_size);
  const std::vector<float> x = pure_noise(NoiseKind::gaussian, 1, 11, size * size * 3);
  std::vector<float> hint = pure_noise(NoiseKind::uniform, 0.5f, 12, size / 8 * (size / 8) * 4);
  for (std::size_t cell = 0; cell < hint.size() / 4; ++cell) {
    if (cell % 2 == 0) std::fill_n(hint.begin() + static_cast<std::ptrdiff_t>(cell * 4), 4, 0.0f);
    else hint[cell * 4 + 3] = 1;
  }

  write_model(folder.path / "model.onnx", model, precision);
  const TrainedModel read = read_model(folder.path / "model.onnx");

  const bool hinted = read.hint_cell().has_value(), told = read.takes_view();
  const std::vector<float> view = {0.0f};
  const auto backend = cpu_backend(1);
  ForwardModel forward(*backend, read, 1, Type::f32);
  const std::vector<float> ours = swapped(
      forward.denoise(x, {&level, 1}, hinted ? std::span<const float>(hint) : std::span<const float>(), view), 3);

  save(folder.path / "x", swapped(x, 3));
  save(folder.path / "noise_level", {level});
  save(folder.path / "hint", swapped(hint, 4));
  std::string command = "node " + quoted(repository / "tests/onnx/run_onnx.mjs") + " " + quoted(runtime) + " " +
                        quoted(folder.path / "model.onnx") + " " + quoted(folder.path / "denoised");
  save(folder.path / "view", view);
  for (const std::string name : {"x", "noise_level", "hint", "view"})
    if ((name != "hint" || hinted) && (name != "view" || told))
      command += " " + name + "=" + quoted(folder.path / name);
  REQUIRE(std::system(command.c_str()) == 0);
  const std::vector<float> theirs = load(folder.path / "denoised");

  REQUIRE(theirs.size() == ours.size());
  double largest = 0, furthest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(theirs[i])));
    furthest = std::max(furthest, std::abs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i])));
  }
  CHECK(largest > 0.1);  // otherwise the comparison says nothing
  MESSAGE(model.info.network.name, std::string(hinted ? " with" : " without"), " a hint at noise level ", level, ": ",
          furthest / largest);
  return furthest / largest;
}

}  // namespace

TEST_CASE("the trainer's forward agrees with ONNX Runtime") {
  const fs::path runtime = onnx_runtime();
  if (runtime.empty()) return;
  for (const char* name : {"tiny", "garden"})
    for (const bool hint : {false, true}) {
      NetworkConfig network = network_config(name);
      network.hint = hint;
      const TrainedModel model = random_model(network, 9);
      for (const float level : {1.0f, 0.37f}) CHECK(difference(runtime, model, WeightPrecision::f32, level) <= 1e-4);
    }
}

TEST_CASE("weights stored as halves give what the same weights give in f32") {
  const fs::path runtime = onnx_runtime();
  if (runtime.empty()) return;
  CHECK(difference(runtime, random_model(network_config("tiny"), 10), WeightPrecision::f16, 0.5f) <= 1e-4);
}

TEST_CASE("a ladder agrees with ONNX Runtime on both sides of each change, in every precision") {
  const fs::path runtime = onnx_runtime();
  if (runtime.empty()) return;
  const TrainedModel ladder = tiny_ladder(11);
  for (const float level : {1.0f, 0.51f, 0.5f, 0.1f})
    CHECK(difference(runtime, ladder, WeightPrecision::f32, level) <= 1e-4);
  for (const WeightPrecision precision : {WeightPrecision::f16, WeightPrecision::i8})
    for (const float level : {0.9f, 0.2f}) CHECK(difference(runtime, ladder, precision, level) <= 1e-4);
}

TEST_CASE("the encoder's features are those of ONNX Runtime") {
  const fs::path runtime = onnx_runtime();
  if (runtime.empty()) return;
  const Folder folder;
  Graph graph;
  build_encoder(graph, graph.input("picture", {1, encoder_side, encoder_side, 3}), Type::f32);
  write_encoder(folder.path / "encoder.onnx", {"nothing", 0, initial_parameters(graph, 12)});
  constexpr std::size_t size = static_cast<std::size_t>(encoder_side) * encoder_side * 3;
  const Picture shown[] = {
      picture_from_rgb(pure_noise(NoiseKind::uniform, 0.5f, 13, size), encoder_side, encoder_side)};
  save(folder.path / "picture", planes_from_picture(shown[0]));
  const std::string command = "node " + quoted(repository / "tests/onnx/run_onnx.mjs") + " " + quoted(runtime) + " " +
                              quoted(folder.path / "encoder.onnx") + " " + quoted(folder.path / "features") +
                              " picture=" + quoted(folder.path / "picture");
  REQUIRE(std::system(command.c_str()) == 0);
  const std::vector<float> theirs = load(folder.path / "features");
  const auto backend = cpu_backend(1);
  const Features ours = features_of(*backend, read_encoder(folder.path / "encoder.onnx"), shown)[0];
  REQUIRE(theirs.size() == encoder_features);
  float largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(theirs[i]));
    CHECK(std::abs(ours[i] - theirs[i]) < 1e-3f);
  }
  CHECK(largest > 0.1f);
}
