// The discriminator: a second network that learns to tell real pictures from predicted ones, while
// the denoiser learns not to be told (Goodfellow et al. 2014).
//
// Squared error alone makes the denoiser answer with the average of all pictures that could have
// become x; where that leaves much open, an average of sharp pictures is a soft one. Among the
// answers that are near enough the discriminator asks for one that looks real. It judges patches
// (Isola et al. 2017), on two grids: of blocks of 4x4 pixels, for contours and texture, and of
// 16x16, for what they join to. Beside the picture it sees what the denoiser saw, x and the noise
// level, so that an answer has to belong to its question. It is left behind when training ends.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "trainer/graph/graph.h"

namespace florilegium {

class Discriminator {
 public:
  /// x [N, S, S, 3] f32 and noise_level [N] f32 are what the denoiser saw; without an x, pictures
  /// are judged by themselves. Parameters are added to the graph by the constructor and the first
  /// call of scores(). `compute` as for the denoiser.
  Discriminator(Graph& graph, Value x, Value noise_level, Type compute);

  /// How real each patch of `picture` [N, S, S, 3] f32 looks, S a multiple of 16: f32 [N, S/4, S/4,
  /// 1] and [N, S/16, S/16, 1], learned to be 1 for real and 0 for predicted ones (least squares;
  /// Mao et al. 2017). Throws std::invalid_argument with a sentence for another S.
  std::vector<Value> scores(Value picture);

  /// In the graph's order.
  std::span<const Value> parameters() const { return parameters_; }

 private:
  Value parameter(const std::string& name, Shape shape, Initial initial);
  Value linear_layer(const std::string& name, Value x, int out, double gain = 1);
  Value conv_layer(const std::string& name, Value x, int out);
  Value normalised(const std::string& name, Value x);
  Value score(const std::string& name, Value x);

  Graph& graph_;
  Type compute_;
  Value noisy_, embedding_;
  std::map<std::string, Value> known_;  // the same for every picture that is judged
  std::vector<Value> parameters_;
};

}  // namespace florilegium
