// What the tasks ask of the place they run in; answers come as the events of src/studio/tasks.h.
// See host.h for the rest.
#pragma once

#include <cstdint>

namespace florilegium::host {

/// The room of the tasks was entered or left: plates are to be loaded, or a second model to be put
/// away.
void tasks_entered();
void tasks_left();

/// Asks four seeds, from `first_seed` on, down to this level of AverageTask.
void ask_average(std::uint64_t first_seed, int level);

/// Asks what the plate on view was, once the visitor has stopped changing his mind for a moment.
void ask_denoising(int plate, int percent, std::uint64_t seed);

/// Noise of another seed is wanted over the plates.
void make_noise(std::uint64_t seed);

/// Fills the grid of the training task.
void ask_training(std::uint64_t seed);

void cancel_task();

}  // namespace florilegium::host
