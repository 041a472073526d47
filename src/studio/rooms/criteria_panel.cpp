// The room Criteria: is a grown plate plausible (a quiz), a set of them in proportion (two sheets
// and their colours and ink), and is each original (beside the training plates that it resembles
// most)?
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>

#include "src/judge/neighbours.h"
#include "src/studio/kit/page_list.h"
#include "src/studio/kit/theme.h"
#include "src/studio/kit/widgets.h"
#include "src/studio/rooms/panels.h"
#include "src/studio/state/criteria_host.h"
#include "src/studio/state/host.h"

namespace florilegium {
namespace {

constexpr std::size_t sheet_columns = 3;
constexpr float sheet_margin = 8, sheet_width = 3 * quiz_side + 4 * sheet_margin;  // in the pictures' own pixels
constexpr float sheet_height = (4 * quiz_side + 5 * sheet_margin) / sheet_width;   // of its width

template <class... Values>
std::string text(const char* pattern, Values... values) {
  char buffer[200];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

// ---- pictures

constexpr float frame = 6;  // paper around a picture

float edge(Area area) { return area.width > 600 ? 44.0f : 21.0f; }  // free at either side of the pictures

void draw_framed(ImDrawList& list, const Texture& texture, ImVec2 min, ImVec2 size) {
  const ImVec2 max(min.x + size.x, min.y + size.y);
  draw_shadow(list, {min.x - frame, min.y - frame}, {max.x + frame, max.y + frame}, 9, 4, 0.12f);
  list.AddRectFilled({min.x - frame, min.y - frame}, {max.x + frame, max.y + frame}, palette().card, 2);
  if (texture.id() != 0) list.AddImage(texture.id(), min, max);
}

void draw_waiting(const Studio& studio, ImDrawList& list, Area area) {
  const Criteria& criteria = studio.criteria;
  const float middle = area.x + area.width / 2, y = area.y + area.height * 0.55f;
  draw_sprig(list, {middle, y - 16}, 90, faded(palette().leaf, 0.75f));
  const UseFace face(Face::italic, 21);
  std::string line = "The printed plates are on their way.";
  if (criteria.judge == Criteria::Judge::failed) line = criteria.why;
  else if (studio.model.image_size == 0) line = "The model is on its way.";
  else if (criteria.judge == Criteria::Judge::ready)
    line = criteria.growing_steps > 0
               ? text("A plate is growing: step %d of %d.", criteria.growing_step, criteria.growing_steps)
               : "A plate is about to grow.";
  draw_text(list, {middle, y}, 0.5f, palette().soft_ink, line);
}

void draw_question(Studio& studio, Screen& screen, Area area) {
  const Criteria& criteria = studio.criteria;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (criteria.quiz.stage == Quiz::Stage::waiting) return draw_waiting(studio, list, area);
  CriteriaTextures& textures = screen.criteria;
  if (textures.question_shown != criteria.quiz.question) {
    textures.question.show(question_picture(criteria));
    textures.question_shown = criteria.quiz.question;
  }
  const bool answered = criteria.quiz.stage == Quiz::Stage::answered;
  const float foot = 44, side = std::floor(std::min({area.width - 48, area.height - 36 - foot, 2.2f * quiz_side}));
  const ImVec2 min(std::floor(area.x + (area.width - side) / 2), std::floor(area.y + (area.height - side - foot) / 2));
  draw_framed(list, textures.question, min, {side, side});
  const Palette& p = palette();
  if (answered) {
    const bool right = criteria.quiz.said_grown == criteria.quiz.grown;
    list.AddRect({min.x - frame, min.y - frame}, {min.x + side + frame, min.y + side + frame},
                 right ? p.leaf : p.madder, 2, 0, 3);
  }
  const UseFace face(Face::italic, 21);
  draw_text(list, {min.x + side / 2, min.y + side + 16}, 0.5f, p.soft_ink,
            answered ? (criteria.quiz.grown ? "Grown" : "Printed") : "Printed, or grown?");
}

/// A sheet of pictures from `min` on, `width` wide; the place of a picture that is not of this
/// version is tinted.
void draw_sheet(ImDrawList& list, std::span<const FollowingTexture> pictures, int version, ImVec2 min, float width) {
  const Palette& p = palette();
  draw_paper(list, {min.x - frame, min.y - frame}, {min.x + width + frame, min.y + width * sheet_height + frame});
  const float scale = width / sheet_width, margin = sheet_margin * scale, side = quiz_side * scale;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const float x = min.x + margin + static_cast<float>(i % sheet_columns) * (side + margin),
                y = min.y + margin + static_cast<float>(i / sheet_columns) * (side + margin);
    if (pictures[i].version == version) list.AddImage(pictures[i].texture.id(), {x, y}, {x + side, y + side});
    else list.AddRectFilled({x, y}, {x + side, y + side}, faded(p.rule, 0.28f), 1);
  }
}

// At most so many pictures go to the graphics card in one frame; the next frame takes the next
// ones.
constexpr int uploads_a_frame = 4;

int show_some(std::array<FollowingTexture, sheet_pictures>& textures, int version, std::size_t count,
              const auto& picture) {
  int shown = 0;
  for (std::size_t i = 0; i < std::min(count, sheet_pictures) && shown < uploads_a_frame; ++i) {
    if (textures[i].version == version) continue;
    textures[i].texture.show(picture(i));
    textures[i].version = version;
    ++shown;
  }
  return shown;
}

void draw_two_sheets(Studio& studio, Screen& screen, Area area) {
  Criteria& criteria = studio.criteria;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (criteria.judge != Criteria::Judge::ready) return draw_waiting(studio, list, area);
  seen(criteria, criteria.grown.size());
  CriteriaTextures& textures = screen.criteria;
  const std::size_t printed = std::min(criteria.held_out.size(), sheet_pictures),
                    from = criteria.held_out.size() - printed;
  if (show_some(textures.grown, criteria.grown_set, criteria.grown.size(),
                [&](std::size_t i) -> const Picture& { return criteria.grown[i].picture; }) +
          show_some(textures.held_out, 1, printed,
                    [&](std::size_t i) -> const Picture& { return criteria.held_out[from + i].picture; }) >
      0)
    ++studio.changes;
  const float head = 40, gap = 36,
              width = std::min((area.width - gap - 2 * edge(area)) / 2, (area.height - head - 36) / sheet_height),
              height = width * sheet_height;
  const float top = std::floor(area.y + head + (area.height - head - height) / 2 - 8), middle = area.x + area.width / 2;
  const ImVec2 left(std::floor(middle - gap / 2 - width), top), right(std::floor(middle + gap / 2), top);
  draw_sheet(list, textures.grown, criteria.grown_set, left, width);
  draw_sheet(list, textures.held_out, 1, right, width);
  const UseFace face(Face::title, 23);
  const std::string missing =
      criteria.grown.size() < sheet_pictures
          ? text("Grown, %d of %d", static_cast<int>(criteria.grown.size()), static_cast<int>(sheet_pictures))
          : "Grown";
  draw_text(list, {left.x + width / 2, top - 38}, 0.5f, palette().ink, missing);
  draw_text(list, {right.x + width / 2, top - 38}, 0.5f, palette().ink, "Printed");
}

void draw_neighbours(Studio& studio, Screen& screen, Area area) {
  Criteria& criteria = studio.criteria;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (plate_count(criteria) == 0) return draw_waiting(studio, list, area);
  criteria.chosen = std::min(criteria.chosen, plate_count(criteria) - 1);
  if (criteria.chosen >= criteria.visitors.size()) seen(criteria, criteria.chosen - criteria.visitors.size() + 1);
  const GrownPlate& plate = plate_at(criteria, criteria.chosen);
  CriteriaTextures& textures = screen.criteria;
  if (textures.plate_shown != criteria.serial || textures.plate_chosen != criteria.chosen) {
    textures.plate.show(plate.picture);
    for (std::size_t k = 0; k < std::min(nearest_shown, plate.nearest.size()); ++k)
      textures.nearest[k].show(plate.nearest[k].picture);
    textures.plate_shown = criteria.serial;
    textures.plate_chosen = criteria.chosen;
  }
  const Palette& p = palette();
  const float gap = 30, foot = 34, between = area.width > 600 ? 28.0f : 18.0f;
  const float side = std::floor(std::min((area.width - gap - 2 * edge(area)) / 2, area.height - 50 - foot));
  const ImVec2 min(std::floor(area.x + (area.width - 2 * side - gap) / 2),
                   std::floor(area.y + (area.height - side - foot) / 2));
  draw_framed(list, textures.plate, min, {side, side});
  const float small = std::floor((side - between) / 2);
  const float x = min.x + side + gap;
  const UseFace face(Face::italic, side > 260 ? 20.0f : 17.0f);
  draw_text(list, {min.x + side / 2, min.y + side + 14}, 0.5f, p.soft_ink, plate.text);
  for (std::size_t k = 0; k < std::min(nearest_shown, plate.nearest.size()); ++k) {
    const ImVec2 at(x + static_cast<float>(k % 2) * (small + between),
                    min.y + static_cast<float>(k / 2) * (small + between));
    draw_framed(list, textures.nearest[k], at, {small, small});
    const std::string number = text("%d", static_cast<int>(k) + 1);
    list.AddCircleFilled({at.x + 15, at.y + 15}, 11, faded(p.card, 0.9f));
    draw_text(list, {at.x + 15, at.y + 4}, 0.5f, p.ink, number);
  }
  draw_text(list, {x + side / 2, min.y + side + 14}, 0.5f, p.soft_ink,
            side > 260 ? "the nearest training plates" : "the nearest plates");
}

// ---- controls

void answered(Studio& studio) {
  const Quiz& quiz = studio.criteria.quiz;
  host::keep_answers(quiz.answers);
  host::announce((quiz.said_grown == quiz.grown ? "Right. " : "No. ") + revealed(studio.criteria) +
                 text(" Score %d of %d.", quiz.right(), quiz.asked()));
}

void say(Studio& studio, bool grown) {
  if (studio.criteria.quiz.stage != Quiz::Stage::asked) return;
  answer(studio.criteria, grown);
  answered(studio);
  ++studio.changes;
}

void next(Studio& studio) {
  next_question(studio.criteria);
  ++studio.changes;
}

/// What was said of printed and of grown ones, in a table of two by two.
void draw_confusion(float width, const Quiz& quiz) {
  const Palette& p = palette();
  space(10);
  heading("YOUR ANSWERS");
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const UseFace face(Face::text, 16);
  const float name = std::floor(width * 0.3f), cell = std::floor((width - name) / 2), line = 26;
  constexpr const char *kinds[] = {"printed", "grown"}, *said[] = {"said printed", "said grown"};
  for (std::size_t column = 0; column < 2; ++column)
    draw_text(list, {at.x + name + (static_cast<float>(column) + 0.5f) * cell, at.y}, 0.5f, p.soft_ink, said[column]);
  for (std::size_t row = 0; row < 2; ++row) {
    const float y = at.y + static_cast<float>(row + 1) * line;
    draw_text(list, {at.x, y}, 0, p.ink, kinds[row]);
    for (std::size_t column = 0; column < 2; ++column) {
      const float x = at.x + name + static_cast<float>(column) * cell;
      list.AddRectFilled({x + 2, y - 2}, {x + cell - 2, y + line - 4}, faded(row == column ? p.leaf : p.madder, 0.18f),
                         4);
      draw_text(list, {x + cell / 2, y}, 0.5f, p.ink, text("%d", quiz.answers[row][column]));
    }
  }
  ImGui::Dummy({width, 3 * line});
  list_text(
      text("Of the printed ones you said printed %d times and grown %d times; of the grown ones printed %d times and "
           "grown %d times.",
           quiz.answers[0][0], quiz.answers[0][1], quiz.answers[1][0], quiz.answers[1][1]));
}

/// The makers' number, and what it means.
void told_apart(const Criteria& criteria) {
  heading("TOLD BY A NETWORK");
  if (criteria.told.empty())
    return remark(
        "Not measured for this model: 'florilegium judge' lets a small network learn to tell its plates from printed "
        "ones, and with --beside keeps the result beside the model.");
  bool told = false;
  for (const ToldApart& one : criteria.told) {
    remark(
        text("%.0f %% right at %d pixels (%.0f to %.0f)", 100 * one.accuracy, one.side, 100 * one.low, 100 * one.high));
    told = told || one.low > 0.5;
  }
  remark(text("A small network learned to tell %d plates of this model from as many printed ones, and was asked about "
              "others. 50 %% is guessing, 100 %% is always right. ",
              criteria.told_pictures) +
         (told ? "So something still gives the grown ones away." : "So it cannot tell them apart."));
}

void quiz_controls(Studio& studio, float width) {
  Criteria& criteria = studio.criteria;
  const Quiz& quiz = criteria.quiz;
  remark(
      "Could it pass for the real thing? With equal odds you see a square of a printed plate that the model never saw, "
      "or one grown just now; both are reduced and compressed alike.");
  space(12);
  const float half = (width - 8) / 2;
  if (quiz.stage == Quiz::Stage::answered) {
    if (button("Next", width, ButtonKind::primary)) next(studio);
  } else {
    const bool asked = quiz.stage == Quiz::Stage::asked;
    if (button("Printed", half, ButtonKind::primary, asked)) say(studio, false);
    ImGui::SameLine();
    if (button("Grown", half, ButtonKind::primary, asked)) say(studio, true);
  }
  space(12);
  if (quiz.stage == Quiz::Stage::answered) {
    heading(quiz.said_grown == quiz.grown ? "RIGHT" : "WRONG");
    remark(revealed(criteria));
    space(12);
  }
  heading("SCORE");
  {
    const UseFace face(Face::title, 34);
    const std::string score = quiz.asked() == 0 ? "no answers yet" : text("%d of %d", quiz.right(), quiz.asked());
    ImGui::TextUnformatted(score.c_str());
    list_text(score);
  }
  // Guessing is right half the time, give or take two standard deviations.
  const double luck = std::sqrt(0.25 * quiz.asked()), off = quiz.right() - 0.5 * quiz.asked();
  const char* verdict = "No better than guessing: so far the grown ones pass.";
  if (quiz.asked() < 8)
    verdict =
        "After a dozen answers the score begins to mean something: half right is guessing, and then the grown ones "
        "pass.";
  else if (off > 2 * luck) verdict = "Better than guessing: you can tell them apart.";
  else if (off < -2 * luck) verdict = "Worse than guessing: you take the grown ones for the printed.";
  remark(verdict);
  if (quiz.asked() >= enough_answers) draw_confusion(width, quiz);
  space(10);
  told_apart(criteria);
  space(10);
  heading("KEYS");
  remark("P printed, G grown, space for the next");
}

void draw_measure(ImDrawList& list, float width, const char* name, double grown, double real, double distance) {
  const Palette& p = palette();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const UseFace face(Face::text, 16);
  const float name_width = 142, number = 40, track = width - name_width - number, x = at.x + name_width, y = at.y + 10;
  draw_text(list, at, 0, p.ink, name);
  list.AddLine({x, y}, {x + track - 6, y}, p.rule, 2);
  const float reach = track - 6;
  list.AddLine({x + reach * static_cast<float>(real), y - 7}, {x + reach * static_cast<float>(real), y + 7}, p.ink, 2);
  list.AddCircleFilled({x + reach * static_cast<float>(grown), y}, 5, p.leaf);
  draw_text(list, {at.x + width, at.y}, 1, distance > 1 ? p.madder : p.soft_ink, text("%.1f", distance));
  ImGui::Dummy({width, 15});
}

void draw_paper_swatches(ImDrawList& list, float width, const Proportion& proportion) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const UseFace face(Face::text, 16);
  const float half = (width - 8) / 2, height = 34;
  const auto swatch = [&](float x, const std::array<double, measures>& values, const char* name) {
    const ImU32 colour =
        ImGui::ColorConvertFloat4ToU32({static_cast<float>(values[paper_red]), static_cast<float>(values[paper_green]),
                                        static_cast<float>(values[paper_blue]), 1});
    list.AddRectFilled({x, at.y}, {x + half, at.y + height}, colour, 5);
    list.AddRect({x, at.y}, {x + half, at.y + height}, palette().rule, 5);
    draw_text(list, {x + half / 2, at.y + 8}, 0.5f, IM_COL32(60, 54, 40, 255), name);
  };
  swatch(at.x, proportion.grown, "paper, grown");
  swatch(at.x + half + 8, proportion.real, "paper, printed");
  ImGui::Dummy({width, height});
}

void draw_hues(ImDrawList& list, float width, const std::array<double, hues + 1>& shares, const char* name) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const UseFace face(Face::text, 16);
  draw_text(list, at, 0, palette().ink, name);
  float x = at.x + 62;
  for (std::size_t h = 0; h < shares.size(); ++h) {
    const float part = static_cast<float>(shares[h]) * (width - 62);
    ImVec4 colour(0.55f, 0.53f, 0.48f, 1);
    if (h < hues) ImGui::ColorConvertHSVtoRGB(static_cast<float>(h) / hues, 0.5f, 0.68f, colour.x, colour.y, colour.z);
    list.AddRectFilled({x, at.y}, {x + part, at.y + 20}, ImGui::ColorConvertFloat4ToU32(colour));
    x += part;
  }
  ImGui::Dummy({width, 20});
}

