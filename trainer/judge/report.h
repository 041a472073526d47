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

/// Writes the numbers that are shown or listed with a model, with the SHA-256 of its file, into
/// NAME.judge.json beside NAME.onnx, and returns where. Throws std::runtime_error with a sentence
/// when a file cannot be read or written.
std::filesystem::path write_beside(const std::filesystem::path& model, const Judgement& judgement, const JudgedSet& set,
                                   const RealPlates& plates);

}  // namespace florilegium
