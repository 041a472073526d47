#include "src/studio/state/studio.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "src/diffusion/schedule.h"
#include "src/studio/state/host.h"
#include "src/studio/state/tasks_host.h"

namespace florilegium {
namespace {

constexpr double replay_seconds = 4.0;  // a replay takes this long, however many steps there are
constexpr double replay_fastest = 1.0 / 30, replay_slowest = 0.4;

/// A thumbnail of planar RGB values: each of its pixels is the mean over the columns that it covers
/// in four of the rows (in one, in small pictures). Rows are added up whole, so that this works on
/// several values at a time.
template <class Value>
Picture thumbnail(std::size_t size, Value&& value) {
  constexpr auto side = static_cast<std::size_t>(thumbnail_side);
  const std::size_t rows = size >= 4 * side ? 4 : 1;
  std::vector<float> planes(3 * side * side), sums(size);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t y = 0; y < side; ++y) {
      std::ranges::fill(sums, 0.0f);
      for (std::size_t k = 0; k < rows; ++k) {
        const std::size_t row = (c * size + (y * rows + k) * size / (side * rows)) * size;
        for (std::size_t i = 0; i < size; ++i) sums[i] += std::min(std::max(-1.0f, value(row + i)), 1.0f);
      }
      for (std::size_t x = 0; x < side; ++x) {
        const std::size_t from = x * size / side, end = std::max(from + 1, (x + 1) * size / side);
        float sum = 0;
        for (std::size_t i = from; i < end; ++i) sum += sums[i];
        planes[(c * side + y) * side + x] = sum / static_cast<float>(rows * (end - from));
      }
    }
  return picture_from_planes(planes, thumbnail_side, thumbnail_side);
}

void add_thumbnails(Growth& growth) {
  const int step = growth.history.last_step();
  const auto size = static_cast<std::size_t>(growth.image_size);
  if (step > growth.history.first_step()) {
    const std::span<const Kept> kept = growth.history.prediction(step - 1);
    growth.predictions.push_back(thumbnail(size, [&](std::size_t i) { return unkept(kept[i]); }));
  }
  const std::span<const float> x = growth.history.newest();
  growth.thumbnails.push_back(thumbnail(size, [&](std::size_t i) { return x[i]; }));
}

}  // namespace

std::string percent(float noise_level) {
  char text[16];
  std::snprintf(text, sizeof text, noise_level > 0 && noise_level < 0.0995f ? "%.1f %%" : "%.0f %%",
                static_cast<double>(noise_level) * 100);
  return text;
}

double Growth::milliseconds_per_step() const {
  if (milliseconds.empty()) return 0;
  double sum = 0;
  for (const double one : milliseconds) sum += one;
  return sum / static_cast<double>(milliseconds.size());
}

double Growth::seconds_left() const {
  return milliseconds_per_step() * (history.steps() - history.last_step()) / 1000.0;
}

void model_loading(Studio& studio, double received, double total, bool preparing) {
  studio.loading = {true, preparing, received, total};
  ++studio.changes;
}

void model_loaded(Studio& studio, OpenModel model) {
  studio.loading.active = false;
  studio.model = std::move(model);
  ++studio.changes;
  host::announce("The model " + studio.model.title + " is ready.");
}

void model_failed(Studio& studio) {
  studio.loading.active = false;
  ++studio.changes;
}

void notice(Studio& studio, Notice::Kind kind, std::string text) {
  std::erase_if(studio.notices, [&](const Notice& other) { return other.text == text; });
  host::announce(text);
  studio.notices.push_back({kind, std::move(text)});
  if (studio.notices.size() > 3) studio.notices.erase(studio.notices.begin());
  ++studio.changes;
}

void settings_given(Studio& studio, Settings settings) {
  studio.settings = std::move(settings);
  ++studio.changes;
}

void growth_begun(Studio& studio, Settings settings, int image_size, std::vector<float> x, std::vector<float> levels,
                  int first_step, int parent, std::uint64_t coins) {
  auto growth = std::make_unique<Growth>(
      Growth{++studio.growths, settings, image_size, History(std::move(x), std::move(levels), first_step)});
  growth->model = studio.model.file;
  add_thumbnails(*growth);
  join_family(studio, std::move(growth), parent, coins);
  studio.settings = std::move(settings);
  studio.shown_step = first_step;
  studio.following = true;
  studio.replaying = false;
  std::erase_if(studio.notices, [](const Notice& old) { return old.kind == Notice::Kind::failure; });
  ++studio.changes;
  if (!studio.growth->flips.empty())
    host::announce("Branching from step " + std::to_string(first_step) + " with seed " + std::to_string(coins) + ".");
  else
    host::announce("Growing a plate from seed " + std::to_string(studio.settings.seed) + " in " +
                   std::to_string(studio.settings.steps) + " steps.");
}

