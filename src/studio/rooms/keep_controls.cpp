// What can be kept of the plate on view: a star for the favourites, the picture, its growth as a
// filmstrip or as an animation.
#include <array>

#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"

namespace florilegium {
void keep_controls(Studio& studio, float width) {
  heading("KEEP");
  const bool grown = studio.growth != nullptr,
             starred = can_be_favourite(studio) && is_favourite(studio.gallery, recipe_of(*studio.growth));
  const float half = (width - 8) / 2;
  if (button(starred ? "No favourite any more##star" : "Make it a favourite##star", width, ButtonKind::quiet,
             can_be_favourite(studio)))
    toggle_favourite_on_view(studio);
  if (button("Save this picture as PNG", width, ButtonKind::quiet, grown)) save_plate(studio);
  const bool moved = grown && studio.growth->history.last_step() > studio.growth->history.first_step();
  if (button("Filmstrip", half, ButtonKind::quiet, moved))
    save_filmstrip(studio, film_lengths[static_cast<std::size_t>(studio.gallery.film_choice)]);
  ImGui::SameLine();
  if (button("Animation", half, ButtonKind::quiet, moved)) save_animation(studio);
  static constexpr std::array<const char*, 3> lengths = {"6 steps", "12 steps", "All steps"};
  choice("film", lengths, studio.gallery.film_choice, width);
  remark(grown && studio.growth->guided ? "The filmstrip shows that many. This plate has no recipe: its seed alone "
                                          "does not give back what was painted."
                                        : "The filmstrip shows that many. All these files hold the recipe: drop one on "
                                          "the page, and its plate grows again.");
}

}  // namespace florilegium
