// The family of a plate: the growth from noise, and the branches that sprang from it where the
// coins were flipped again at some step.
//
// One of them is on view, Studio::growth; the others wait in Studio::family. All together may keep
// so many bytes of steps; beyond that the oldest let go of theirs, and only their newest picture
// and their recipe stay.
#pragma once

#include <cstdint>
#include <memory>

namespace florilegium {

struct Growth;
struct Studio;

/// Puts a growth that begins on view. parent: of which member of the family it is a branch, or -1:
/// then it begins a family of its own. coins: the seed of the fresh noise at its first step.
void join_family(Studio& studio, std::unique_ptr<Growth> growth, int parent, std::uint64_t coins);

bool can_branch(const Studio& studio);  ///< the step on view has a prediction to flip the coins over
void branch_here(Studio& studio);       ///< flips the coins again at the step on view
void show_branch(Studio& studio,
                 int index);  ///< puts another member on view, at its newest step; index is clamped to the family

const Growth& family_member(const Studio& studio, int index);

}  // namespace florilegium