void growth_stepped(Studio& studio, std::span<const Kept> prediction, double milliseconds) {
  if (!studio.growth || !studio.growth->active()) return;
  Growth& growth = *studio.growth;
  growth.history.push(prediction);
  growth.milliseconds.push_back(milliseconds);
  add_thumbnails(growth);
  if (studio.following) studio.shown_step = growth.history.last_step();
  ++studio.changes;
  const int step = growth.history.last_step(), quarter = std::max(1, growth.history.steps() / 4);
  if (step % quarter == 0 && step < growth.history.steps())
    host::announce("Step " + std::to_string(step) + " of " + std::to_string(growth.history.steps()) + ", noise " +
                   percent(growth.history.noise_level(step)) + ".");
}

void growth_ended(Studio& studio, GrowthState state) {
  if (!studio.growth || !studio.growth->active()) return;
  studio.growth->state = state;
  ++studio.changes;
  const std::string step = std::to_string(studio.growth->history.last_step());
  if (state == GrowthState::finished) host::announce("The plate is finished.");
  if (state == GrowthState::stopped) host::announce("Stopped after step " + step + ".");
}

void show_room(Studio& studio, Room room) {
  if (studio.room == room) return;
  studio.room = room;
  studio.replaying = false;
  ++studio.changes;
  host::announce(std::string(name_of(room)) + " is open.");
  if (room == Room::gallery) gallery_opened(studio);
}

void open_easel(Studio& studio, bool open) {
  studio.easel.open = open && studio.easel.side > 0;
  studio.easel.visible = true;
  if (studio.easel.open && (studio.view == View::side_by_side || studio.view == View::overlaid))
    show_view(studio, View::working);  // one sheet, as large as can be
  ++studio.changes;
  host::announce(studio.easel.open ? "Painting: the sheet takes strokes." : "Painting is over.");
}

void use_tool(Studio& studio, Tool tool) {
  if (!studio.easel.open) open_easel(studio, true);
  if (!studio.easel.takes_colours && (tool == Tool::brush || tool == Tool::picker)) return;
  take_tool(studio.easel, tool);
  host::announce(std::string(name_of(tool)) + ".");
}

void enter_tasks(Studio& studio) {
  if (studio.tasks.entered) return;
  studio.tasks.entered = true;
  host::tasks_entered();
}

void leave_tasks(Studio& studio) {
  if (!studio.tasks.entered) return;
  studio.tasks.entered = false;
  host::tasks_left();
}

void grow(Studio& studio) {
  if (studio.model.image_size == 0) return;
  if (studio.new_seed_each_time && studio.growth) studio.settings.seed = host::chance();
  host::remember(studio.settings);
  host::grow(studio.settings);
}

void toggle_pause(Studio& studio) {
  if (!studio.growth || !studio.growth->active()) return;
  const bool pausing = studio.growth->state == GrowthState::growing;
  studio.growth->state = pausing ? GrowthState::paused : GrowthState::growing;
  if (!pausing) show_step(studio, studio.growth->history.last_step());
  pausing ? host::pause() : host::resume();
  host::announce(pausing ? "Paused." : "Growing on.");
  ++studio.changes;
}

void stop(Studio& studio) {
  if (studio.growth && studio.growth->active()) host::cancel();
}

void show_step(Studio& studio, int step) {
  if (!studio.growth) return;
  const History& history = studio.growth->history;
  studio.shown_step = std::clamp(step, history.first_step(), history.last_step());
  studio.following = studio.shown_step == history.last_step();
  ++studio.changes;
}

void walk_to(Studio& studio, int step) {
  if (!studio.growth) return;
  studio.replaying = false;
  const int before = studio.shown_step;
  show_step(studio, step);
  if (studio.shown_step != before) {
    const History& history = studio.growth->history;
    host::announce("Step " + std::to_string(studio.shown_step) + " of " + std::to_string(history.steps()) + ", noise " +
                   percent(history.noise_level(studio.shown_step)) + ".");
  }
}

void step_forward(Studio& studio) {
  if (!studio.growth) return;
  if (studio.growth->state == GrowthState::paused && studio.shown_step == studio.growth->history.last_step())
    host::step();
  else walk_to(studio, studio.shown_step + 1);
}

void toggle_replay(Studio& studio) {
  if (!studio.growth || studio.growth->history.last_step() == studio.growth->history.first_step()) return;
  studio.replaying = !studio.replaying;
  studio.replay_clock = 0;
  if (studio.replaying && studio.shown_step == studio.growth->history.last_step())
    show_step(studio, studio.growth->history.first_step());
  ++studio.changes;
}

void advance_replay(Studio& studio, double seconds) {
  if (!studio.replaying || !studio.growth) return;
  const History& history = studio.growth->history;
  const int steps = std::max(1, history.last_step() - history.first_step());
  // Who wants little motion sees some of the steps, each for a while, in about the same time.
  const double each =
      studio.reduced_motion ? replay_slowest : std::clamp(replay_seconds / steps, replay_fastest, replay_slowest);
  const int stride = studio.reduced_motion ? static_cast<int>(std::ceil(steps * each / replay_seconds)) : 1;
  studio.replay_clock += std::min(seconds, 0.25);
  const int whole = static_cast<int>(studio.replay_clock / each);
  if (whole == 0) return;
  studio.replay_clock -= whole * each;
  show_step(studio, studio.shown_step + whole * stride);
  if (studio.shown_step == history.last_step()) studio.replaying = false;
}

