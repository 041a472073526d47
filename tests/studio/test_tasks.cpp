// The tasks' state without a screen: answers come in as events, and what is on view follows.
#include "src/studio/state/tasks.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "src/diffusion/schedule.h"
#include "src/studio/state/studio.h"
#include "tests/studio/fake_host.h"

using namespace florilegium;

namespace {

constexpr int size = 4;
constexpr std::size_t values = 3 * size * size;

Tasks opened() {
  Tasks tasks;
  tasks_model_opened(tasks, size);
  return tasks;
}

std::vector<Kept> all(float value) { return std::vector<Kept>(values, keep(value)); }

void answer_first_level(Tasks& tasks, std::array<float, AverageTask::seeds> answers) {
  average_task_begun(tasks, 7);
  for (int seed = 0; seed < AverageTask::seeds; ++seed) {
    average_task_noise(tasks, seed, std::vector<float>(values, 1.0f), Schedule{}.noise_levels(AverageTask::levels));
    average_task_answered(tasks, seed, all(answers[static_cast<std::size_t>(seed)]));
  }
}

void load_plate(Tasks& tasks) { tasks_plate_loaded(tasks, "A plate", "a book", blank_picture(size, size, 0, 0, 0)); }

}  // namespace

TEST_CASE("how far apart four answers are is known once all four are there") {
  Tasks tasks = opened();
  CHECK_FALSE(tasks.average.known(0));
  answer_first_level(tasks, {0.5f, 0.5f, 0.5f, 0.5f});
  CHECK(tasks.average.known(0));
  CHECK(tasks.average.apart[0] == 0);
  CHECK_FALSE(tasks.average.known(1));
  answer_first_level(tasks, {0.5f, 0.5f, 0.5f, -0.5f});  // three of the six pairs lie 1 apart
  CHECK(tasks.average.apart[0] == doctest::Approx(std::sqrt(0.5)));
  CHECK(tasks.average.from_truth[0] < 0);  // no average of the data was loaded
}

TEST_CASE("with the data's average the answers are held against it, whichever came first") {
  for (const bool average_first : {true, false}) {
    Tasks tasks = opened();
    if (average_first) tasks_average_loaded(tasks, blank_picture(size, size, 255, 255, 255));
    answer_first_level(tasks, {0.5f, 0.5f, 0.5f, 0.5f});
    if (!average_first) tasks_average_loaded(tasks, blank_picture(size, size, 255, 255, 255));
    CHECK(tasks.average.from_truth[0] == doctest::Approx(0.5));
  }
}

TEST_CASE("a plate under noise: the input follows the slider, and each answer gets its error") {
  Tasks tasks = opened();
  load_plate(tasks);
  REQUIRE(plate_values(tasks).size() == values);
  CHECK(tasks.denoising.input.version == 0);  // not before there is noise
  take_new_noise(tasks, 5);
  tasks_noise_made(tasks, std::vector<float>(values, 2.0f));
  const int shown = tasks.denoising.input.version;
  CHECK(shown > 0);
  show_noise(tasks, 30);
  CHECK(tasks.denoising.percent == 30);
  CHECK(tasks.denoising.input.version != shown);
  denoising_task_answered(tasks, 0, 30, all(-1));
  CHECK(tasks.denoising.plates[0].error[30] == doctest::Approx(0));  // the plate is black
  denoising_task_answered(tasks, 0, 40, all(0));
  CHECK(tasks.denoising.plates[0].error[40] == doctest::Approx(1));
  CHECK(tasks.denoising.plates[0].error[50] < 0);
}

TEST_CASE("a cell of the grid grows as the plain sampler does; what was not finished is empty when all ends") {
  Tasks tasks = opened();
  training_task_begun(tasks, 3);
  training_cell_begun(tasks, 0, 0, std::vector<float>(values, 1.0f), Schedule{}.noise_levels(1));
  training_cell_stepped(tasks, 0, 0, all(-1), 20);
  const TrainingCell& done = tasks.training.rows[0].cells[0];
  CHECK(done.state == CellState::finished);
  CHECK(done.seconds == doctest::Approx(0.02));
  CHECK(done.picture.picture.rgba[0] == 0);
  training_cell_begun(tasks, 1, 1, std::vector<float>(values, 1.0f), Schedule{}.noise_levels(5));
  CHECK(tasks.training.rows[1].cells[1].state == CellState::running);
  tasks_ended(tasks);
  CHECK_FALSE(tasks.running);
  CHECK(tasks.training.rows[1].cells[1].state == CellState::empty);
  CHECK(done.state == CellState::finished);
}

TEST_CASE("another model puts away what the last one answered; the task and its level stay") {
  Tasks tasks = opened();
  load_plate(tasks);
  answer_first_level(tasks, {0, 0, 0, 0});
  tasks.task = Task::denoising;
  show_level(tasks, 2);
  tasks_model_opened(tasks, 2 * size);
  CHECK(tasks.denoising.plates.empty());
  CHECK(tasks.task == Task::denoising);
  CHECK(tasks.average.level == 2);
  CHECK_FALSE(tasks.average.known(0));
  CHECK(tasks.image_size == 2 * size);
}

TEST_CASE("the host hears once that the room is entered, and once that it is left") {
  asked = {};
  Studio studio;
  enter_tasks(studio);
  enter_tasks(studio);
  leave_tasks(studio);
  leave_tasks(studio);
  CHECK(asked.said == std::vector<std::string>{"tasks entered", "tasks left"});
}
