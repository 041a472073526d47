// The gallery: a contact sheet of many seeds that fills cell by cell while one looks on, and the
// visitor's favourites.
//
// Plain state and what happens to it, as in studio.h. The sheet grows one cell at a time, and gives
// way to every other growth: it is interrupted then, and goes on when its room is opened again or
// when it is asked to. Of each cell only a thumbnail is kept.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/diffusion/denoising.h"
#include "src/image/picture.h"
#include "src/studio/state/flips.h"
#include "src/studio/state/settings.h"

namespace florilegium {

struct Studio;

constexpr int gallery_thumbnail_side = 128;
constexpr std::array<int, 4> sheet_counts = {16, 36, 64, 100};
constexpr int most_plates = sheet_counts.back();  ///< of a sheet
constexpr int most_favourites = 100;
constexpr std::array<int, 3> film_lengths = {6, 12, 251};  ///< pictures of a filmstrip, at most; the last: all
constexpr int most_frames = 48;                            ///< of an animation

/// All that it takes to grow a plate again.
struct Recipe {
  Settings settings;
  std::string model;          ///< the file of the model that grew it
  std::vector<Flip> flips{};  ///< where the coins were flipped again on the way to it
  bool operator==(const Recipe&) const = default;
};

struct Cell {
  std::uint64_t seed = 0;
  Picture thumbnail{};  ///< at most gallery_thumbnail_side pixels wide and high; empty until the cell begins
  int step = 0;
  bool done = false;
  int version = 0;  ///< another one for each thumbnail
};

struct Favourite {
  Recipe recipe;
  Picture thumbnail;
  int version = 0;
};

/// waiting: for a plate that the visitor grows. interrupted: by another growth.
enum class SheetState { empty, waiting, growing, paused, interrupted, finished, failed };
inline constexpr std::array sheet_state_names = {"empty",       "waiting",  "growing", "paused",
                                                 "interrupted", "finished", "failed"};

struct Gallery {
  std::uint64_t first_seed = 1;  ///< of the next sheet; its other settings are those of the studio
  int count = 64;

  SheetState state = SheetState::empty;
  Recipe recipe;  ///< of the sheet's first cell; the others have the seeds after it
  std::vector<Cell> cells;
  int growing = 0;               ///< the cell that grows, or grows next
  std::vector<float> x, levels;  ///< its working picture, planar RGB, and the noise levels of its steps
  int image_size = 0;
  double milliseconds = 0;  ///< all finished steps of this sheet took this long
  int steps_timed = 0;

  bool favourites_on_view = false;
  int film_choice = 1;  ///< which of film_lengths a filmstrip has
  std::vector<Favourite> favourites;
  int chosen = -1;   ///< the cell or favourite under the keyboard
  int columns = 1;   ///< of the grid on view
  int versions = 0;  ///< of thumbnails, so far
};

// Events: what the host reports.
/// x: the first working picture of the growing cell, planar RGB.
void cell_begun(Studio& studio, int image_size, std::span<const float> x, std::span<const float> levels);
void cell_stepped(Studio& studio, std::span<const Kept> prediction, double milliseconds);
enum class CellEnd { finished, interrupted, failed };
inline constexpr std::array cell_end_names = {"finished", "interrupted", "failed"};
void cell_ended(Studio& studio, CellEnd end);
void gallery_opened(Studio& studio);  ///< its room is on view: an interrupted sheet goes on
void engine_free(Studio& studio);     ///< a plate of the visitor has ended: a waiting sheet goes on
void favourite_loaded(Studio& studio, Favourite favourite);

// Actions: what the visitor does.
void start_sheet(Studio& studio);
void toggle_sheet(Studio& studio);                      ///< starts, pauses or continues, whichever makes sense
void open_plate(Studio& studio, const Recipe& recipe);  ///< grows it in the Grow room
void toggle_favourite(Studio& studio, const Recipe& recipe, const Picture& thumbnail);
void toggle_favourite_on_view(Studio& studio);  ///< the plate in the Grow room, once it is finished
void save_sheet(const Studio& studio);
void save_filmstrip(const Studio& studio,
                    int most);  ///< of the growth on view: at most so many of its steps side by side, evenly chosen
void save_animation(
    const Studio& studio);  ///< of the growth on view: at most most_frames of its steps one after the other

Recipe recipe_of(const Gallery& gallery, int cell);
std::string plate_name(const Recipe& recipe);  ///< "Plate 7", or "Plate 7 (branched at step 3)"
bool can_be_favourite(const Studio& studio);   ///< whether the plate on view can: its recipe gives it back
bool is_favourite(const Gallery& gallery, const Recipe& recipe);
int cells_done(const Gallery& gallery);
/// At most `most` of the steps from first to last, both among them.
std::vector<int> evenly_chosen(int first, int last, int most);
double sheet_seconds_left(const Gallery& gallery);  ///< 0 while unknown

}  // namespace florilegium