void proportion_controls(Studio& studio, float width) {
  const Criteria& criteria = studio.criteria;
  const Proportion& proportion = criteria.proportion;
  remark(
      "A good set is as pale, as full and as various as the printed one, not one likely plate over and over. Dots are "
      "the grown plates' medians, strokes those of all printed ones; the number is how far apart the two sets lie, in "
      "standard deviations.");
  space(10);
  if (criteria.growing_steps > 0 && criteria.grown.size() < sheet_pictures)
    remark(text("Growing plate %d: step %d of %d.", static_cast<int>(criteria.grown.size()) + 1, criteria.growing_step,
                criteria.growing_steps));
  if (proportion.count == 0) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_paper_swatches(list, width, proportion);
  for (std::size_t m = ink; m < measures; ++m)
    draw_measure(list, width, measure_texts[m].name, proportion.grown[m], proportion.real[m], proportion.distance[m]);
  space(8);
  heading("HUES OF THE INK");
  draw_hues(list, width, proportion.grown_hue, "grown");
  draw_hues(list, width, proportion.real_hue, "printed");
  space(8);
  heading("ALTOGETHER");
  remark(
      text("The grown plates are %.2f apart from the printed ones. As many printed plates, drawn by chance, are %.2f "
           "apart from the others: %.1f times as far.",
           proportion.all, proportion.by_chance, proportion.all / std::max(0.01, proportion.by_chance)));
}

