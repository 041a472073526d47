// The keys: one table says what each does, for the page that obeys it and for the list that the
// visitor can open.
#pragma once

#include "src/studio/rooms/panels.h"

namespace florilegium {

/// Does what the keys of this frame say. Call between ImGui::NewFrame() and the panels.
void take_keys(Studio& studio);

/// What the keys of this room do, in the list of the page: so no key does what cannot be done
/// there.
void list_keys(Studio& studio);

/// The list of all keys, over the page, while studio.showing_keys.
void keys_panel(Studio& studio, Area area);

}  // namespace florilegium
