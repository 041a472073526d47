// What the room Criteria asks of the place it runs in; all of it may be asked again and again.
#pragma once

namespace florilegium::host {

/// Loads the training plates' thumbs and the held-out plates.
void open_judge();
/// Grows one more plate for the room, when nothing else is growing.
void want_plate();
/// The quiz's score, to be there again when the page is loaded again during the visit.
void keep_score(int right, int asked);

}  // namespace florilegium::host