void draw_ratio(ImDrawList& list, float width, double ratio) {
  const Palette& p = palette();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float y = at.y + 12, limit = at.x + width * static_cast<float>(copy_limit),
              x = at.x + width * static_cast<float>(std::clamp(ratio, 0.0, 1.0));
  list.AddRectFilled({at.x, y - 3}, {limit, y + 3}, faded(p.madder, 0.55f), 3);
  list.AddRectFilled({limit + 2, y - 3}, {at.x + width, y + 3}, faded(p.leaf, 0.45f), 3);
  list.AddCircleFilled({x, y}, 8, ratio < copy_limit ? p.madder : p.leaf);
  list.AddCircleFilled({x, y}, 3, p.on_leaf);
  const UseFace face(Face::text, 15);
  draw_text(list, {at.x, y + 12}, 0, p.soft_ink, "copy");
  draw_text(list, {limit, y + 12}, 0.5f, p.soft_ink, "1/3");
  draw_text(list, {at.x + width, y + 12}, 1, p.soft_ink, "new");
  ImGui::Dummy({width, 42});
}

void choose_plate(Studio& studio, int by) {
  Criteria& criteria = studio.criteria;
  const int count = static_cast<int>(plate_count(criteria)), chosen = static_cast<int>(criteria.chosen) + by;
  if (chosen < 0 || chosen >= count) return;
  criteria.chosen = static_cast<std::size_t>(chosen);
  ++studio.changes;
}