Recipe recipe_of(const Growth& growth) { return {growth.settings, growth.model, growth.flips}; }

std::vector<PngNote> recipe_notes(const Studio& studio) {
  const Growth& growth = *studio.growth;
  if (growth.guided)
    return {{"Software", "Florilegium"}, {"florilegium.model", growth.model}, {"florilegium.guided", "yes"}};
  const Settings& s = growth.settings;
  std::vector<PngNote> notes = {
      {"Software", "Florilegium"},
      {"florilegium.model", growth.model},
      {"florilegium.seed", std::to_string(s.seed)},
      {"florilegium.steps", std::to_string(s.steps)},
      {"florilegium.sampler", s.sampler},
      {"florilegium.schedule", s.schedule},
  };
  if (!growth.flips.empty()) notes.push_back({"florilegium.branches", text_of(growth.flips)});
  return notes;
}

std::string file_stem(const Growth& growth) {
  std::string stem = "florilegium-" + std::to_string(growth.settings.seed);
  for (const Flip& one : growth.flips) stem += "-branch-" + std::to_string(one.step) + "-" + std::to_string(one.coins);
  return stem;
}

void save_plate(const Studio& studio) {
  if (!studio.growth) return;
  const Growth& growth = *studio.growth;
  const int step = studio.shown_step;
  const bool prediction = studio.view == View::prediction && step < growth.history.last_step();
  std::vector<PngNote> notes = recipe_notes(studio);
  notes.push_back({"florilegium.step", std::to_string(step)});
  notes.push_back({"florilegium.view", prediction ? "prediction" : "working"});
  std::string file = file_stem(growth);
  if (step != growth.settings.steps || prediction)
    file += "-step-" + std::to_string(step) + (prediction ? "-prediction" : "");
  host::save_png(frame(growth, step, prediction), notes, file + ".png");
}

void show_view(Studio& studio, View view) {
  if (studio.view == view) return;
  constexpr std::array<const char*, 5> names = {
      "The working picture", "The prediction", "Working picture, prediction and change side by side",
      "What changed since the step before", "Working picture and prediction overlaid"};
  studio.view = view;
  ++studio.changes;
  host::announce(std::string(names[static_cast<std::size_t>(view)]) + ".");
}

void choose_dark(Studio& studio, bool dark) {
  studio.dark = dark;
  ++studio.changes;
  host::remember_dark(dark);
}

void set_steps(Studio& studio, int steps) {
  studio.settings.steps = std::clamp(steps, 1, most_steps);
  ++studio.changes;
}

void set_shift(Studio& studio, double shift) {
  studio.settings.schedule = Schedule{std::clamp(shift, 1.0, strongest_shift)}.text();
  ++studio.changes;
}

int sampler_index(const Settings& settings) {
  const auto all = samplers();
  const auto at = std::ranges::find(all, settings.sampler, &SamplerEntry::name);
  return at == all.end() ? 0 : static_cast<int>(at - all.begin());
}

void set_sampler(Studio& studio, int index) {
  studio.settings.sampler = samplers()[static_cast<std::size_t>(index) % samplers().size()].name;
  ++studio.changes;
  host::remember(studio.settings);
}

Picture frame(const Growth& growth, int step, bool prediction) {
  const History& history = growth.history;
  const bool working = !prediction || history.last_step() == history.first_step();
  if (working && step == history.last_step())
    return picture_from_planes(history.newest(), growth.image_size, growth.image_size);
  if (working) return picture_from_planes(history.working(step), growth.image_size, growth.image_size);
  const std::span<const Kept> kept = history.prediction(std::min(step, history.last_step() - 1));
  std::vector<float> values(kept.size());
  std::transform(kept.begin(), kept.end(), values.begin(), unkept);
  return picture_from_planes(values, growth.image_size, growth.image_size);
}

Change change_at(const Growth& growth, int step) {
  const History& history = growth.history;
  if (step == history.first_step()) return {blank_picture(growth.image_size, growth.image_size, 128, 128, 128), 0};
  // x became a * x + (1 - a) * prediction: it changed by (1 - a) * (prediction - x). The constant
  // factor is part of the gain.
  std::vector<float> change = history.working(step - 1);
  const std::span<const Kept> prediction = history.prediction(step - 1);
  double squares = 0;
  for (std::size_t i = 0; i < change.size(); ++i) {
    change[i] = unkept(prediction[i]) - change[i];
    squares += static_cast<double>(change[i]) * static_cast<double>(change[i]);
  }
  const auto deviation = static_cast<float>(std::sqrt(squares / static_cast<double>(change.size())));
  const float enlarged = 0.25f / std::max(deviation, 1e-6f);
  for (float& one : change) one *= enlarged;
  const float blended = 1 - history.noise_level(step) / history.noise_level(step - 1);
  return {picture_from_planes(change, growth.image_size, growth.image_size), enlarged / blended};
}

}  // namespace florilegium
