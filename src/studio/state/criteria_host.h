// What the room Criteria asks of the place it runs in; all of it may be asked again and again.
#pragma once

#include <array>

namespace florilegium::host {

/// Loads the training plates' thumbs and the held-out plates.
void open_judge();
/// Grows one more plate for the room, when nothing else is growing.
void want_plate();
/// The quiz's answers (Quiz::answers), to be there again when the model is opened again.
void keep_answers(const std::array<std::array<int, 2>, 2>& answers);

}  // namespace florilegium::host