void original_controls(Studio& studio, float width) {
  Criteria& criteria = studio.criteria;
  remark(
      "The plate is held against every training plate: at each height, mirrored, and a little closer. A copy is far "
      "nearer to one plate than to the next; near 1, it is about as unlike all of them.");
  if (!criteria.own_plates)
    remark("The model on the page did not learn from these plates, so it has nothing of theirs to copy.");
  space(12);
  const std::size_t count = plate_count(criteria);
  if (count == 0) return;
  criteria.chosen = std::min(criteria.chosen, count - 1);
  const GrownPlate& plate = plate_at(criteria, criteria.chosen);
  heading("NEAREST / SECOND NEAREST");
  {
    const UseFace face(Face::title, 34);
    ImGui::TextUnformatted(text("%.2f", plate.ratio).c_str());
    list_text(text("%.2f", plate.ratio));
  }
  draw_ratio(*ImGui::GetWindowDrawList(), width, plate.ratio);
  remark(plate.ratio < copy_limit ? "Under 1/3: this one counts as a copy." : "Over 1/3: not a copy of any plate.");
  space(10);
  if (count > 1) {
    if (icon_button("earlier", Icon::back, "The plate before", criteria.chosen > 0)) choose_plate(studio, -1);
    ImGui::SameLine();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    {
      const UseFace face(Face::text, 17);
      draw_text(*ImGui::GetWindowDrawList(), {at.x + 50, at.y + (control_height() - ImGui::GetFontSize()) / 2}, 0.5f,
                palette().soft_ink, text("%d of %d", static_cast<int>(criteria.chosen) + 1, static_cast<int>(count)));
    }
    ImGui::Dummy({100, control_height()});
    ImGui::SameLine();
    if (icon_button("later", Icon::forward, "The next plate", criteria.chosen + 1 < count)) choose_plate(studio, 1);
    space(10);
  }
  heading("NEAREST TRAINING PLATES");
  for (std::size_t k = 0; k < plate.nearest.size(); ++k)
    remark(text("%d  distance %.1f  ", static_cast<int>(k) + 1, plate.nearest[k].distance) + plate.nearest[k].text);
}

