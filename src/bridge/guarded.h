// Failures at the border to JavaScript: an exception becomes a negative number, or null, and a
// sentence that JavaScript asks for with failure_sentence(). Each WebAssembly module has its own.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <type_traits>

namespace florilegium {

/// What failure_sentence() says.
std::string& failure();

/// The sentence for when memory has run out; each module's exports say it.
extern const char* const no_memory;

/// What work() returns (0 when it returns nothing), or -1 after a failure.
template <class Work>
int guarded(Work&& work) {
  try {
    if constexpr (std::is_void_v<decltype(work())>) work();
    else return work();
    return 0;
  } catch (const std::bad_alloc&) { failure() = no_memory; } catch (const std::exception& thrown) {
    failure() = thrown.what();
  }
  return -1;
}

/// The pointer that work() returns, or null after a failure.
template <class Work>
auto guarded_pointer(Work&& work) -> decltype(work()) {
  decltype(work()) pointer = nullptr;
  guarded([&] { pointer = work(); });
  return pointer;
}

}  // namespace florilegium
