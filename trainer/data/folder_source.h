// Training pictures from a folder: views of its pictures, as often as their weights say.
#pragma once

#include <string>
#include <vector>

#include "trainer/data/folder.h"
#include "trainer/data/picture_cache.h"
#include "trainer/data/source.h"

namespace florilegium {

class FolderSource final : public PictureSource {
 public:
  /// pictures: as list_pictures gives them for `folder`. Throws std::runtime_error with a sentence
  /// when none is for training or all those weigh nothing. report and cache_bytes: see open_source.
  FolderSource(const std::filesystem::path& folder, std::string name, std::vector<FolderPicture> pictures,
               std::function<void(const std::string&)> report, std::size_t cache_bytes);

  std::string name() const override { return name_; }
  std::string inventory() const override { return inventory_; }
  ViewKind draw(std::uint64_t seed, std::uint64_t index, const Sight& sight, std::span<float> out) const override;
  std::size_t training_count() const override { return training_.size(); }
  ViewKind training_picture(std::uint64_t seed, std::size_t index, const Sight& sight,
                            std::span<float> out) const override;
  std::size_t held_out_count() const override { return held_out_.size(); }
  ViewKind held_out(std::size_t index, const Sight& sight, std::span<float> out) const override;

 private:
  ViewKind centre(const std::vector<std::size_t>& among, std::size_t index, const Sight& sight,
                  std::span<float> out) const;

  std::string name_, inventory_;
  std::vector<FolderPicture> pictures_;
  std::vector<std::size_t> training_, held_out_;  // positions in pictures_
  std::vector<double> weight_up_to_;              // of training_, summed
  mutable PictureCache cache_;
};

}  // namespace florilegium
