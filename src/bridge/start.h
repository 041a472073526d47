// What a run of the denoiser begins from.
#pragma once

#include <array>

namespace florilegium {

enum class Start { noise, picture, fresh };  ///< fresh: a picture under fresh noise
inline constexpr std::array start_names = {"noise", "picture", "fresh"};

}  // namespace florilegium
