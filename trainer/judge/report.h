// A judgement on paper: a table for the terminal, judge.json, and judge.html with each picture
// beside its nearest plates.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trainer/judge/judgement.h"

namespace florilegium {

std::string describe(const Judgement& judgement, const JudgedSet& set, const RealPlates& plates);

/// Writes judge.json, judge.html and the pictures that it shows into the folder, which must be
/// there.
void write_report(const std::filesystem::path& folder, const Judgement& judgement, const JudgedSet& set,
                  const RealPlates& plates);

}  // namespace florilegium
