// florilegium devices: what this machine has, and what of it is used.
#include <unistd.h>  // sysconf

#include <fstream>
#include <iostream>
#include <thread>

#include "trainer/backend/backend.h"
#include "trainer/commands/commands.h"

namespace florilegium {
namespace {

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

double gigabytes(int pages) {
  return static_cast<double>(::sysconf(pages)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e9;
}

std::string cuda_found() {
  const std::string reason = cuda_unavailable_reason();
  return reason.empty() ? cuda_backend()->description() + "; used with --device cuda" : reason;
}

std::string nccl_found() {
  const std::string reason = nccl_unavailable_reason();
  return reason.empty()
             ? "found; used with --device cuda when mpirun starts several processes, each on a GPU of its own"
             : reason;
}

int run_devices() {
  const auto backend = cpu_backend();
  char memory[80];
  std::snprintf(memory, sizeof memory, "%.1f GB, of which %.1f GB are free", gigabytes(_SC_PHYS_PAGES),
                gigabytes(_SC_AVPHYS_PAGES));
  std::cout << "cpu   " << processor_name() << ", " << std::thread::hardware_concurrency() << " hardware threads\n"
            << "      backend: " << backend->description() << "\n"
            << "      bf16: "
            << (backend->preferred_type() == Type::bf16 ? "yes; training uses it unless --precision f32 is given"
                                                        : "no; training computes in f32")
            << "\n"
            << "      memory: " << memory << "\n"
            << "cuda  " << cuda_found() << "\n"
            << "nccl  " << nccl_found() << "\n";
  return 0;
}

}  // namespace

Action devices_command(CLI::App& app) {
  app.footer("Example:\n  florilegium devices");
  return run_devices;
}

}  // namespace florilegium
