#include "trainer/sample/coarse_guide.h"

#include "src/image/resize.h"

namespace florilegium {

std::vector<float> coarse_guide(const Picture& picture, int size) {
  const Picture cells = resized(middle_square(picture), size / 8, size / 8);
  std::vector<float> hint(cells.rgba.size(), 1.0f);
  for (std::size_t i = 0; i < hint.size(); ++i)
    if (i % 4 != 3) hint[i] = static_cast<float>(cells.rgba[i]) / 127.5f - 1.0f;
  return hint;
}

}  // namespace florilegium
