// florilegium train: learns a model, or goes on learning.
#include <sys/ioctl.h>  // terminal width
#include <unistd.h>     // isatty, sysconf

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string_view>
#include <thread>
#include <type_traits>

#include "src/files/name_text.h"
#include "src/files/write_file.h"
#include "trainer/backend/cores.h"
#include "trainer/commands/commands.h"
#include "trainer/data/free_memory.h"
#include "trainer/learn/ranks.h"
#include "trainer/learn/rungs.h"
#include "trainer/run/inventory.h"
#include "trainer/run/ladder.h"
#include "trainer/run/plot.h"
#include "trainer/run/report.h"
#include "trainer/run/run_lock.h"
#include "trainer/run/run_state.h"
#include "trainer/run/training.h"

namespace florilegium {
namespace {

volatile std::sig_atomic_t stop_requested = 0, steps_unsaved = 0, speaks = 0;

/// The first signal asks for a stop, and says so at once; a second one ends the program without
/// saving, but not a second hang-up: a closed terminal may send several. Only what is allowed in a
/// signal handler.
void request_stop(int signal) {
  const int before = errno;
  stop_requested = 1;
  std::signal(signal, signal == SIGHUP ? SIG_IGN : SIG_DFL);
  if (speaks != 0) {
    char digits[12], *first = digits + sizeof digits;
    for (auto rest = steps_unsaved; first == digits + sizeof digits || rest > 0; rest /= 10)
      *--first = static_cast<char>('0' + rest % 10);
    const auto put = [](const char* text, std::size_t length) {
      if (::write(STDERR_FILENO, text, length) < 0) return;  // nobody listens any more
    };
    constexpr std::string_view again = "\nSaving; press again to lose ", word = "\nSaving; ", steps = " steps.\n",
                               unsaved = " steps since the last checkpoint.\n";
    put(signal == SIGINT ? again.data() : word.data(), signal == SIGINT ? again.size() : word.size());
    put(first, static_cast<std::size_t>(digits + sizeof digits - first));
    put(signal == SIGINT ? steps.data() : unsaved.data(), signal == SIGINT ? steps.size() : unsaved.size());
  }
  errno = before;
}

/// `rank`: only the first of several processes says anything.
void listen_to_signals(int rank) {
  speaks = rank == 0 ? 1 : 0;
  std::signal(SIGPIPE, SIG_IGN);  // whoever read our words has gone; the work goes on
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  if (std::signal(SIGHUP, request_stop) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);  // nohup
}

/// What was said on the command line; what was not gets a default, or the value that a resumed run
/// was begun with.
struct Arguments {
  std::optional<std::string> data, config, part, init, precision, title, schedule, sampler, out;
  std::optional<int> size, batch, samples;
  std::optional<std::int64_t> steps, checkpoint_every, log_every, evaluate_every, sample_every, warm_up;
  std::optional<std::uint64_t> seed;
  std::optional<double> learning_rate, ema, noise_scale, decay, fine_weight, average_weight, adversarial_weight,
      adversarial_highest;
  std::string device = "cpu";
  int threads = 0;
  bool resume = false;
};

/// Calls visit(name, option) for each of those that a ladder's later parts are begun with.
template <class Visit>
void for_each_kept(Arguments& a, Visit visit) {
  visit("data", a.data);
  visit("init", a.init);
  visit("precision", a.precision);
  visit("title", a.title);
  visit("schedule", a.schedule);
  visit("sampler", a.sampler);
  visit("size", a.size);
  visit("batch", a.batch);
  visit("samples", a.samples);
  visit("steps", a.steps);
  visit("checkpoint_every", a.checkpoint_every);
  visit("log_every", a.log_every);
  visit("evaluate_every", a.evaluate_every);
  visit("sample_every", a.sample_every);
  visit("warm_up", a.warm_up);
  visit("seed", a.seed);
  visit("learning_rate", a.learning_rate);
  visit("ema", a.ema);
  visit("noise_scale", a.noise_scale);
  visit("decay", a.decay);
}

template <class T>
void set(const std::optional<T>& from, T& to) {
  if (from) to = *from;
}

/// How often things are written down, and how much, may be changed at any time.
void set_intervals(const Arguments& a, TrainingSettings& s) {
  set(a.checkpoint_every, s.checkpoint_every);
  set(a.log_every, s.log_every);
  set(a.evaluate_every, s.evaluate_every);
  set(a.sample_every, s.sample_every);
  set(a.samples, s.sample_count);
  set(a.title, s.title);
}

std::string config_of(const Arguments& a, const std::optional<TrainedModel>& init, bool garden) {
  if (a.config) return *a.config;
  if (a.part) return rung(*a.part).config;
  if (init) return init->info.network.name;
  return garden ? "garden" : "botanical";
}

/// What a rung of a ladder is trained on; settings' noise_scale is the whole picture's before.
void set_rung(const Rung& rung, const Sight& sight, TrainingSettings& s) {
  s.part = rung.name;
  s.levels = rung.levels;
  s.averaged = sight.averaged;
  s.crop_of = sight.of;
  s.noise_scale /= sight.averaged;
}

/// What a new run begins with: a model file, or a checkpoint of another run, which also has the
/// discriminator that this one was trained beside.
struct Beginning {
  TrainedModel model;
  std::vector<float> discriminator{};
};

Beginning beginning(const std::string& place) {
  return as_input([&]() -> Beginning {
    const std::filesystem::path from = place;
    if (from.extension() != ".ckpt" && !std::filesystem::is_directory(from)) return {read_model(from)};
    if (holds_ladder(from)) return {read_model(from / "model.onnx")};
    const Checkpoint checkpoint = checkpoint_at(from, say);
    return {
        model_of(state_of(checkpoint), settings_of(checkpoint), checkpoint.state[static_cast<std::size_t>(State::ema)]),
        discriminator_of(checkpoint)};
  });
}

TrainingSettings new_run(const Arguments& a, const Backend& backend, int ranks, std::vector<float>& start) {
  TrainingSettings s;
  s.data = a.data.value_or("garden");
  const bool garden = s.data == "garden";
  std::optional<TrainedModel> init;
  std::vector<float> discriminator;
  if (a.init) {
    Beginning begun = beginning(*a.init);
    init = std::move(begun.model);
    discriminator = std::move(begun.discriminator);
  }
  const std::string config = config_of(a, init, garden);
  const Rung* part = a.part ? &rung(*a.part) : nullptr;
  if (part && !part->follows.empty() && !init)
    throw std::invalid_argument("The part '" + part->name + "' goes on from a trained '" + part->follows +
                                "' one; name its model with --init.");
  const int side = a.size.value_or(part ? 512 : network_config(config).image_size);  // of the whole picture
  const Sight sight = part ? sight_of(*part, side) : Sight(side);
  s.network = part ? network_of_rung(*part, config, side) : network_config(config, sight.side);
  if (init) {
    *init = network_of(*init, config);
    start = adapt_parameters(*init, s.network);
    s.samples_before = init->info.train_samples;
    s.init = *a.init;
  }
  const int usual_batch = side >= 256 ? 8 : 32, usual_steps = side >= 256 ? 20000 : 2500;
  double usual_rate = side >= 512 ? 3e-4 : 5e-4;
  if (garden && side < 512) usual_rate = 1e-3;
  s.batch = ranks * a.batch.value_or(part ? part->batch : usual_batch);
  s.steps = a.steps.value_or(part ? part->steps : usual_steps);
  s.seed = a.seed.value_or(1);
  s.compute = compute_type(a.precision.value_or("auto"), backend);
  s.optimiser.learning_rate = a.learning_rate.value_or(part ? part->learning_rate : usual_rate);
  s.optimiser.ema_decay = a.ema.value_or(part ? part->ema : 0.999);
  set(a.warm_up, s.warm_up);
  set(a.decay, s.decay_share);
  set(a.fine_weight, s.fine_weight);
  s.average_weight = a.average_weight.value_or(part ? part->average_weight : 0);
  s.adversarial_weight = a.adversarial_weight.value_or(part ? part->adversarial_weight : 0);
  s.adversarial_highest = a.adversarial_highest.value_or(part ? part->adversarial_highest : 1);
  if (s.adversarial_weight > 0) start.insert(start.end(), discriminator.begin(), discriminator.end());
  if (s.adversarial_weight > 0) s.optimiser.beta1 = 0.5;  // two networks that answer each other: short memories
  s.noise_scale = a.noise_scale.value_or(side >= 512 ? 2 : 1);
  if (part) set_rung(*part, sight, s);
  s.schedule = Schedule::parse(a.schedule.value_or(side >= 256 ? "shifted:3" : "linear"));
  s.default_sampler = sampler(a.sampler.value_or(side >= 256 ? "extrapolated" : "plain"));
  const int grown_side = s.network.image_size, many = grown_side >= 256 ? 16 : 64;
  s.sample_count = grown_side >= 512 ? 8 : many;
  s.title = garden ? "Garden" : "Botanical";
  set_intervals(a, s);
  return s;
}

template <class T, class U>
void must_agree(const char* flag, const std::optional<T>& said, const U& begun, const TrainingSettings& s) {
  if (!said || *said == begun) return;
  std::ostringstream sentence;
  sentence << flag << " " << *said << " contradicts the run in " << s.out.string() << ", which was begun with " << begun
           << ". Leave " << flag << " away to go on with that run, or begin a new one with another --out"
           << " (--init " << (s.out / "model.onnx").string() << " starts it from what was learned).";
  throw std::invalid_argument(sentence.str());
}

TrainingSettings resumed_run(const Arguments& a, const Backend& backend, int ranks, std::vector<float>& start) {
  TrainingSettings s =
      as_input([&] { return run_settings(a.out ? std::filesystem::path(*a.out) : last_run_folder(), say); });
  const std::string compute = s.compute == Type::bf16 ? "bf16" : "f32";
  if (a.data && (*a.data == "garden" || s.data == "garden")) must_agree("--data", a.data, s.data, s);
  must_agree("--config", a.config, s.network.name, s);
  must_agree("--size", a.size, sight_of(s).view_side(), s);
  must_agree("--part", a.part, s.part, s);
  must_agree("--init", a.init, s.init, s);
  must_agree(ranks > 1 ? "--batch, times the processes:" : "--batch",
             a.batch ? std::optional(*a.batch * ranks) : a.batch, s.batch, s);
  must_agree("--seed", a.seed, s.seed, s);
  must_agree("--learning-rate", a.learning_rate, s.optimiser.learning_rate, s);
  must_agree("--ema", a.ema, s.optimiser.ema_decay, s);
  must_agree("--warm-up", a.warm_up, s.warm_up, s);
  must_agree("--decay", a.decay, s.decay_share, s);
  must_agree("--fine-weight", a.fine_weight, s.fine_weight, s);
  must_agree("--average-weight", a.average_weight, s.average_weight, s);
  must_agree("--adversarial-weight", a.adversarial_weight, s.adversarial_weight, s);
  must_agree("--adversarial-highest", a.adversarial_highest, s.adversarial_highest, s);
  must_agree("--noise-scale", a.noise_scale, s.noise_scale, s);
  must_agree("--schedule", a.schedule, s.schedule.text(), s);
  must_agree("--sampler", a.sampler, name_of(s.default_sampler), s);
  if (a.precision != "auto") must_agree("--precision", a.precision, compute, s);
  const auto done = checkpoint_steps(s.out / "checkpoint");
  if (a.steps && !done.empty() && *a.steps < done.front()) {
    throw std::invalid_argument(
        "The run in " + s.out.string() + " has taken " + std::to_string(done.front()) + " steps already; --steps " +
        std::to_string(*a.steps) +
        " is less. Leave --steps away, or give the number of steps that it shall have in the end.");
  }
  set(a.steps, s.steps);
  set_intervals(a, s);
  if (s.compute == Type::bf16 && backend.preferred_type() != Type::bf16) {
    say("The run was begun in bf16, which this machine does not compute in; going on in f32.");
    s.compute = Type::f32;
  }
  if (done.empty() && !s.init.empty())
    start = adapt_parameters(as_input([&] { return network_of(read_model(s.init), s.network.name); }), s.network);
  return s;
}

/// The place of a folder of pictures, whatever it is called from here; the garden is everywhere.
std::string place_of(const std::string& data) {
  if (data == "garden") return data;
  std::error_code error;
  const auto place = std::filesystem::weakly_canonical(std::filesystem::absolute(data), error);
  if (error) return data;
  return (place.has_filename() ? place : place.parent_path()).string();
}

/// The pictures of a new run, or those of the run that goes on: where they were, or, if they are
/// the same, where --data says that they are now.
std::unique_ptr<PictureSource> pictures_of_run(const Arguments& a, TrainingSettings& s) {
  const std::string begun_with = s.data;
  s.data = place_of(a.resume && a.data ? *a.data : s.data);
  const bool moved = a.resume && s.data != place_of(begun_with);
  std::unique_ptr<PictureSource> source;
  try {
    source = open_source(s.data, say, cache_share(ranks_on_this_machine()));
  } catch (const std::runtime_error& problem) {
    throw std::invalid_argument(
        problem.what() +
        std::string(a.resume && !a.data ? " If the run's pictures have moved, name their new place with --data." : ""));
  }
  if (!a.resume) return source;
  const std::string before = read_inventory(s.out),
                    changes = before.empty() ? "" : difference(before, source->inventory());
  if (moved && !changes.empty())
    throw std::invalid_argument("--data " + *a.data + " does not hold the pictures of the run in " + s.out.string() +
                                ", which was begun with " + begun_with + ": " + changes +
                                ". Name the place where they are, or begin a new run with another --out (--init " +
                                (s.out / "model.onnx").string() + " starts it from what was learned).");
  if (moved && before.empty())
    say("The run does not say which pictures it was begun with; going on with those in " + s.data + ".");
  if (!changes.empty())
    say("The pictures in " + s.data + " have changed since the run was begun: " + changes +
        ". Going on with those that are there now.");
  return source;
}

/// Makes and locks the folder of a new run. Where none was named, it is the first one that nobody
/// has taken meanwhile.
std::unique_ptr<RunLock> take_folder_of_new_run(const Arguments& a, std::filesystem::path& out) {
  const auto taken = [](const std::string& folder) {
    return std::invalid_argument("There is a run in " + folder + " already. Go on with it: --resume --out " + folder +
                                 " (with --steps N to make it longer), or name another folder with --out.");
  };
  if (a.out) {
    if (holds_run(*a.out)) throw taken(*a.out);
    out = *a.out;
    make_folder(out, "--out");
    auto lock = std::make_unique<RunLock>(out);
    if (holds_run(out)) throw taken(*a.out);  // begun and ended since we looked
    return lock;
  }
  const auto last = last_run_folder();
  for (int beyond = 0;; ++beyond) {
    out = next_run_folder(beyond);
    make_folder(out, "--out");
    try {
      auto lock = std::make_unique<RunLock>(out);
      if (holds_run(out)) continue;
      if (!last.empty())
        say("The run in " + last.string() + " is kept as it is (--resume goes on with it); this one gets " +
            out.string() + ".");
      return lock;
    } catch (const std::invalid_argument&) {
      if (beyond >= 1000) throw;
    }
  }
}

/// The live line: on a terminal one line that is written over, elsewhere one line a report.
class ProgressLine {
 public:
  void show(const Progress& p) {
    const auto now = std::chrono::steady_clock::now();
    if (!p.report && (!terminal_ || now - shown_ < std::chrono::milliseconds(500))) return;
    shown_ = now;
    char line[240];
    int length = std::snprintf(line, sizeof line, "step %lld/%lld  loss %.4f", static_cast<long long>(p.step),
                               static_cast<long long>(p.steps), p.loss);
    const auto add = [&](const char* format, auto... values) {
      length += std::snprintf(line + length, sizeof line - static_cast<std::size_t>(length), format, values...);
    };
    if (p.discriminator_loss) add("  told %.3f", *p.discriminator_loss);
    if (p.held_out_loss) add("  held-out %.5f", *p.held_out_loss);
    add("  %.1f samples/s  %s left", p.samples_per_second, time_text(p.seconds_left).c_str());
    if (!terminal_) {
      std::cerr << line << std::endl;
      return;
    }
    winsize window{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1;
    std::cerr << "\r\033[K" << std::string_view(line).substr(0, known ? window.ws_col - 1u : 79u) << std::flush;
  }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  std::chrono::steady_clock::time_point shown_{};
};

/// The cores that may be used are shared out to the ranks on this machine; --threads decides, if it
/// is given. A binding that leaves too few is told.
int threads_of_a_rank(const Arguments& a) {
  const int own = usable_cores(), all = cores_of_parent(), ranks = ranks_on_this_machine();
  const std::string complaint = ranks > 1 ? starved(own, all, ranks) : "";
  if (!complaint.empty() && rank_of_this_process() == 0) say(complaint);
  if (a.threads > own && rank_of_this_process() == 0)
    say("--threads " + std::to_string(a.threads) +
        " is more than the cores that this process may use: " + std::to_string(own) + ".");
  return a.threads > 0 ? a.threads : threads_for(own, ranks > 1 ? all : own, ranks);
}

/// The CPU, or a GPU of this rank's own. When a rank cannot have one, the lowest such rank says
/// why, and the others leave without a word.
std::unique_ptr<Backend> backend_of_rank(const Arguments& a, Ranks& ranks) {
  if (ranks.count() == 1 || a.device != "cuda") return open_backend(a.device, threads_of_a_rank(a));
  const int gpu = rank_on_this_machine();
  const std::string problem = problem_with_gpu(ranks, gpu, cuda_unavailable_reason(gpu), nccl_unavailable_reason());
  const int speaker = lowest_where(ranks, !problem.empty());
  if (speaker == ranks.rank()) throw std::invalid_argument(problem);
  if (speaker < ranks.count()) {
    std::this_thread::sleep_for(
        std::chrono::seconds(10));  // longer than the speaker takes, with which mpirun ends this process too
    std::_Exit(2);
  }
  return cuda_backend(gpu);
}

/// The run's settings, its pictures and, from --init, its first weights; what is wrong with them is
/// known before anything is computed.
TrainingSettings prepared(const Arguments& a, const Backend& backend, int ranks, std::vector<float>& start,
                          std::unique_ptr<PictureSource>& source, std::unique_ptr<RunLock>& lock) {
  if (a.resume && !a.out && last_run_folder().empty())
    throw std::invalid_argument("There is no run here to go on with; name its folder with --out.");
  TrainingSettings s = a.resume ? resumed_run(a, backend, ranks, start) : new_run(a, backend, ranks, start);
  if (s.batch % ranks != 0) {
    throw std::invalid_argument("The run's steps of " + std::to_string(s.batch) +
                                " pictures cannot be shared out evenly to " + std::to_string(ranks) +
                                " processes. Start a number of processes that divides " + std::to_string(s.batch) +
                                ".");
  }
  if (a.resume) {
    make_folder(s.out, "--out");
    lock = std::make_unique<RunLock>(s.out);
  }
  source = pictures_of_run(a, s);
  if (!a.resume) lock = take_folder_of_new_run(a, s.out);
  write_inventory(s.out, source->inventory());
  return s;
}

/// Rank 0 looks at files and decides; the others get its settings. When it cannot, it says why.
TrainingSettings settings_of_all(Ranks& ranks, const std::function<TrainingSettings()>& decide) {
  if (ranks.count() == 1) return decide();
  if (ranks.rank() != 0) {
    const std::string text = broadcast(ranks, "");
    if (text.empty()) throw std::invalid_argument("The first of the processes that train together cannot begin.");
    TrainingSettings s = training_settings_from_json(text);
    s.out = broadcast(ranks, "");
    return s;
  }
  try {
    const TrainingSettings s = decide();
    broadcast(ranks, to_json(s, ""));
    broadcast(ranks, s.out.string());
    return s;
  } catch (...) {
    broadcast(ranks, "");
    throw;
  }
}

TrainingEnd train_network(const Arguments& a, const std::unique_ptr<Backend>& backend,
                          const std::unique_ptr<Ranks>& ranks) {
  std::vector<float> start;
  std::unique_ptr<PictureSource> source;
  std::unique_ptr<RunLock> lock;
  const TrainingSettings s =
      settings_of_all(*ranks, [&] { return prepared(a, *backend, ranks->count(), start, source, lock); });
  const auto say = ranks->rank() == 0 ? florilegium::say : [](const std::string&) {};
  if (!source) source = as_input([&] { return open_source(s.data, say, cache_share(ranks_on_this_machine())); });

  Graph shape;
  build_denoiser(shape, s.network, 1, Type::f32);
  const std::string size = std::to_string(sight_of(s).view_side());
  say("Training '" + s.network.name + "' (" + short_number(static_cast<double>(shape.parameter_elements())) +
      " parameters) on " + source->name() + " at " + size + "x" + size + (s.part.empty() ? "" : ", part " + s.part) +
      ", " + std::to_string(s.steps) + " steps of " + std::to_string(s.batch) + " pictures" +
      (ranks->count() > 1 ? ", shared by " + std::to_string(ranks->count()) + " processes, each" : std::string(",")) +
      " on " + backend->description() + ". Run folder: " + s.out.string());
  listen_to_signals(ranks->rank());
  ProgressLine line;
  const TrainingHooks hooks{[&](const Progress& p) {
                              steps_unsaved = static_cast<std::sig_atomic_t>(p.unsaved);
                              line.show(p);
                            },
                            say, [] { return stop_requested != 0; }};
  const TrainingEnd end = train(*backend, *source, s, start, a.resume, hooks, *ranks);
  if (end == TrainingEnd::stopped)
    say("Stopped and saved. Go on with: florilegium train --resume --out " + s.out.string());
  say((end == TrainingEnd::finished ? "Done. The model: " : "The model so far: ") + (s.out / "model.onnx").string() +
      ", the report: " + (s.out / "report.html").string());
  return end;
}

/// Whether a new run is of all parts of a ladder: for people's pictures, where they are large
/// enough and nothing else is asked for.
bool asks_for_ladder(const Arguments& a) {
  if (a.part || a.config || !a.data || *a.data == "garden" || a.size.value_or(512) < 256) return false;
  return !a.init || !beginning(*a.init).model.coarser.empty();
}

/// Of all ranks; rank 0 looks at files, and its answer is everybody's.
bool ladder_wanted(const Arguments& a, Ranks& ranks) {
  if (!a.resume) return asks_for_ladder(a);
  return !broadcast(ranks, ranks.rank() == 0 && holds_ladder(a.out ? std::filesystem::path(*a.out) : last_run_folder())
                               ? "ladder"
                               : "")
              .empty();
}

/// What the run was begun with, changed by what is said now.
Arguments begun_with(const std::filesystem::path& file, const Arguments& now) {
  Arguments begun = now;
  std::ifstream in(file);
  const auto kept = nlohmann::json::parse(in, nullptr, false);
  if (!kept.is_object())
    throw std::invalid_argument(file.string() + " is damaged; go on with a part of it by --resume --out " +
                                (file.parent_path() / "coarse").string() + ".");
  for_each_kept(begun, [&](const char* name, auto& option) {
    using Value = typename std::decay_t<decltype(option)>::value_type;
    if (option || !kept.contains(name)) return;
    if constexpr (std::is_same_v<Value, std::string>) option = name_of_text(kept.at(name).template get<Value>());
    else option = kept.at(name).template get<Value>();
  });
  return begun;
}

/// The parts of a ladder one after the other, each a run of its own in the run's folder.
TrainingEnd train_ladder(Arguments a, const std::unique_ptr<Backend>& backend, const std::unique_ptr<Ranks>& ranks) {
  const bool leads = ranks->rank() == 0;
  std::filesystem::path out;
  std::unique_ptr<RunLock> lock;
  Arguments all = a;
  if (leads) {
    if (a.resume) {
      out = a.out ? std::filesystem::path(*a.out) : last_run_folder();
      lock = std::make_unique<RunLock>(out);
      all = begun_with(out / "ladder.json", a);
    } else {
      as_input([&] {
        return open_source(
            *a.data, [](const std::string&) {}, 0);
      });
      lock = take_folder_of_new_run(a, out);
    }
    all.data = place_of(*all.data);
    if (all.init) all.init = std::filesystem::absolute(*all.init).string();
    nlohmann::json kept = nlohmann::json::object();
    for_each_kept(all, [&](const char* name, auto& option) {
      if (!option) return;
      if constexpr (std::is_same_v<std::decay_t<decltype(*option)>, std::string>) kept[name] = text_of_name(*option);
      else kept[name] = *option;
    });
    write_durably(out / "ladder.json", kept.dump(2) + "\n");
  }
  for (const Rung& one : rungs()) {
    const auto folder = out / one.name;
    const bool begun = !broadcast(*ranks, leads && holds_run(folder) ? "begun" : "").empty();
    Arguments part = begun ? a : all;
    part.resume = begun;
    part.part = one.name;
    part.out = folder.string();
    if (!begun && !one.guides.empty()) part.init.reset();  // a guide has to have learned little
    if (!begun && !one.follows.empty()) part.init = (out / one.follows / "model.onnx").string();
    if (leads) say("The " + one.name + " part:");
    const TrainingEnd end = train_network(part, backend, ranks);
    if (leads) write_ladder(out, all.title.value_or(""), say);
    if (end == TrainingEnd::stopped) {
      if (leads) say("Go on with: florilegium train --resume --out " + out.string());
      return end;
    }
  }
  if (leads) say("All parts are trained. The model: " + (out / "model.onnx").string());
  return TrainingEnd::finished;
}

int run_train(const Arguments& a) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit shall end in a sentence, as a full disk does
  const auto ranks = ranks_of_this_job();
  const auto backend = backend_of_rank(a, *ranks);
  if (ranks->count() > 1)
    backend->join({ranks->rank(), ranks->count(), [&](std::span<std::byte> bytes) { ranks->broadcast(bytes); }});
  if (ladder_wanted(a, *ranks)) train_ladder(a, backend, ranks);
  else train_network(a, backend, ranks);
  return 0;
}

}  // namespace

Action train_command(CLI::App& app) {
  static Arguments a;
  app.add_option("--data", a.data,
                 "'garden', a plates pack, or a folder of JPEG, PNG and WebP pictures (default: garden)");
  app.add_option("--config", a.config,
                 "network configuration (default: that of --init, else garden for the garden, botanical for pictures)");
  app.add_option(
      "--part", a.part,
      "train one part of a ladder: coarse (plans: 64x64 averages, high noise), plan (the coarse one, "
      "given with --init, once more against a discriminator), guide (a worse one for the same question, from "
      "which the coarse one's answers are kept away), fine (draws: crops, low noise), or sharp (the fine "
      "one, likewise against a discriminator)");
  app.add_option("--size", a.size, "side of the square pictures in pixels (default: the configuration's)")
      ->check(at_least_one());
  app.add_option("--steps", a.steps, "optimiser steps (default: 2500; 20000 from 256 pixels on)")
      ->check(at_least_one());
  app.add_option("--batch", a.batch, "pictures a step of each process (default: 32; 8 from 256 pixels on)")
      ->check(at_least_one());
  app.add_option("--seed", a.seed, "seed of everything random (default: 1)");
  app.add_option("--out", a.out, "run folder (default: run, or the next free one of run-2, run-3, ...)");
  app.add_flag("--resume", a.resume,
               "go on with the run in --out (default: the last one) with its settings; --steps may make it longer");
  app.add_option("--init", a.init,
                 "start from the weights of this .onnx model, or of a run folder or checkpoint (.ckpt), whose "
                 "discriminator comes along");
  add_device_option(app, a.device);
  app.add_option("--threads", a.threads, "CPU threads (default: all cores)")->check(at_least_one());
  app.add_option("--precision", a.precision, "f32, bf16 or auto: bf16 where the CPU has it (default: auto)")
      ->check(CLI::IsMember({"auto", "f32", "bf16"}));
  app.add_option("--checkpoint-every", a.checkpoint_every, "steps between checkpoints (default: 500)")
      ->check(at_least_one());
  app.add_option("--log-every", a.log_every, "steps between reports (default: 20)")->check(at_least_one());
  app.add_option("--evaluate-every", a.evaluate_every, "steps between measurements of the held-out loss (default: 500)")
      ->check(at_least_one());
  app.add_option("--sample-every", a.sample_every, "steps between sample sheets (default: 500)")->check(at_least_one());
  app.add_option("--samples", a.samples, "pictures on a sample sheet (default: 64; fewer for large pictures)")
      ->check(at_least_one());
  app.add_option("--learning-rate", a.learning_rate,
                 "highest learning rate (default: 1e-3 for the garden, else 5e-4; 3e-4 from 512 pixels on)")
      ->check(CLI::PositiveNumber);
  app.add_option("--warm-up", a.warm_up, "steps over which the learning rate rises (default: 300)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--decay", a.decay, "last share of the run over which the learning rate falls to 0 (default: 0.3)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--ema", a.ema, "decay of the weights' moving average (default: 0.999)")
      ->check(CLI::Range(0.0, 0.999999));
  app.add_option("--fine-weight", a.fine_weight,
                 "weight in the loss of errors in the differences of neighbouring pixels: firmer lines (default: 0)")
      ->check(CLI::NonNegativeNumber);
  app.add_option(
         "--average-weight", a.average_weight,
         "weight in the loss of errors in averages over blocks of 16x16 of what the network sees: beside a second "
         "network, as much ink as there should be (default: 0)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--adversarial-weight", a.adversarial_weight,
                 "weight in the loss of being told from real pictures by a second network that is trained beside it: "
                 "sharper answers, for a network that is trained already (with --init; try 0.1; default: 0)")
      ->check(CLI::NonNegativeNumber);
  app.add_option(
         "--adversarial-highest", a.adversarial_highest,
         "noise level above which the second network is not asked, and the answer stays the average of all that "
         "might be (default: 1)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--noise-scale", a.noise_scale, "standard deviation of pure noise (default: 1; 2 from 512 pixels on)")
      ->check(CLI::PositiveNumber);
  app.add_option(
      "--schedule", a.schedule,
      "'linear' or 'shifted:S', for samples and for the model's users (default: linear; shifted:3 from 256 pixels on)");
  app.add_option("--sampler", a.sampler,
                 sampler_list() + ", likewise (default: plain; extrapolated from 256 pixels on)");
  app.add_option("--title", a.title, "the model's name");
  app.footer(
      "Examples:\n"
      "  florilegium train                                        64x64 garden plants, in about five minutes\n"
      "  florilegium train --data photos --size 256 --out roses   pictures of your own: a coarse network, then a fine "
      "one\n"
      "  florilegium train --init models/botanical.onnx --data photos   fine-tune a trained model\n"
      "  florilegium train --resume --out roses --steps 40000     go on, for longer\n"
      "  mpirun -n 4 florilegium train --data photos              four processes together, also of several machines\n"
      "  mpirun -n 2 florilegium train --device cuda              two GPUs, each with a process of its own\n"
      "\n"
      "Ctrl-C saves and stops, and so do SIGTERM and a closed terminal. A resumed run keeps the settings that it was "
      "begun with; --steps, --threads, --title, "
      "--samples\n"
      "and the --...-every may be changed, and --data may say where the same pictures lie now. A longer run's learning "
      "rate is what it would have been from the start.");
  return [] { return run_train(a); };
}

}  // namespace florilegium
