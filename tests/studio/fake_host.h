// A host that does nothing but write down what the studio asks for: so its logic runs without a
// browser.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/studio/state/host.h"

struct Asked {
  bool visitor_grows = false;        // then no cell of the gallery is grown
  std::vector<std::uint64_t> grown;  // the seeds of its cells
  std::vector<std::string> said;     // announcements, and other requests of the gallery by name
  std::vector<florilegium::Picture> sheet;
  std::vector<int> steps;
  int columns = 0;
  std::vector<florilegium::PngNote> notes;  // of the last file
  std::string file;
  int remembered = 0, cancelled = 0;
  std::string remembered_flips;  // of the last remember()
  int branched_at = -1;
};

/// Tests begin with asked = {}.
extern Asked asked;

/// A note of the last file, or "missing".
std::string note(const std::string& key);
