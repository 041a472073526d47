// What can be kept of the plate on view: a star for the favourites, the picture, its growth as a filmstrip or as an animation.
#include <array>

#include "src/image/resize.h"
#include "src/studio/panels.h"
#include "src/studio/widgets.h"

namespace florilegium {
void keep_controls(Studio& studio, float width) {
  heading("KEEP");
  const bool grown = studio.growth != nullptr, finished = grown && studio.growth->state == GrowthState::finished && !studio.growth->guided;
  const float half = (width - 8) / 2;
  const Recipe recipe = grown ? Recipe{studio.growth->settings, studio.growth->model} : Recipe{};
  const bool starred = grown && !studio.growth->guided && is_favourite(studio.gallery, recipe);
  if (button(starred ? "No favourite any more##star" : "Make it a favourite##star", width, ButtonKind::quiet, finished || starred))
    toggle_favourite(studio, recipe, fitted(frame(*studio.growth, studio.growth->history.last_step(), false), gallery_thumbnail_side));
  if (button("Save this picture as PNG", width, ButtonKind::quiet, grown)) save_plate(studio);
  const bool moved = grown && studio.growth->history.last_step() > studio.growth->history.first_step();
  if (button("Filmstrip", half, ButtonKind::quiet, moved)) save_filmstrip(studio, film_lengths[static_cast<std::size_t>(studio.gallery.film_choice)]);
  ImGui::SameLine();
  if (button("Animation", half, ButtonKind::quiet, moved)) save_animation(studio);
  static constexpr std::array<const char*, 3> lengths = {"6 steps", "12 steps", "All steps"};
  choice("film", lengths, studio.gallery.film_choice, width);
  remark(grown && studio.growth->guided ? "The filmstrip shows that many. This plate has no recipe: its seed alone does not give back what was painted."
                                        : "The filmstrip shows that many. All these files hold the recipe: drop one on the page, and its plate grows again.");
}

}  // namespace florilegium
