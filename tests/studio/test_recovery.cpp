// A frame that cannot be drawn: the studio goes back to what could be drawn, step by step.
#include "src/studio/state/recovery.h"

#include <doctest/doctest.h>

#include "src/diffusion/schedule.h"
#include "tests/studio/fake_host.h"

using namespace florilegium;

TEST_CASE("a frame that fails brings the last good settings and model back, then the room, then takes the plate") {
  asked = {};
  Studio studio;
  LastGood good;
  model_loaded(studio, {.file = "good.onnx", .title = "Good", .image_size = 8, .notes = {}});
  settings_given(studio, {7, 12, "plain", "shifted:2"});
  growth_begun(studio, studio.settings, 8, std::vector<float>(192, 1.0f), Schedule{}.noise_levels(12), 0);
  frame_drawn(studio, good);

  model_loaded(studio, {.file = "bad.onnx", .title = "Bad", .image_size = 8, .notes = {}});
  settings_given(studio, {7, 12, "plain", "cosine"});
  show_room(studio, Room::gallery);
  const int changes = studio.changes;
  CHECK(frame_failed(studio, good, "cosine is no schedule."));
  CHECK(studio.changes > changes);
  CHECK(studio.settings.schedule == "shifted:2");
  CHECK(studio.model.file == "good.onnx");
  CHECK(asked.said.at(asked.said.size() - 2) == "the model before");
  CHECK(studio.notices.back().text.find("cosine is no schedule.") != std::string::npos);
  CHECK(studio.room == Room::gallery);

  CHECK(frame_failed(studio, good, "again"));
  CHECK(studio.room == Room::grow);
  CHECK(studio.growth != nullptr);
  CHECK(frame_failed(studio, good, "again"));
  CHECK(studio.growth == nullptr);
  CHECK(asked.cancelled == 1);
  CHECK_FALSE(frame_failed(studio, good, "again"));

  frame_drawn(studio, good);
  CHECK(frame_failed(studio, good, "much later"));
}
