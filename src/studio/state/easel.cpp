#include "src/studio/state/easel.h"

#include <algorithm>
#include <cmath>

#include "src/image/resize.h"

namespace florilegium {
namespace {

constexpr std::size_t most_undone = 60;

Easel::Cells empty_cells(int side) {
  const auto count = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  return {std::vector<std::uint8_t>(count * 4), std::vector<std::uint8_t>(count)};
}

void remember(Easel& easel) {
  easel.past.push_back(easel.cells);
  if (easel.past.size() > most_undone) easel.past.erase(easel.past.begin());
  easel.future.clear();
}

void changed(Easel& easel) {
  easel.visible = true;
  ++easel.changes;
}

void touch(Easel& easel, std::size_t cell) {
  std::uint8_t* const colour = &easel.cells.colours[cell * 4];
  switch (easel.tool) {
    case Tool::brush:
      std::copy(easel.ink.begin(), easel.ink.end(), colour);
      colour[3] = 255;
      break;
    case Tool::region: easel.cells.region[cell] = 1; break;
    case Tool::eraser:
      std::fill(colour, colour + 4, std::uint8_t{0});
      easel.cells.region[cell] = 0;
      break;
    case Tool::picker: break;
  }
}

// Touches the cells whose middle the brush covers, and the one below its own middle.
void dab(Easel& easel, float x, float y) {
  const auto side = static_cast<float>(easel.side);
  const float radius = easel.brush * side / 2, cx = x * side, cy = y * side;
  const int last = easel.side - 1;
  for (int row = std::max(0, static_cast<int>(cy - radius)); row <= std::min(last, static_cast<int>(cy + radius));
       ++row)
    for (int column = std::max(0, static_cast<int>(cx - radius));
         column <= std::min(last, static_cast<int>(cx + radius)); ++column) {
      const float dx = static_cast<float>(column) + 0.5f - cx, dy = static_cast<float>(row) + 0.5f - cy;
      const bool below = std::max(std::abs(dx), std::abs(dy)) <= 0.5f;
      if (below || dx * dx + dy * dy <= radius * radius)
        touch(easel, static_cast<std::size_t>(row * easel.side + column));
    }
}

/// The newest cells of one list take the place of those on the easel, which join the other list.
void exchange(Easel& easel, std::vector<Easel::Cells>& from, std::vector<Easel::Cells>& to) {
  if (from.empty()) return;
  to.push_back(std::move(easel.cells));
  easel.cells = std::move(from.back());
  from.pop_back();
  changed(easel);
}

}  // namespace

const char* name_of(Tool tool) {
  constexpr std::array names = {"Brush", "Eraser", "Pick", "Region"};
  static_assert(names.size() == tool_names.size());
  return names[static_cast<std::size_t>(tool)];
}

void fit(Easel& easel, int image_size, bool takes_colours) {
  easel.takes_colours = takes_colours;
  if (!takes_colours && (easel.tool == Tool::brush || easel.tool == Tool::picker)) easel.tool = Tool::region;
  ++easel.changes;
  if (easel.side == image_size / hint_cell) return;
  easel.side = image_size / hint_cell;
  easel.cells = empty_cells(easel.side);
  easel.past.clear();
  easel.future.clear();
  easel.guide = {};
}

void take_tool(Easel& easel, Tool tool) {
  easel.tool = tool;
  easel.visible = true;
}

void begin_stroke(Easel& easel, float x, float y) {
  remember(easel);
  easel.last_x = x;
  easel.last_y = y;
  stroke_to(easel, x, y);
}

void stroke_to(Easel& easel, float x, float y) {
  const float long_x = x - easel.last_x, long_y = y - easel.last_y;
  const int dabs =
      1 + static_cast<int>(std::min(4.0f, std::hypot(long_x, long_y)) * static_cast<float>(easel.side) * 2);
  for (int i = 0; i <= dabs; ++i) {
    const float part = static_cast<float>(i) / static_cast<float>(dabs);
    dab(easel, easel.last_x + part * long_x, easel.last_y + part * long_y);
  }
  easel.last_x = x;
  easel.last_y = y;
  changed(easel);
}

void undo(Easel& easel) { exchange(easel, easel.past, easel.future); }

void redo(Easel& easel) { exchange(easel, easel.future, easel.past); }

void clear(Easel& easel) {
  if (!has_colours(easel) && !has_region(easel)) return;
  remember(easel);
  easel.cells = empty_cells(easel.side);
  changed(easel);
}

bool has_colours(const Easel& easel) {
  for (std::size_t i = 3; i < easel.cells.colours.size(); i += 4)
    if (easel.cells.colours[i] != 0) return true;
  return false;
}

bool has_region(const Easel& easel) {
  return std::find(easel.cells.region.begin(), easel.cells.region.end(), 1) != easel.cells.region.end();
}

void paint_picture(Easel& easel, const Picture& picture) {
  remember(easel);
  easel.cells.colours = resized(picture, easel.side, easel.side).rgba;
  for (std::size_t i = 3; i < easel.cells.colours.size(); i += 4) easel.cells.colours[i] = 255;
  changed(easel);
}

std::vector<float> hint_of(const Easel& easel) {
  const std::size_t count = easel.cells.region.size();
  std::vector<float> planes(4 * count);
  for (std::size_t cell = 0; cell < count; ++cell) {
    const std::uint8_t* const colour = &easel.cells.colours[cell * 4];
    if (colour[3] == 0) continue;
    for (std::size_t c = 0; c < 3; ++c) planes[c * count + cell] = static_cast<float>(colour[c]) / 127.5f - 1;
    planes[3 * count + cell] = 1;
  }
  return planes;
}

}  // namespace florilegium
