// Preparing a pack: pictures of one's own, all brought to one size, with the table that says which
// are held out.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace florilegium {

struct PrepareOptions {
  int short_side = 576;            ///< pixels, of every picture in the pack
  double longest = 1.6;            ///< long side over short side; more is cut off at both ends alike
  double most_enlargement = 1.15;  ///< smaller pictures are left out
  int quality = 90;                ///< JPEG
  int held_out_one_in = 10;        ///< by a hash of the file name, which stays the same when pictures are added
};

struct PrepareReport {
  std::size_t written = 0, held_out = 0, left_out = 0;
};

/// Reads every picture under `from` and writes `to`/plates/*.jpg and `to`/plates.tsv (last, so a
/// pack with a table is complete). Of two pictures or more at least one is held out. report: gets a
/// sentence for each file that is left out. Throws std::runtime_error with a sentence when nothing
/// is usable, when `to` has a plates.tsv already or lies within `from`, or when it cannot be
/// written; std::invalid_argument for impossible options.
PrepareReport prepare_pack(const std::filesystem::path& from, const std::filesystem::path& to,
                           const PrepareOptions& options, const std::function<void(const std::string&)>& report);

}  // namespace florilegium
