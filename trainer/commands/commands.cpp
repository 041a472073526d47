#include "trainer/commands/commands.h"

#include <unistd.h>  // access, isatty

#include <charconv>
#include <iostream>
#include <system_error>

#include "trainer/run/run_state.h"

namespace florilegium {
namespace {

std::filesystem::path run_folder(int number) { return number == 1 ? "run" : "run-" + std::to_string(number); }

int last_run_number() {
  int number = 0;
  while (holds_run(run_folder(number + 1))) ++number;
  return number;
}

}  // namespace

std::unique_ptr<Backend> open_backend(const std::string& device, int threads) {
  if (device != "cuda") return cpu_backend(threads);
  if (const std::string reason = cuda_unavailable_reason(); !reason.empty())
    throw std::invalid_argument("--device cuda cannot be used: " + reason + " Leave it away to use the CPU.");
  return cuda_backend();
}

Type compute_type(const std::string& precision, const Backend& backend) {
  if (precision == "auto") return backend.preferred_type();
  return precision == "bf16" ? Type::bf16 : Type::f32;
}

void make_folder(const std::filesystem::path& folder, const std::string& option) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0) error = {errno, std::generic_category()};
  if (error)
    throw std::invalid_argument("The folder '" + folder.string() + "' cannot be written to: " + error.message() +
                                ". Name another one with " + option + ".");
}

std::filesystem::path last_run_folder() {
  const int number = last_run_number();
  return number > 0 ? run_folder(number) : std::filesystem::path();
}

std::filesystem::path next_run_folder(int beyond) { return run_folder(last_run_number() + 1 + beyond); }

std::filesystem::path model_file(const std::string& named) {
  const std::filesystem::path where = named.empty() ? last_run_folder() : std::filesystem::path(named);
  if (where.empty())
    throw std::invalid_argument(
        "Which model? Name an .onnx file of this project with --model; 'florilegium train' makes one.");
  return std::filesystem::is_directory(where) ? where / "model.onnx" : where;
}

GrowSettings grow_settings(const ModelInfo& info, int steps, const std::string& sampler_name,
                           const std::string& schedule) {
  return {info.noise, info.noise_scale, schedule.empty() ? info.schedule : Schedule::parse(schedule),
          steps > 0 ? steps : info.default_steps, sampler_name.empty() ? info.default_sampler : sampler(sampler_name)};
}

void add_sampler_option(CLI::App& app, std::string& sampler_name) {
  app.add_option("--sampler", sampler_name, sampler_list() + " (default: the model's)");
}

void add_device_option(CLI::App& app, std::string& device) {
  app.add_option("--device", device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}))->capture_default_str();
}

CLI::Validator at_least_one() {
  const auto problem_with = [](const std::string& text) {
    long long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool fine = error == std::errc() && end == text.data() + text.size() && number >= 1;
    return fine ? std::string() : "'" + text + "' is not a whole number of 1 or more";
  };
  return CLI::Validator(problem_with, "");
}

void say(const std::string& sentence) {
  std::cerr << (::isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "") << sentence << std::endl;
}

}  // namespace florilegium
