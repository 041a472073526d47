// florilegium: the command line. Exit status 0 done, 1 failed while working, 2 the arguments or
// inputs are wrong.
#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "trainer/commands/commands.h"
#include "trainer/learn/ranks.h"

namespace florilegium {
namespace {

struct Command {
  const char *name, *summary;
  Action (*prepare)(CLI::App&);
};

constexpr Command commands[] = {
    {"train", "Learn a model; with no arguments: 64x64 garden plants in about five minutes", train_command},
    {"sample", "Grow pictures with a model", sample_command},
    {"judge", "Judge grown pictures: plausible, in proportion, original?", judge_command},
    {"experiment", "Do one of the essay's experiments again", experiment_command},
    {"export", "Write a run's weights as a model file", export_command},
    {"dataset", "Look through a folder of pictures, or prepare one for training", dataset_command},
    {"bench", "Measure how fast training and sampling are here", bench_command},
    {"devices", "Show what this machine computes with", devices_command},
};

/// What is wrong with the arguments is mostly the same in all processes of a job, and the first
/// says it. The others give it time: when it ends, mpirun ends them too; when it does not, it is
/// their own trouble, and they say it.
int complain(const std::string& sentence, int status) {
  if (status == 2 && rank_of_this_process() != 0) std::this_thread::sleep_for(std::chrono::seconds(5));
  std::cerr << "florilegium: " << sentence << std::endl;
  return status;
}

int run(int argc, char** argv) {
  CLI::App app{"Florilegium: trains small diffusion models natively and grows pictures with them."};
  app.set_version_flag("--version", "florilegium " FLORILEGIUM_VERSION);
  app.require_subcommand(1);
  app.footer("'florilegium COMMAND --help' tells more about each, with examples.");
  std::vector<std::pair<CLI::App*, Action>> actions;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    actions.emplace_back(sub, command.prepare(*sub));
  }
  if (argc == 1) {
    std::cerr << app.help();
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return app.exit(problem);
    std::string command = "florilegium";
    for (const CLI::App* sub : app.get_subcommands()) command += " " + sub->get_name();
    return complain(std::string(problem.what()) + ". '" + command + " --help' shows what there is.", 2);
  }
  for (const auto& [sub, action] : actions)
    if (sub->parsed()) return action();
  return 2;
}

}  // namespace
}  // namespace florilegium

int main(int argc, char** argv) {
  using florilegium::complain;
  try {
    return florilegium::run(argc, argv);
  } catch (const std::invalid_argument& problem) { return complain(problem.what(), 2); } catch (const std::bad_alloc&) {
    return complain("There is not enough memory; a smaller --batch or --size needs less.", 1);
  } catch (const std::exception& problem) { return complain(problem.what(), 1); }
}
