// Publishing the yardsticks: what the page needs to judge by the same criteria, without the plates
// themselves.
//
// plates.jpg the thumbs of all training plates on one sheet, each at a multiple of 16 pixels
// across, in rows of one height
// held-out.jpg squares of held-out plates, 256 x 256 pixels, in 6 columns: for the quiz and as the
// sheet of real plates
// judge.json where each thumb lies and which book it comes from, and the statistics of the real
// plates
#pragma once

#include <filesystem>

#include "trainer/judge/real_plates.h"

namespace florilegium {

/// list: a table with a first line of column names, of which `file`, `title` (or `book`), `author`,
/// `year` and `gutenberg_id` are used; a pack's plates.tsv is one. Plates that it lacks are
/// published without a book. Empty: none. Throws std::runtime_error with a sentence when the list
/// cannot be read or a file not be written.
void publish(const RealPlates& plates, const std::filesystem::path& list, const std::filesystem::path& folder);

}  // namespace florilegium
