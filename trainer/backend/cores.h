// How many processor cores a process may use: fewer than the machine has where it is bound to some.
#pragma once

#include <string>

namespace florilegium {

int usable_cores();

/// Threads for each of `processes` that train together on this machine, of which this one may use
/// `own` cores and whoever started it `all`: its share of all, and no more than its own.
int threads_for(int own, int all, int processes);

/// A sentence when a binding leaves this process less than its share; else empty.
std::string starved(int own, int all, int processes);

/// The cores that the process which started this one may use.
int cores_of_parent();

}  // namespace florilegium
