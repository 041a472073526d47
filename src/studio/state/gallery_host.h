// What the gallery asks of the place it runs in; see host.h.
#pragma once

#include <string>
#include <vector>

#include "src/image/png.h"

namespace florilegium {
struct Recipe;
struct Settings;
}  // namespace florilegium

namespace florilegium::host {

/// Grow a cell of the sheet. It is told by cell_begun(), cell_stepped() and cell_ended(); any other
/// growth ends it. False while the visitor grows a plate: nothing happens then until engine_free().
bool grow_cell(const Settings& settings);
void pause_cell();
void resume_cell();

/// Grow this plate, with the model that it names.
void open_recipe(const Recipe& recipe);

/// Remember a favourite beyond this visit, or no longer.
void keep_favourite(const Recipe& recipe, const Picture& thumbnail);
void forget_favourite(const Recipe& recipe);

/// Writes pictures side by side as one PNG file for the visitor to keep. notes: as in save_png().
void save_contact_sheet(const std::vector<Picture>& pictures, int columns, const std::vector<PngNote>& notes,
                        const std::string& file);

/// Files of the growth on view: some steps side by side, or one after the other.
void save_filmstrip(const std::vector<int>& steps, int columns, const std::vector<PngNote>& notes,
                    const std::string& file);
void save_animation(const std::vector<int>& steps, const std::vector<PngNote>& notes, const std::string& file);

/// Lets the visitor choose a file to open: a saved plate, and whatever else can be dropped on the
/// page.
void choose_file();

}  // namespace florilegium::host
