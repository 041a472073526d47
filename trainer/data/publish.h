// Publishing: what the page's tasks need of the training data, as a few small files: its average
// and some held-out pictures.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace florilegium {

struct PublishOptions {
  int size = 512;                     ///< pixels a side, of every picture written
  int draws = 8192;                   ///< training pictures in the average
  int count = 8;                      ///< held-out pictures, spread evenly, when none are named
  std::vector<std::string> pictures;  ///< their file names, for a folder of pictures
  int quality = 80;                   ///< JPEG
};

struct PublishReport {
  std::size_t pictures = 0;
  std::uintmax_t bytes = 0;  ///< of all files written
};

/// Writes `to`/average.jpg, the mean of `draws` training pictures as training draws them (as often
/// as their weights say, cropped, turned and mirrored): what a network that cannot see anything
/// answers best. Beside it held-out pictures in their centre view, named as in the folder, and last
/// plates.json, which says what they are:
///   {"source": as a model's trained_on, "size", "average": file, "draws", "plates": [{"file",
///   "title", "author", "book", "year", "gutenberg_id"}]}
/// The last five are the pack's columns of these names, and are left out where the table has none
/// or an empty cell. data: as for open_source. report: gets a sentence for each picture that cannot
/// be used. Throws std::runtime_error with a sentence when the data cannot be read or the files
/// cannot be written; std::invalid_argument for impossible options and for a name in `pictures`
/// that is not one of the held-out pictures.
PublishReport publish(const std::string& data, const std::filesystem::path& to, const PublishOptions& options,
                      const std::function<void(const std::string&)>& report);

}  // namespace florilegium
