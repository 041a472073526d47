// The report of a run for people: report.html, one self-contained page with plots, sample sheets, a
// table and the settings, and loss.svg, the plot of the losses alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "trainer/learn/settings.h"

namespace florilegium {

struct ReportFacts {
  const TrainingSettings& settings;
  std::string device, trained_on;
  std::int64_t parameters = 0, step = 0;
  double seconds = 0;  ///< of training so far
};

/// Writes both files, durably, from log.jsonl and samples/ in the run folder. Throws
/// std::runtime_error with a sentence when they cannot be written.
void write_run_report(const std::filesystem::path& run_folder, const ReportFacts& facts);

/// "4:05" or "2 h 07 min".
std::string time_text(double seconds);

}  // namespace florilegium
