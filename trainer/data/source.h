// Where training pictures come from: one interface for plates, folders of pictures and the garden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "trainer/data/free_memory.h"
#include "trainer/data/view.h"

namespace florilegium {

/// One way of getting training pictures. draw() is a pure function of (seed, index, sight): the
/// same three give the same picture on any thread, so the position in the data is a single number,
/// resuming is exact, and threads need no locks in the caller.
class PictureSource {
 public:
  virtual ~PictureSource() = default;

  /// For reports and for a model's metadata ("trained_on").
  virtual std::string name() const = 0;

  /// Training picture number `index`, augmented, as `sight` says. out: S * S * 3 floats in [-1, 1],
  /// row by row, RGB interleaved. Thread-safe. Throws std::invalid_argument when out has another
  /// size, std::runtime_error when nothing can be read any more.
  virtual ViewKind draw(std::uint64_t seed, std::uint64_t index, const Sight& sight, std::span<float> out) const = 0;

  /// One line for each picture of a folder: its name there, and what it is used for. Empty for
  /// pictures that no files hold.
  virtual std::string inventory() const { return {}; }

  /// Distinct training pictures; 0 means unlimited.
  virtual std::size_t training_count() const = 0;

  /// Training picture number `index` (mod training_count()) not augmented (centre view), to compare
  /// with held-out ones. Where they are unlimited: the one that draw(seed, index) gives.
  virtual ViewKind training_picture(std::uint64_t seed, std::size_t index, const Sight& sight,
                                    std::span<float> out) const = 0;
  virtual std::size_t held_out_count() const = 0;

  /// Held-out picture number `index` (mod held_out_count()), not augmented (centre view), never
  /// shown in training. Throws std::logic_error when there are none.
  virtual ViewKind held_out(std::size_t index, const Sight& sight, std::span<float> out) const = 0;
};

/// `where`: "garden", a pack (a folder with plates.tsv, see folder.h), or any folder with JPEG,
/// PNG or WebP files (searched recursively; of 40 pictures or more every 20th or so is held out, of
/// 2 to 39 at least one, of a single picture none). report: called with a sentence for each file
/// that cannot be used; those are skipped. It may be called later and from another thread (never
/// from two at once), when a file turns out to be damaged as it is drawn. cache_bytes: how much
/// memory decoded pictures may take; by default half of what is free. Throws std::runtime_error
/// with a sentence when nothing usable is there.
std::unique_ptr<PictureSource> open_source(const std::string& where, std::function<void(const std::string&)> report,
                                           std::size_t cache_bytes = cache_share(1));

}  // namespace florilegium
