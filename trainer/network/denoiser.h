// The denoiser: the network that looks at a noisy picture and a noise level and predicts the clean
// picture.
//
// A U-shaped network over pixel patches. Blocks of patch x patch pixels become channels; each stage
// has residual blocks of two 3x3 convolutions and halves the grid; transformer blocks work on the
// smallest grid; the way back joins each stage's result by concatenation. At the end detail layers
// look once more at each patch's pixels, which do not fit through the narrow first stage (192
// numbers in 64), and finishing layers, 3x3 convolutions over blocks of 2x2 pixels, look across the
// patches' borders at what was drawn and at what came in. The noise level reaches every block as a
// scale and a shift after its normalisations (FiLM; Perez et al. 2018). The plain network output is
// the prediction: no preconditioning around it (Li & He 2025, "Back to basics", section 3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trainer/graph/graph.h"

namespace florilegium {

struct NetworkConfig {
  std::string name;
  int image_size = 512;     ///< S, side of the square picture in pixels
  int patch = 8;            ///< side of the pixel blocks that become channels
  std::vector<int> widths;  ///< channels of each convolutional stage, multiples of 16; the grid halves after each
  int blocks = 2;           ///< residual blocks a stage, on the way down and on the way up
  int middle_width = 256;   ///< D of the transformer, a multiple of head_width
  int middle_blocks = 6;
  int head_width = 32;
  int embedding = 256;  ///< width of the noise level's embedding
  /// Width of the detail layers, which see each patch's own pixels beside what is known of it; 0 =
  /// without.
  int detail = 0;
  int finish = 0;         ///< width of the finishing layers, which see across the patches' borders; 0 = without
  bool hint = false;      ///< has the optional input `hint` [N, S/hint_cell, S/hint_cell, 4]
  int hint_cell = 8;      ///< side of a hint's cell in pixels
  bool positions = true;  ///< the transformer knows where its tokens lie
  bool view = false;      ///< has the optional input `view` [N]: 1 whole plates, 0 details

  bool operator==(const NetworkConfig&) const = default;
  int middle_side() const { return image_size / patch >> widths.size(); }
};

/// Calls visit(name, member, default) for each field of `config` after its name, in the order of
/// the struct. The default stands for the field where a description does not have it; nullopt: it
/// must.
template <class Config, class Visit>
void for_each_field(Config& config, Visit visit) {
  constexpr auto needed = std::nullopt;
  visit("image_size", config.image_size, needed);
  visit("patch", config.patch, needed);
  visit("widths", config.widths, needed);
  visit("blocks", config.blocks, needed);
  visit("middle_width", config.middle_width, needed);
  visit("middle_blocks", config.middle_blocks, needed);
  visit("head_width", config.head_width, needed);
  visit("embedding", config.embedding, needed);
  visit("detail", config.detail, std::optional(0));
  visit("finish", config.finish, std::optional(0));
  visit("hint", config.hint, needed);
  visit("hint_cell", config.hint_cell, std::optional(8));
  visit("positions", config.positions, std::optional(true));
  visit("view", config.view, std::optional(false));
}

/// A configuration by name at its own size or another one (image_size > 0). Throws
/// std::invalid_argument with the known names when there is none of that name, or when the size
/// does not divide into patches and stages.
NetworkConfig network_config(const std::string& name, int image_size = 0);
std::vector<std::string> network_config_names();

/// As JSON text, for run folders and for the model's metadata (`florilegium.network`). from_json
/// throws std::invalid_argument with a sentence for what cannot be read or built.
std::string to_json(const NetworkConfig& config);
NetworkConfig network_config_from_json(const std::string& json);

struct Denoiser {
  Value x;            ///< input [N, S, S, 3] f32: noisy picture
  Value noise_level;  ///< input [N] f32 in (0, 1]
  Value hint;         ///< input [N, S/cell, S/cell, 4] f32, absent without config.hint
  Value view;         ///< input [N] f32, absent without config.view
  Value denoised;     ///< output [N, S, S, 3] f32
};

/// Adds the network to a graph. `compute` is the type of the activations between the layers;
/// parameters are always f32.
Denoiser build_denoiser(Graph& graph, const NetworkConfig& config, int batch, Type compute);

/// Standard starting values for all parameters of the graph, in the order of graph.parameters(),
/// one after the other.
std::vector<float> initial_parameters(const Graph& graph, std::uint64_t seed);

}  // namespace florilegium
