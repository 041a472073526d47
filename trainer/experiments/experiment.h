// The essay's experiments, to be done again: each trains or asks small networks and ends in one
// picture and a few numbers. The essay: "Bare-bones Diffusion Models".
//
// To add one: a function here, in a file of its own; one line in experiments.cpp's table; a
// sentence in docs/essay.md.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "src/image/picture.h"
#include "trainer/backend/backend.h"

namespace florilegium {

struct ExperimentSettings {
  int side = 32;               ///< of the garden's pictures, pixels
  std::int64_t steps = 1500;   ///< of each training
  int few = 16, many = 16000;  ///< pictures in a small and in a large set
  std::uint64_t seed = 1;
  std::string model, data;  ///< for those that ask a trained model; data: the real pictures beside it
  int pictures = 64;        ///< to be grown where they are counted or compared
};

struct ExperimentEnd {
  Picture picture;
  nlohmann::json numbers;
};

/// A sentence for people.
using Say = std::function<void(const std::string&)>;

/// Noise paired with pictures, and the pictures asked for by their noise: a few pairs are learned
/// by heart, of many only the average.
ExperimentEnd specific_pictures(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// The same network and budget on pairs and on denoising: where pairs stop at the average,
/// denoising goes on.
ExperimentEnd denoising_task(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// The working picture and the prediction from 100 % noise on, and how much of what pictures differ
/// in is decided when.
ExperimentEnd walk(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// The coins flipped again at several noise levels of a plate: what is still open there.
ExperimentEnd coins(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// Little and much training, few and many steps.
ExperimentEnd amounts(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// Real pictures beside grown ones.
ExperimentEnd sheets(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// One picture shown a hundred times as often as the others is learned by heart.
ExperimentEnd repeats(Backend& backend, const ExperimentSettings& settings, const Say& say);
/// Two networks that never saw the same picture: from the same noise the same picture, when each
/// saw enough.
ExperimentEnd halves(Backend& backend, const ExperimentSettings& settings, const Say& say);

struct Experiment {
  const char* name;
  const char* text;  ///< for the list
  ExperimentEnd (*run)(Backend&, const ExperimentSettings&, const Say&);
};
std::span<const Experiment> experiments();

}  // namespace florilegium
