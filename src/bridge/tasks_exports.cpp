// The tasks as the page's JavaScript calls them (web/tasks.mjs).
#include <emscripten/emscripten.h>

#include "src/bridge/studio_link.h"
#include "src/diffusion/noise.h"

using namespace florilegium;

namespace {

/// The tasks, about to be changed by an event.
Tasks& changed() { return changed_studio().tasks; }

int values() { return 3 * the_studio().tasks.image_size * the_studio().tasks.image_size; }

}  // namespace

extern "C" {

/// Values in a picture of the open model: 3 * size^2.
EMSCRIPTEN_KEEPALIVE int tasks_values() { return values(); }
EMSCRIPTEN_KEEPALIVE int tasks_on_view() { return the_studio().tasks.entered; }
EMSCRIPTEN_KEEPALIVE void tasks_model(int image_size) { tasks_model_opened(changed(), image_size); }
/// early, final: model files, empty when not there; missing: a sentence then.
EMSCRIPTEN_KEEPALIVE void tasks_weights(const char* early, double early_samples, const char* last, double last_samples,
                                        const char* missing) {
  TrainingTask& training = changed().training;
  training.rows[0].file = early;
  training.rows[0].samples = early_samples;
  training.rows[1].file = last;
  training.rows[1].samples = last_samples;
  training.missing = missing;
}

/// other: the plates are not of the kind that the model was trained on; missing: a sentence when
/// there are none.
EMSCRIPTEN_KEEPALIVE void tasks_data(int other, const char* missing) {
  Tasks& tasks = changed();
  tasks.other_data = other != 0;
  tasks.data_missing = missing;
}

/// The inbox holds a picture's RGBA. average: it is the true average, else a held-out plate.
EMSCRIPTEN_KEEPALIVE int tasks_picture(int average, int width, int height, const char* title, const char* credit) {
  return guarded([&] {
    Picture picture = picture_from_inbox(width, height);
    if (average) tasks_average_loaded(changed(), picture);
    else tasks_plate_loaded(changed(), title, credit, std::move(picture));
  });
}

/// The noise over the plates is to be made anew, with tasks_noise().
EMSCRIPTEN_KEEPALIVE void tasks_new_noise(std::uint64_t seed) { take_new_noise(changed(), seed); }
/// Makes the next `count` values of the noise over the plates. 1: there are more to make.
EMSCRIPTEN_KEEPALIVE int tasks_noise(const char* kind, float scale, std::uint64_t seed, int count) {
  return guarded([&] {
    Tasks& tasks = changed();
    std::vector<float> part(static_cast<std::size_t>(count));
    fill_noise(noise_kind(kind), seed, 0, tasks.denoising.noise_filled, part);
    for (float& value : part) value *= scale;
    tasks_noise_made(tasks, part);
    return tasks.denoising.noise_filled < static_cast<std::size_t>(values()) ? 1 : 0;
  });
}

EMSCRIPTEN_KEEPALIVE void tasks_average_begun(std::uint64_t seed) { average_task_begun(changed(), seed); }
/// The inbox holds a seed's noise, then the five levels of four steps.
EMSCRIPTEN_KEEPALIVE int tasks_average_noise(int seed) {
  return guarded([&] {
    average_task_noise(changed(), seed, floats_from_inbox(0, values()),
                       floats_from_inbox(values(), AverageTask::levels + 1));
  });
}
/// How many levels a seed has been asked at.
EMSCRIPTEN_KEEPALIVE int tasks_average_asked(int seed) {
  const auto& growth = the_studio().tasks.average.growths.at(static_cast<std::size_t>(seed));
  return growth ? growth->last_step() : 0;
}
/// A seed's working picture at a level -> 3 * size^2 floats; null when it is not there.
EMSCRIPTEN_KEEPALIVE const float* tasks_average_working(int seed, int level) {
  static std::vector<float> x;
  return guarded_pointer([&]() -> const float* {
    x = the_studio().tasks.average.growths.at(static_cast<std::size_t>(seed)).value().working(level);
    return x.data();
  });
}
/// The inbox holds the kept prediction.
EMSCRIPTEN_KEEPALIVE int tasks_average_answered(int seed) {
  return guarded([&] { average_task_answered(changed(), seed, from_inbox<Kept>(0, values())); });
}
/// A seed's prediction at a level -> 3 * size^2 kept values; null when it is not there.
EMSCRIPTEN_KEEPALIVE const Kept* tasks_average_prediction(int seed, int level) {
  return guarded_pointer([&] {
    return the_studio().tasks.average.growths.at(static_cast<std::size_t>(seed)).value().prediction(level).data();
  });
}
EMSCRIPTEN_KEEPALIVE float tasks_average_apart(int level) {
  return the_studio().tasks.average.apart.at(static_cast<std::size_t>(level));
}
EMSCRIPTEN_KEEPALIVE float tasks_average_from_truth(int level) {
  return the_studio().tasks.average.from_truth.at(static_cast<std::size_t>(level));
}
EMSCRIPTEN_KEEPALIVE void tasks_show_level(int level) { show_level(changed(), level); }

/// The plate on view, planar -> 3 * size^2 floats; null while there is none.
EMSCRIPTEN_KEEPALIVE const float* tasks_truth() {
  const auto truth = plate_values(the_studio().tasks);
  return truth.empty() ? nullptr : truth.data();
}
EMSCRIPTEN_KEEPALIVE int tasks_plate_count() { return static_cast<int>(the_studio().tasks.denoising.plates.size()); }
EMSCRIPTEN_KEEPALIVE void tasks_show(int plate, int percent) {
  Tasks& tasks = changed();
  if (plate != tasks.denoising.plate) show_plate(tasks, plate);
  show_noise(tasks, percent);
}
/// The inbox holds the kept prediction.
EMSCRIPTEN_KEEPALIVE int tasks_denoising_answered(int plate, int percent) {
  return guarded([&] { denoising_task_answered(changed(), plate, percent, from_inbox<Kept>(0, values())); });
}
EMSCRIPTEN_KEEPALIVE float tasks_denoising_error(int plate, int percent) {
  return the_studio()
      .tasks.denoising.plates.at(static_cast<std::size_t>(plate))
      .error.at(static_cast<std::size_t>(percent));
}
EMSCRIPTEN_KEEPALIVE void tasks_denoising_begun() { changed().running = true; }

EMSCRIPTEN_KEEPALIVE void tasks_training_begun(std::uint64_t seed) { training_task_begun(changed(), seed); }
/// The inbox holds the first working picture, then steps + 1 noise levels.
EMSCRIPTEN_KEEPALIVE int tasks_cell_begun(int row, int column, int steps) {
  return guarded([&] {
    training_cell_begun(changed(), row, column, floats_from_inbox(0, values()), floats_from_inbox(values(), steps + 1));
  });
}
/// The inbox holds the kept prediction.
EMSCRIPTEN_KEEPALIVE int tasks_cell_stepped(int row, int column, double milliseconds) {
  return guarded([&] { training_cell_stepped(changed(), row, column, from_inbox<Kept>(0, values()), milliseconds); });
}
/// RGBA of a cell of the grid; null while it is empty.
EMSCRIPTEN_KEEPALIVE const std::uint8_t* tasks_cell_picture(int row, int column) {
  const Picture& picture = the_studio()
                               .tasks.training.rows.at(static_cast<std::size_t>(row))
                               .cells.at(static_cast<std::size_t>(column))
                               .picture.picture;
  return picture.rgba.empty() ? nullptr : picture.rgba.data();
}

EMSCRIPTEN_KEEPALIVE void tasks_end() { tasks_ended(changed()); }
EMSCRIPTEN_KEEPALIVE void tasks_choose(int task) { changed().task = static_cast<Task>(task); }

}  // extern "C"
