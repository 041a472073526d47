// A judgement on paper: a table for the terminal, judge.json, and judge.html with each picture
// beside its nearest plates.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trainer/judge/judgement.h"

namespace florilegium {

struct JudgedSet {
  std::string title;               ///< "Garden plants, seeds 1 to 64, 20 steps"
  std::vector<std::string> names;  ///< of each picture
  std::vector<Picture> pictures;   ///< square, all of one size
};

struct Judgement {
  Originality originality;
  Originality held_out, training_views;  ///< yardsticks: no copies, and copies as training shows them
  Proportionality proportionality;
  Detail detail, real_detail;
};

/// Throws std::runtime_error with a sentence when a plate cannot be read any more.
Judgement judge(const JudgedSet& set, const RealPlates& plates);

std::string describe(const Judgement& judgement, const JudgedSet& set, const RealPlates& plates);

/// Writes judge.json, judge.html and the pictures that it shows into the folder, which must be
/// there.
void write_report(const std::filesystem::path& folder, const Judgement& judgement, const JudgedSet& set,
                  const RealPlates& plates);

}  // namespace florilegium
