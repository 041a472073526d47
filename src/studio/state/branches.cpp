#include "src/studio/state/branches.h"

#include <algorithm>

#include "src/studio/state/host.h"
#include "src/studio/state/studio.h"

namespace florilegium {
namespace {

// The address of a guided one cannot give it back, so it does not claim to.
void remember(const Growth& growth) { host::remember(growth.settings, growth.guided ? "" : text_of(growth.flips)); }

// Only the newest picture of a growth stays.
void let_go_of_steps(Studio& studio, Growth& growth) {
  const int last = growth.history.last_step();
  std::vector<float> levels;
  for (int k = 0; k <= growth.history.steps(); ++k) levels.push_back(growth.history.noise_level(k));
  growth.history = History(growth.history.working(last), std::move(levels), last);
  growth.thumbnails.erase(growth.thumbnails.begin(), growth.thumbnails.end() - 1);
  growth.predictions.clear();
  growth.steps_let_go = true;
  growth.serial = ++studio.growths;  // what the screen knows of it is out of date
}

// Takes the growth on view back among its family. `coming` is spared when steps have to be let go,
// as is the one that was just looked at.
void put_away(Studio& studio, const Growth& coming) {
  Branch& left = studio.family[static_cast<std::size_t>(studio.shown_branch)];
  left.kept = std::move(studio.growth);
  // A growth that has just begun will need about as much as the one before it.
  double bytes = static_cast<double>(std::max(coming.history.bytes(), left.kept->history.bytes()));
  for (const Branch& one : studio.family)
    if (one.kept) bytes += static_cast<double>(one.kept->history.bytes());
  bool any = false;
  for (Branch& old : studio.family) {
    if (bytes <= studio.history_budget) break;
    if (!old.kept || &old == &left || old.kept->steps_let_go) continue;
    bytes -= static_cast<double>(old.kept->history.bytes());
    let_go_of_steps(studio, *old.kept);
    bytes += static_cast<double>(old.kept->history.bytes());
    any = true;
  }
  if (any)
    notice(studio, Notice::Kind::note,
           "The steps of the oldest branches were let go to save memory; their pictures and recipes stay.");
}

}  // namespace

const Growth& family_member(const Studio& studio, int index) {
  return index == studio.shown_branch ? *studio.growth : *studio.family.at(static_cast<std::size_t>(index)).kept;
}

void join_family(Studio& studio, std::unique_ptr<Growth> growth, int parent, std::uint64_t coins) {
  const bool interrupts = studio.growth && studio.growth->active();
  if (interrupts) studio.growth->state = GrowthState::stopped;
  if (parent < 0 || parent >= static_cast<int>(studio.family.size())) {
    studio.family.clear();
    studio.family.push_back({});
    studio.shown_branch = 0;
  } else {
    growth->flips = family_member(studio, parent).flips;
    growth->flips.push_back({growth->history.first_step(), coins});
    growth->guided = family_member(studio, parent).guided;
    // The same one may begin anew, in another worker when the first has failed: then it takes its
    // own place.
    if (!interrupts || growth->flips != studio.growth->flips) {
      put_away(studio, *growth);
      studio.shown_branch = static_cast<int>(studio.family.size());
      studio.family.push_back({.parent = parent});
    }
    remember(*growth);
  }
  studio.growth = std::move(growth);
}

bool can_branch(const Studio& studio) {
  return studio.growth && studio.shown_step < studio.growth->history.last_step();
}

void branch_here(Studio& studio) {
  if (can_branch(studio)) host::branch(studio.shown_step, host::chance());
}

void show_branch(Studio& studio, int index) {
  if (studio.family.empty()) return;
  index = std::clamp(index, 0, static_cast<int>(studio.family.size()) - 1);
  if (index == studio.shown_branch) return;
  if (studio.growth->active()) {
    host::cancel();
    studio.growth->state = GrowthState::stopped;
  }
  std::unique_ptr<Growth> wanted = std::move(studio.family[static_cast<std::size_t>(index)].kept);
  put_away(studio, *wanted);
  studio.growth = std::move(wanted);
  studio.shown_branch = index;
  studio.replaying = false;
  show_step(studio, studio.growth->history.last_step());
  remember(*studio.growth);
  host::announce(index == 0 ? "The first plate."
                            : "Branch " + std::to_string(index) + ", from step " +
                                  std::to_string(studio.growth->flips.back().step) + ".");
}

}  // namespace florilegium