void take_keys(Studio& studio) {
  const auto& io = ImGui::GetIO();
  if (studio.showing_keys || io.WantTextInput || io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
  const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key, false); };
  if (studio.criteria.part == CriteriaPart::plausibility) {
    if (pressed(ImGuiKey_P)) say(studio, false);
    if (pressed(ImGuiKey_G)) say(studio, true);
    if (pressed(ImGuiKey_Space) || pressed(ImGuiKey_Enter)) next(studio);
  }
  if (studio.criteria.part == CriteriaPart::originality) {
    if (pressed(ImGuiKey_LeftArrow)) choose_plate(studio, -1);
    if (pressed(ImGuiKey_RightArrow)) choose_plate(studio, 1);
  }
}

void part_controls(Studio& studio, float width) {
  static constexpr std::array<const char*, 3> parts = {"Plausible", "In proportion", "Original"};
  int part = static_cast<int>(studio.criteria.part);
  if (choice("part", parts, part, width)) {
    studio.criteria.part = static_cast<CriteriaPart>(part);
    host::announce(std::string(parts[static_cast<std::size_t>(part)]) + ".");
    ++studio.changes;
  }
  space(12);
  switch (studio.criteria.part) {
    case CriteriaPart::plausibility: quiz_controls(studio, width); break;
    case CriteriaPart::proportionality: proportion_controls(studio, width); break;
    case CriteriaPart::originality: original_controls(studio, width); break;
  }
}

