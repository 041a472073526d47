// What the panels of the three tasks share: their places, small sheets with captions, and how
// numbers are written.
#pragma once

#include <string>

#include "src/studio/rooms/panels.h"

namespace florilegium {

/// The exhibits of a task and, beside or below them, its words and controls.
struct TaskPlaces {
  Area exhibits, words;
  bool wide;
};

/// Slots of Screen::tasks: every exhibit has a texture of its own.
namespace task_slot {
constexpr int average_input = 0, average_prediction = 4, average_truth = 8;
constexpr int denoising_input = 9, denoising_prediction = 10, denoising_truth = 11, thumbnail = 12;
constexpr int cell = 24;
constexpr int most_thumbnails = cell - thumbnail;
}  // namespace task_slot

/// The texture that shows an exhibit, made now if it is not there yet.
ImTextureID task_texture(Screen& screen, int slot, const Exhibit& exhibit);

/// A sheet of paper around a square picture, with a line at its foot: its words left and right.
/// Without a picture, `waiting` stands there.
struct Card {
  ImVec2 picture_min;
  float side;
  std::string left, right, waiting;
};
float card_margin(bool wide);
float card_foot(bool wide);
void draw_card(ImDrawList& list, Screen& screen, int slot, const Exhibit& exhibit, const Card& card, bool wide);

/// A title and a wrapped paragraph.
void task_words(const char* title, const std::string& text);
std::string task_number(double value, int digits);
std::string task_seconds(double seconds);

// The parts of a task: what it shows, and what stands beside.
void average_exhibits(Studio& studio, Screen& screen, const TaskPlaces& places);
void average_words(Studio& studio, float width);
void denoising_exhibits(Studio& studio, Screen& screen, const TaskPlaces& places);
void denoising_words(Studio& studio, Screen& screen, float width);
void training_exhibits(Studio& studio, Screen& screen, const TaskPlaces& places);
void training_words(Studio& studio, float width);

/// Whether the network can be asked now.
bool can_ask(const Studio& studio);

}  // namespace florilegium
