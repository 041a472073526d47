// What the tests of model files share: a folder that goes away, and a model in which every
// parameter counts.
#pragma once

#include <unistd.h>  // mkdtemp

#include <filesystem>
#include <stdexcept>
#include <string>

#include "src/diffusion/noise.h"
#include "trainer/onnx/model_file.h"

namespace florilegium {

/// A new folder among the system's temporary ones, removed at the end of the scope.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "florilegium-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("There is no place for temporary files.");
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
};

/// Starting values plus small random numbers on every parameter, so that those that start at zero
/// count as well.
inline TrainedModel random_model(const NetworkConfig& network, std::uint64_t seed) {
  TrainedModel model;
  model.info.network = network;
  Graph graph;
  build_denoiser(graph, network, 1, Type::f32);
  model.parameters = initial_parameters(graph, seed);
  std::vector<float> small(model.parameters.size());
  fill_noise(NoiseKind::gaussian, seed, 1, 0, small);
  for (std::size_t i = 0; i < small.size(); ++i) model.parameters[i] += 0.05f * small[i];
  return model;
}

}  // namespace florilegium
