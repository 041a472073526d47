// A view: the square cut out of a picture, possibly turned, mirrored and recoloured, and its
// resampling to training size.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "trainer/data/dice.h"
#include "trainer/data/read_picture.h"

namespace florilegium {

/// In units of the picture's own pixels, whose corners are at whole numbers ((0, 0) is the top left
/// corner of the first pixel).
struct View {
  double centre_x = 0, centre_y = 0;
  double side = 0;   ///< of the square, in pixels of the picture
  double angle = 0;  ///< radians, clockwise on the screen
  bool mirrored = false;
  /// Row-major 3x3 matrix and offset on RGB values in [0, 255].
  std::array<float, 9> colour = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::array<float, 3> colour_offset = {0, 0, 0};
};

/// What a view shows: a square out of the plate, or the whole plate with its blank paper continued.
enum class ViewKind : std::uint8_t { detail = 0, whole = 1 };

/// The largest square in the middle.
View centre_view(int width, int height);

/// A view that varies as a plate may vary: mostly the full shorter side, up to 15 % closer, any
/// offset along the longer side, turned up to 3 degrees, mirrored half the time, a little brighter,
/// warmer or more colourful. It never reaches over the border: where the square is too large to be
/// turned that far, it is turned less.
View random_view(int width, int height, Dice& dice);

/// A view of a whole plate, for a plate whose paper was continued (paper.h): nearly as high as the
/// plate, the plate somewhere near the middle, turned up to 1 degree, and varied otherwise as
/// random_view does. `margin`: how far the plate may be moved off the middle, in pixels, to the
/// left (first) and to the right.
View random_whole_view(int width, int height, std::array<double, 2> margin, Dice& dice);

/// What a network sees of a view: all of it, the averages of small blocks of it, or a crop.
struct Sight {
  int side;                   ///< S, of what is seen, in pixels
  int averaged = 1;           ///< each of which is the mean of so many by so many pixels of the view
  int of = 0;                 ///< side of the view when only a crop of it is seen; 0: all of it is
  bool whole_plates = false;  ///< most views show whole plates, where the plate allows it; otherwise all show details

  Sight(int side_in_pixels) : side(side_in_pixels) {}  // NOLINT: a number is a sight of everything
  int view_side() const { return of > 0 ? of : side * averaged; }
};

/// The crop of `sight` out of a view, somewhere in it.
View crop_of(const View& view, const Sight& sight, Dice& dice);

/// The means of blocks of `block` x `block` pixels. from: [side * block, side * block, 3], to:
/// [side, side, 3].
void average_blocks(std::span<const float> from, int side, int block, std::span<float> to);

/// How often a picture can be halved (0 to 7) and still have all the detail that a view of this
/// side shows at size * size.
int halvings_for(double side, int size);

/// Resamples a view to out: size * size * 3 floats in [-1, 1]. `picture` is the one that the view
/// was made for, halved `halvings` times. Catmull-Rom, widened where the picture is reduced by more
/// than 1.15, so that fine lines stay sharp and do not alias. Throws std::invalid_argument when out
/// has another size.
void resample(const RgbPicture& picture, int halvings, const View& view, int size, std::span<float> out);

}  // namespace florilegium
