#include "trainer/judge/encoder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <stdexcept>

#include "src/image/resize.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "trainer/network/denoiser.h"

using namespace florilegium;

namespace {

Encoder untrained() {
  Graph graph;
  build_encoder(graph, graph.input("picture", {1, encoder_side, encoder_side, 3}), Type::f32);
  return {"nothing", 7, initial_parameters(graph, 3)};
}

double distance(const Features& a, const Features& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("an encoder is read back as it was written, but for halves") {
  const TemporaryFolder folder;
  const Encoder encoder = untrained();
  write_encoder(folder.path / "encoder.onnx", encoder);
  const Encoder back = read_encoder(folder.path / "encoder.onnx");
  CHECK(back.trained_on == "nothing");
  CHECK(back.train_samples == 7);
  REQUIRE(back.parameters.size() == encoder.parameters.size());
  double most = 0;
  for (std::size_t i = 0; i < back.parameters.size(); ++i)
    most = std::max(most, static_cast<double>(std::abs(back.parameters[i] - encoder.parameters[i])));
  CHECK(most < 0.002);
  CHECK(most > 0);
}

TEST_CASE("what is no encoder is told with its name") {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& file) -> std::string {
    try {
      read_encoder(folder.path / file);
    } catch (const std::runtime_error& problem) { return problem.what(); }
    return "nothing";
  };
  write_text(folder.path / "text.onnx", "no model");
  write_encoder(folder.path / "cut.onnx", untrained());
  cut_off(folder.path / "cut.onnx", 0.5);
  CHECK(said("none.onnx").find("none.onnx' cannot be read: there is no such file.") != std::string::npos);
  CHECK(said("text.onnx").find("text.onnx' cannot be read: it is not an ONNX model") != std::string::npos);
  CHECK(said("cut.onnx").find("cut short") != std::string::npos);
  std::filesystem::copy_file("models/garden.onnx", folder.path / "garden.onnx");
  CHECK(said("garden.onnx").find("it is no encoder of this version") != std::string::npos);
}

TEST_CASE("each picture gets its features, whatever stands beside it and however large it is") {
  const auto backend = cpu_backend(1);
  const Encoder encoder = untrained();
  std::vector<Picture> pictures;
  for (std::uint64_t i = 0; i < 18; ++i) pictures.push_back(garden_picture(i, 32));  // more than a batch
  const auto all = features_of(*backend, encoder, pictures);
  REQUIRE(all.size() == 18);
  CHECK(all[3].size() == encoder_features);
  const auto alone = features_of(*backend, encoder, std::span(pictures).subspan(17));
  CHECK(distance(alone[0], all[17]) < 1e-4);
  const Picture large[] = {resized(pictures[0], 128, 128)};
  CHECK(distance(features_of(*backend, encoder, large)[0], all[0]) < 1e-4);
  CHECK(distance(all[0], all[1]) > 0.01);
}

TEST_SUITE("slow") {
  TEST_CASE("the shipped encoder knows a plant again on lighter paper") {
    const auto backend = cpu_backend();
    const Encoder encoder = read_encoder("models/judge.onnx");
    CHECK(encoder.train_samples > 0);
    std::vector<Picture> plants, again;
    for (std::uint64_t i = 0; i < 24; ++i) {
      plants.push_back(garden_picture(i, 128));
      Picture lighter = plants.back();
      for (std::uint8_t& shade : lighter.rgba) shade = static_cast<std::uint8_t>(shade + (255 - shade) / 20);
      again.push_back(lighter);
    }
    const auto seen = features_of(*backend, encoder, plants), of_again = features_of(*backend, encoder, again);
    std::size_t known = 0;
    for (std::size_t i = 0; i < plants.size(); ++i) {
      std::size_t nearest = 0;
      for (std::size_t j = 1; j < plants.size(); ++j)
        if (distance(of_again[i], seen[j]) < distance(of_again[i], seen[nearest])) nearest = j;
      known += nearest == i;
    }
    CHECK(known >= 22);
  }
}
