#include "trainer/experiments/experiment.h"

namespace florilegium {

std::span<const Experiment> experiments() {
  static constexpr Experiment all[] = {
      {"specific", "noise paired with pictures: a few are learned by heart, of many the average", specific_pictures},
      {"denoise", "the same network on pairs and on denoising: where the first stops, the second goes on",
       denoising_task},
      {"walk", "picture and prediction at 100, 99, 98, ... 1 % noise, and when what is decided (takes --model)", walk},
      {"coins", "new noise over what is predicted: what is still open at which noise level (takes --model)", coins},
      {"training", "little and much training by 1, 5, 20 and 100 steps", amounts},
      {"sheets", "real pictures beside grown ones (takes --model and --data)", sheets},
      {"repeats", "one picture shown a hundred times as often is learned by heart", repeats},
      {"halves", "two networks on disjoint pictures, from the same noise", halves}};
  return all;
}

}  // namespace florilegium
