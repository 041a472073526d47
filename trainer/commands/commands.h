// The commands of the command line, one file each; main.cpp holds the table.
//
// To add one: a file here with a function like those below, its declaration, and one line in
// main.cpp's table.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "trainer/backend/backend.h"
#include "trainer/onnx/model_file.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {

/// What a command does once its arguments have been read; gives the exit status. Throws
/// std::invalid_argument with a sentence when the arguments or inputs are wrong (exit status 2),
/// any other std::exception when something fails at work (1).
using Action = std::function<int()>;

/// Each declares its options on `app` and gives the action.
Action bench_command(CLI::App& app);
Action dataset_command(CLI::App& app);
Action devices_command(CLI::App& app);
Action experiment_command(CLI::App& app);
Action export_command(CLI::App& app);
Action judge_command(CLI::App& app);
Action sample_command(CLI::App& app);
Action train_command(CLI::App& app);

/// The result of reading an input: what goes wrong with it is the caller's mistake, not ours.
template <class Read>
auto as_input(Read&& read) {
  try {
    return read();
  } catch (const std::runtime_error& problem) { throw std::invalid_argument(problem.what()); }
}

/// The backend that --device names, "cpu" or "cuda"; threads: for the CPU, 0 = all cores. Throws
/// std::invalid_argument with a sentence when there is no usable GPU.
std::unique_ptr<Backend> open_backend(const std::string& device, int threads);

/// The type to compute in that --precision names: "auto", "f32" or "bf16".
Type compute_type(const std::string& precision, const Backend& backend);

/// Makes the folder with its parents; throws std::invalid_argument with a sentence that names
/// `option` when it cannot be written to.
void make_folder(const std::filesystem::path& folder, const std::string& option);

/// The run folder of the run begun last where no --out was given: run, run-2, run-3, ...; empty
/// when there is none.
std::filesystem::path last_run_folder();
/// The one that the next run gets, or the one so many after it.
std::filesystem::path next_run_folder(int beyond = 0);

/// A model file, or the one in a run folder; without a name that of the last run. Throws
/// std::invalid_argument when there is none.
std::filesystem::path model_file(const std::string& named);

/// How a model grows pictures: as it recommends where the options say nothing (steps 0, the others
/// empty). Throws std::invalid_argument with a sentence for a sampler or schedule that does not
/// exist.
GrowSettings grow_settings(const ModelInfo& info, int steps, const std::string& sampler_name,
                           const std::string& schedule = "");

/// A sentence on stderr, on a line of its own.
void say(const std::string& sentence);

/// The option --sampler for grow_settings().
void add_sampler_option(CLI::App& app, std::string& sampler_name);

/// The option --device cpu|cuda.
void add_device_option(CLI::App& app, std::string& device);

/// Checks an option's text to be a whole number of 1 or more.
CLI::Validator at_least_one();

}  // namespace florilegium
