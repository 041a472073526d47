// cuda_backend() as the program sees it: looks for the CUDA part beside the program, and says what
// is missing where there is none.
#include <dlfcn.h>

#include <filesystem>
#include <stdexcept>

#include "trainer/backend/backend.h"
#include "trainer/backend/cuda/entry.h"

namespace florilegium {
namespace {

struct Loaded {
  const cuda::Entry* entry = nullptr;
  std::string problem;
};

Loaded load() {
#ifdef FLORILEGIUM_WITH_CUDA
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const std::string file = (program.parent_path() / "libflorilegium_cuda.so").string();
  if (!std::filesystem::exists(file))
    return {nullptr, "The CUDA part of this program, libflorilegium_cuda.so, is not beside it in " +
                         program.parent_path().string() + "."};
  void* part = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays loaded until the program ends
  if (!part)
    return {nullptr, std::string("A library that CUDA needs is missing: ") + dlerror() +
                         ". Put the folders with libcudnn.so.9 and libcublasLt.so.13 into LD_LIBRARY_PATH; PyTorch "
                         "brings them in site-packages/nvidia/*/lib."};
  const auto entry = reinterpret_cast<decltype(&florilegium_cuda_entry)>(dlsym(part, "florilegium_cuda_entry"));
  if (!entry) return {nullptr, file + " is not the CUDA part of this program."};
  return {entry(), {}};
#else
  return {nullptr, "This program was built without CUDA."};
#endif
}

const Loaded& loaded() {
  static const Loaded once = load();
  return once;
}

}  // namespace

std::string cuda_unavailable_reason(int device) {
  return loaded().entry ? loaded().entry->unusable_reason(device) : loaded().problem;
}

std::string nccl_unavailable_reason() {
  return loaded().entry ? loaded().entry->exchange_unusable_reason() : loaded().problem;
}

std::unique_ptr<Backend> cuda_backend(int device) {
  if (const std::string problem = cuda_unavailable_reason(device); !problem.empty())
    throw std::runtime_error("CUDA cannot be used. " + problem);
  return loaded().entry->open(device);
}

}  // namespace florilegium
