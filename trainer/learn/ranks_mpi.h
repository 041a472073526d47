// Ranks by MPI; only in programs that are built with it.
#pragma once

#include <memory>
#include <string>

#include "trainer/learn/ranks.h"

namespace florilegium {

/// Starts MPI; to be called once. Its end ends MPI, but not while an exception flies: that would
/// wait for ranks that do not come.
std::unique_ptr<Ranks> mpi_ranks();

/// The MPI that this program was built with, as it calls itself.
std::string mpi_name();

}  // namespace florilegium
