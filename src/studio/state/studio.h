// The state of the studio: one plain struct, and the events that change it. Knows nothing of ImGui,
// OpenGL or the browser.
//
// The host (src/bridge) reports events; the panels read the state and call the actions below. A
// plate that is growing or grown is a Growth: its settings, its history and how long each step
// took.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/diffusion/history.h"
#include "src/diffusion/samplers.h"
#include "src/image/picture.h"
#include "src/image/png.h"
#include "src/studio/state/branches.h"
#include "src/studio/state/criteria.h"
#include "src/studio/state/easel.h"
#include "src/studio/state/flips.h"
#include "src/studio/state/gallery.h"
#include "src/studio/state/settings.h"
#include "src/studio/state/tasks.h"

namespace florilegium {

struct OpenModel {
  std::string file{}, title{}, schedule = "linear", backend{};  // backend: "webgpu" or "wasm"
  int image_size = 0, default_steps = 20, threads = 1;
  double bytes = 0;
  std::vector<std::string> notes;       ///< what is slower or missing here, and why
  bool takes_view = false;              ///< it is told whether to grow a whole plant or a detail
  std::vector<float> ladder_changes{};  ///< noise levels at and below which a ladder's next network is asked, falling
};

struct ModelChoice {
  std::string file, title;
  double bytes = 0;
  int image_size = 0;
  double gflop_per_step = 0;  ///< 0: not known
};

enum class GrowthState { growing, paused, finished, stopped, failed };
inline constexpr std::array growth_state_names = {"growing", "paused", "finished", "stopped", "failed"};

constexpr int thumbnail_side = 64;

struct Growth {
  int serial;  ///< counts the growths of this visit
  Settings settings;
  int image_size;
  History history;
  GrowthState state = GrowthState::growing;
  std::string model{};  ///< the file of the model that grows it
  bool guided = false;  ///< by painted colours, from a picture or in a region: the recipe alone does not give it back
  std::vector<Flip> flips{};  ///< where the coins were flipped again on the way to it: none in the growth from noise
  bool steps_let_go = false;  ///< only its newest picture is still there
  std::vector<double> milliseconds{};    ///< of each finished step
  std::vector<Picture> thumbnails{};     ///< of working pictures: one for each step from first_step() to last_step()
  std::vector<Picture> predictions{};    ///< thumbnails of what each of these steps blends in; the newest has none yet
  double milliseconds_per_step() const;  ///< the mean, 0 while unknown
  double seconds_left() const;
  bool active() const { return state == GrowthState::growing || state == GrowthState::paused; }
};

/// The rooms of the page; a row of tabs leads from one to another.
enum class Room { grow, gallery, tasks, criteria };
inline constexpr std::array room_names = {"grow", "gallery", "tasks", "criteria"};  ///< for scripts
inline constexpr std::array<const char*, room_names.size()> room_titles = {"Grow", "Gallery", "Tasks", "Criteria"};
constexpr int room_count = static_cast<int>(room_names.size());
inline const char* name_of(Room room) { return room_titles[static_cast<std::size_t>(room)]; }

enum class View { working, prediction, side_by_side, change, overlaid };

/// What can be seen of one step.
enum class Part { working, prediction, change };
inline constexpr std::array part_names = {"working", "prediction", "change"};

/// A member of the family of the plate on view; see branches.h.
struct Branch {
  int parent = -1;                 ///< its place in Studio::family; -1 for the first
  std::unique_ptr<Growth> kept{};  ///< null while it is on view
};

struct Loading {
  bool active = true, preparing = false;
  double received = 0, total = 0;
};

struct Notice {
  enum class Kind { note, failure } kind;
  std::string text;
};

struct Studio {
  Room room = Room::grow;
  Loading loading;
  OpenModel model;  ///< image_size 0 while none is loaded
  std::vector<ModelChoice> choices;
  double kept_bytes = 0;  ///< of this site on the visitor's device, for visits without a network
  Settings settings;
  bool new_seed_each_time = false;
  bool details = false;  ///< the next plate shows a detail of a plant, where the model takes a view
  std::unique_ptr<Growth> growth;
  int growths = 0;
  std::vector<Branch> family;     ///< the first is the growth from noise
  int shown_branch = 0;           ///< which of the family `growth` is
  double history_budget = 600e6;  ///< bytes of steps that all of it may keep
  int shown_step = 0;             ///< the step on the sheet
  bool following = true;          ///< the sheet shows the newest step as it comes
  bool replaying = false;
  double replay_clock = 0;
  View view = View::working;
  /// In the overlaid view the working picture lies left of this part of the width, the prediction
  /// right of it.
  float split = 0.5f;
  Easel easel;
  Gallery gallery;
  std::vector<Notice> notices;
  Tasks tasks;
  Criteria criteria;
  bool dark = false, reduced_motion = false, showing_keys = false;
  int changes = 0;  ///< counts up with every event: a frame is drawn when it moved
};

// Events: what the host reports.
void model_loading(Studio& studio, double received, double total, bool preparing);
void model_loaded(Studio& studio, OpenModel model);
void model_failed(Studio& studio);
void notice(Studio& studio, Notice::Kind kind, std::string text);
void settings_given(Studio& studio, Settings settings);
/// x: the working picture at levels[first_step], planar RGB. parent, coins: as in join_family().
void growth_begun(Studio& studio, Settings settings, int image_size, std::vector<float> x, std::vector<float> levels,
                  int first_step, int parent = -1, std::uint64_t coins = 0);
void growth_stepped(Studio& studio, std::span<const Kept> prediction, double milliseconds);
void growth_ended(Studio& studio, GrowthState state);

// Actions: what the visitor does.
void show_room(Studio& studio, Room room);
void open_easel(Studio& studio, bool open);
void use_tool(Studio& studio,
              Tool tool);          ///< opens the easel; a model that takes no colours has no brush and no picker
void enter_tasks(Studio& studio);  ///< the room of the tasks is on view
void leave_tasks(Studio& studio);  ///< another one is: whatever the tasks have running ends
void grow(Studio& studio);
void toggle_pause(Studio& studio);
void stop(Studio& studio);
void show_step(Studio& studio, int step);  ///< clamped to the steps there are
void walk_to(Studio& studio,
             int step);             ///< show_step by the visitor's hand: ends a replay, and is told to screen readers
void step_forward(Studio& studio);  ///< shows the next step; at the newest one of a paused growth, asks for one more
void toggle_replay(Studio& studio);
void advance_replay(Studio& studio, double seconds);
void save_plate(const Studio& studio);
void show_view(Studio& studio, View view);
void choose_dark(Studio& studio, bool dark);   ///< by hand: stays so on the next visit, whatever the system says
void set_steps(Studio& studio, int steps);     ///< clamped to [1, most_steps]
void set_shift(Studio& studio, double shift);  ///< the schedule's, clamped to [1, strongest_shift]
void set_sampler(Studio& studio, int index);   ///< of samplers(), counted round

constexpr int most_steps = 250;
constexpr double strongest_shift = 8;
/// Its place among samplers().
int sampler_index(const Settings& settings);

Recipe recipe_of(const Growth& growth);

/// What goes into each file of the growth on view: whoever drops the file on the page gets the
/// plate back.
std::vector<PngNote> recipe_notes(const Studio& studio);

/// The first part of such a file's name: "florilegium-7", of a branch "florilegium-7-branch-3-5".
std::string file_stem(const Growth& growth);

/// A noise level as people read it: "43 %", "4.3 %".
std::string percent(float noise_level);

/// What is to be seen at a step: the working picture, or what the step blends in (at the newest
/// step: what the last one did).
Picture frame(const Growth& growth, int step, bool prediction);

/// What step `step` changed in the working picture since the step before, made visible: middle grey
/// is no change, brighter is more of a colour, darker less. Enlarged by `gain`, so that three
/// quarters of the shades' range are three standard deviations.
struct Change {
  Picture picture;
  float gain;  ///< 0 at the first step, before which there is nothing
};
Change change_at(const Growth& growth, int step);

}  // namespace florilegium
