#include "src/studio/state/recovery.h"

#include "src/studio/state/host.h"

namespace florilegium {

void frame_drawn(const Studio& studio, LastGood& good) {
  good.failures = 0;
  good.settings = studio.settings;
  if (good.model.file != studio.model.file || good.model.image_size != studio.model.image_size)
    good.model = studio.model;
}

bool frame_failed(Studio& studio, LastGood& good, const std::string& why) {
  ++studio.changes;
  switch (++good.failures) {
    case 1:
      studio.settings = good.settings;
      if (studio.model.file != good.model.file) {
        studio.model = good.model;
        host::open_model_before();
      }
      notice(studio, Notice::Kind::failure, "This could not be drawn: " + why + " The studio is back at what could.");
      return true;
    case 2:
      studio.replaying = studio.showing_keys = studio.easel.open = false;
      studio.view = View::working;
      show_room(studio, Room::grow);
      return true;
    case 3:
      host::cancel();
      studio.growth.reset();
      studio.family.clear();
      studio.shown_branch = studio.shown_step = 0;
      return true;
    default: return false;
  }
}

}  // namespace florilegium
