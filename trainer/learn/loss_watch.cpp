#include "trainer/learn/loss_watch.h"

#include <algorithm>
#include <cstdio>

namespace florilegium {

std::string LossWatch::look(double loss, double grey_loss, bool finite) {
  if (!finite) {
    if (++not_finite <= not_finite_allowed) return {};
    return "the loss or its gradient has not been a finite number for " + std::to_string(not_finite) + " steps";
  }
  not_finite = 0;
  ++steps;
  const double ratio = loss / std::max(grey_loss, 1e-3);  // all-grey pictures would make it meaningless
  const auto seen = static_cast<double>(steps);
  recent += (ratio - recent) / std::min(seen, 16.0);
  usual += ((steps > 16 ? std::min(ratio, 2 * usual) : ratio) - usual) /
           std::min(seen, 256.0);  // an explosion must not become usual
  char text[120];
  if (recent > explosion_over_grey) {
    std::snprintf(text, sizeof text, "the loss is %.3g times that of a network that answers plain grey", recent);
    return text;
  }
  if (steps >= 64 && recent > explosion_over_usual * usual) {
    std::snprintf(text, sizeof text, "the loss has become %.1f times what it usually was", recent / usual);
    return text;
  }
  return {};
}

}  // namespace florilegium
