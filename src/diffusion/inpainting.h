// Growing a part of a finished picture again: inpainting as in RePaint (Lugmayr et al. 2022),
// without its resampling.
//
// Start from the finished picture under noise. In every step the network sees all of it and fills
// the region in to fit; outside the region its answer is replaced by the finished picture, before
// it is blended in. Blending then keeps x there at exactly that picture under the first noise, (1 -
// nl) * picture + nl * noise, for every sampler; at the end it is the picture. As what is blended
// in is what is kept, a history (history.h) gives these steps back like any others.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace florilegium {

/// How much the network's answer counts at each pixel: [size, size], 0 outside the region, rising
/// to 1 within half a cell of its edge, so that no seam shows. region: cells of equal size, [size /
/// n, size / n] for a whole n; what is not 0 grows again. Throws std::invalid_argument with a
/// sentence when the cells do not fit the size.
std::vector<float> region_weights(std::span<const std::uint8_t> region, int size);

/// answer = weight * answer + (1 - weight) * picture. answer, picture: [C, size, size], one after
/// the other. Throws std::invalid_argument with a sentence when these do not fit together; the
/// answer is then as before.
void keep_outside(std::span<float> answer, std::span<const float> picture, std::span<const float> weights);

}  // namespace florilegium
