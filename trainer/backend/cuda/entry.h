// The door between the program and its CUDA part, a shared object of its own: so the program itself
// needs none of CUDA's libraries and starts everywhere.
#pragma once

#include <memory>
#include <string>

#include "trainer/backend/backend.h"

namespace florilegium::cuda {

struct Entry {
  std::string (*unusable_reason)(int device);
  std::string (*exchange_unusable_reason)();
  std::unique_ptr<Backend> (*open)(int device);
};

}  // namespace florilegium::cuda

/// The one symbol of the shared object.
extern "C" __attribute__((visibility("default"))) const florilegium::cuda::Entry* florilegium_cuda_entry();