// In a narrow area the pictures are as high as its width lets them be; what is left is for words.
float pictures_height(CriteriaPart part, Area area) {
  if (part == CriteriaPart::plausibility) return area.width + 20;
  const float half = area.width / 2 - edge(area);
  return part == CriteriaPart::proportionality ? half * sheet_height + 84 : half + 104;
}

}  // namespace

void criteria_panel(Studio& studio, Screen& screen, Area area) {
  Criteria& criteria = studio.criteria;
  if (criteria.judge == Criteria::Judge::absent) host::open_judge();
  if (wants_plate(criteria)) host::want_plate();
  take_keys(studio);
  if (criteria.part == CriteriaPart::plausibility) ask(criteria, host::chance());

  const bool side_panel = area.y > 0;
  const float side = side_panel ? std::clamp(area.width * 0.25f, 330.0f, 400.0f) : 0;
  const float top = side_panel ? area.height : std::min(pictures_height(criteria.part, area), area.height * 0.5f);
  const Area pictures{area.x, area.y, area.width - side, top};
  if (begin_panel("criteria", pictures)) {
    switch (criteria.part) {
      case CriteriaPart::plausibility: draw_question(studio, screen, pictures); break;
      case CriteriaPart::proportionality: draw_two_sheets(studio, screen, pictures); break;
      case CriteriaPart::originality: draw_neighbours(studio, screen, pictures); break;
    }
  }
  ImGui::End();
  controls("criteria controls",
           side_panel ? Area{area.x + area.width - side, area.y, side, area.height}
                      : Area{area.x, area.y + top, area.width, area.height - top},
           {side_panel}, [&](float width) { part_controls(studio, width); });
}

}  // namespace florilegium
