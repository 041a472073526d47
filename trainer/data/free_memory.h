// How much memory is free on this machine, or left to this process where that is less.
#pragma once

#include <cstddef>

namespace florilegium {

/// Bytes that programs can take without pushing others out: what the kernel calls available, and no
/// more than the control group leaves. 4 GiB where nothing says.
std::size_t free_memory();

/// What each of so many processes on this machine may keep decoded pictures in: together half of
/// what is free.
std::size_t cache_share(int processes);

}  // namespace florilegium
