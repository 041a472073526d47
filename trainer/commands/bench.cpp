// florilegium bench: how fast a training step and the growing of a picture are on this machine.
#include <sys/resource.h>  // getrusage

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <thread>
#include <vector>

#include "src/diffusion/noise.h"
#include "trainer/commands/commands.h"
#include "trainer/commands/operator_times.h"
#include "trainer/commands/peer.h"
#include "trainer/data/loader.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/training_step.h"
#include "trainer/onnx/model_file.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string config = "botanical", data = "garden", model, precision = "auto", device = "cpu";
  std::optional<std::string> python;
  int size = 0, batch = 8, threads = 0, repeats = 5;
  bool peer = false;
};

using Clock = std::chrono::steady_clock;

/// Milliseconds of each of `repeats` runs, after one that does not count; sorted.
template <class Work>
std::vector<double> timed(int repeats, Work&& work) {
  work();
  std::vector<double> times;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = Clock::now();
    work();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  return times;
}

double median(const std::vector<double>& sorted) { return sorted[sorted.size() / 2]; }

double peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1000;  // it counts kB
}

void print_operators(const std::vector<OperatorTime>& times) {
  std::printf("\n  %-28s %6s %10s %10s\n", "operator, each alone", "nodes", "ms", "GFLOP/s");
  double sum = 0;
  for (const OperatorTime& t : times) {
    sum += t.milliseconds;
    std::printf("  %-28s %6d %10.2f", t.name.c_str(), t.count, t.milliseconds);
    if (t.gflop > 0) std::printf(" %10.0f", t.gflop / t.milliseconds * 1000);
    std::printf("\n");
  }
  std::printf("  %-28s %6s %10.2f\n", "together", "", sum);
}

double arithmetic(const std::vector<OperatorTime>& times) {
  double gflop = 0;
  for (const OperatorTime& time : times) gflop += time.gflop;
  return gflop;
}

/// GFLOP/s of the machine's own best: a large matrix product and a large 3x3 convolution, each
/// alone.
double limit_of(Backend& backend, Type compute) {
  Graph graph;
  constexpr std::int64_t side = 2048, grid = 32, channels = 256;
  const auto value = [&](const char* name, Shape shape) { return graph.input(name, std::move(shape), compute); };
  const Value x = value("x", {1, side, side}), seen = value("seen", {8, grid, grid, channels});
  linear(graph, x, graph.parameter("linear.weight", {side, side}, {}), graph.parameter("linear.bias", {side}, {}));
  conv2d(graph, seen, graph.parameter("conv.weight", {channels, 3, 3, channels}, {}),
         graph.parameter("conv.bias", {channels}, {}));
  double fastest = 0;
  for (const OperatorTime& time : operator_times(backend, graph))
    if (time.gflop > 0) fastest = std::max(fastest, time.gflop / time.milliseconds * 1000);
  return fastest;
}

TrainingSettings settings_for(const Arguments& a, const Backend& backend) {
  TrainingSettings s;
  s.network = network_config(a.config, a.size);
  s.batch = a.batch;
  s.compute = compute_type(a.precision, backend);
  return s;
}

void start_weights(TrainingStep& step, const TrainingSettings& s) {
  Graph graph;
  build_denoiser(graph, s.network, 1, Type::f32);
  step.program().write_state(State::parameters, initial_parameters(graph, s.seed));
}

std::vector<float> room_for_pictures(const TrainingSettings& s) {
  return std::vector<float>(static_cast<std::size_t>(s.batch) *
                            static_cast<std::size_t>(s.network.image_size * s.network.image_size) * 3);
}

/// PyTorch by the Python that was asked for, or by the first that has it.
std::unique_ptr<Peer> start_peer(const Arguments& a, const TrainingSettings& s) {
  const int threads = a.threads > 0 ? a.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const std::vector<std::string> arguments = {"--config",    a.config,
                                              "--size",      std::to_string(s.network.image_size),
                                              "--batch",     std::to_string(s.batch),
                                              "--threads",   std::to_string(threads),
                                              "--precision", s.compute == Type::bf16 ? "bf16" : "f32",
                                              "--device",    a.device};
  const auto script = peer_script();
  if (a.python) return std::make_unique<Peer>(*a.python, script, arguments);
  try {
    return std::make_unique<Peer>("python3", script, arguments);
  } catch (const std::runtime_error&) { return std::make_unique<Peer>("/usr/bin/python3", script, arguments); }
}

/// Both sides' steps in turn, so that whatever else the machine does slows both.
int bench_beside_peer(const Arguments& a) {
  const auto backend = open_backend(a.device, a.threads);
  const TrainingSettings s = settings_for(a, *backend);
  const auto peer = start_peer(a, s);
  TrainingStep step(*backend, s);
  start_weights(step, s);
  if (const std::int64_t own = step.graph().parameter_elements(); peer->parameters() != own) {
    throw std::runtime_error("The twin has " + std::to_string(peer->parameters()) + " parameters and the network " +
                             std::to_string(own) + ": they are not the same network.");
  }
  std::vector<float> pictures = room_for_pictures(s);
  fill_noise(NoiseKind::uniform, s.seed, 0, 0, pictures);
  std::vector<double> ours, theirs;
  PeerStep last = peer->step();
  step.take(pictures, 1);  // a step of each that does not count
  for (int i = 0; i < a.repeats; ++i) {
    const auto begin = Clock::now();
    step.take(pictures, i + 2);
    ours.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    last = peer->step();
    theirs.push_back(last.milliseconds);
  }
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());

  std::printf(
      "Training '%s' at %dx%d, batch %d, both sides in %s; medians of %d steps in turn (fastest to slowest)\n\n",
      a.config.c_str(), s.network.image_size, s.network.image_size, a.batch, s.compute == Type::bf16 ? "bf16" : "f32",
      a.repeats);
  if (s.compute == Type::f32 && a.precision == "auto")
    std::printf("  This device does not compute in bf16 natively: f32 is compared.\n\n");
  const double peak_of_ours = peak_megabytes(), gflop = arithmetic(operator_times(*backend, step.graph())),
               limit = limit_of(*backend, s.compute);
  const auto line = [&](const char* name, const std::vector<double>& times, double peak) {
    const double speed = gflop / median(times) * 1000;
    std::printf(
        "  %-14s %10.1f ms  (%.1f to %.1f)  %8.2f samples/s  %6.0f GFLOP/s, %.2f of the limit  %8.0f MB at the peak\n",
        name, median(times), times.front(), times.back(), a.batch / median(times) * 1000, speed, speed / limit, peak);
  };
  line("Florilegium", ours, peak_of_ours);
  line("PyTorch", theirs, last.peak_megabytes);
  std::printf("  %-14s %52s  %6.0f GFLOP/s in a large product or convolution of this backend\n", "The limit", "",
              limit);
  std::printf("\n  %.2f times PyTorch's samples/s, fastest steps %.2f times. Florilegium: %s. PyTorch: %s.\n",
              median(theirs) / median(ours), theirs.front() / ours.front(), backend->description().c_str(),
              peer->description().c_str());
  return 0;
}

int bench_train(const Arguments& a) {
  const auto backend = open_backend(a.device, a.threads);
  const TrainingSettings s = settings_for(a, *backend);
  const auto source = as_input([&] { return open_source(a.data, say); });
  TrainingStep step(*backend, s);
  start_weights(step, s);
  std::vector<float> pictures = room_for_pictures(s);
  std::int64_t count = 0;
  std::vector<double> with_loader;
  {
    BatchLoader loader(*source, s.seed, s.batch, s.network.image_size, 0, s.loader_threads);
    with_loader = timed(a.repeats, [&] {
      loader.next(pictures);
      step.take(pictures, ++count);
    });
  }
  const auto alone = timed(a.repeats, [&] { step.take(pictures, ++count); });
  const auto program = timed(a.repeats, [&] {
    step.program().run();
    step.program().wait();
  });
  const double peak = peak_megabytes();
  const auto by_operator = operator_times(*backend, step.graph());
  const double gflop = arithmetic(by_operator), limit = limit_of(*backend, s.compute);

  std::printf("Training '%s' at %dx%d, batch %d, %s, on %s; medians of %d steps (fastest to slowest)\n\n",
              a.config.c_str(), s.network.image_size, s.network.image_size, a.batch,
              s.compute == Type::bf16 ? "bf16" : "f32", backend->description().c_str(), a.repeats);
  const auto line = [&](const char* name, const std::vector<double>& times) {
    std::printf("  %-28s %10.1f ms  (%.1f to %.1f)  %8.2f samples/s\n", name, median(times), times.front(),
                times.back(), a.batch / median(times) * 1000);
  };
  line("step with the loader", with_loader);
  line("step alone", alone);
  line("forward and backward alone", program);
  std::printf(
      "  %-28s %10.1f GFLOP a step, %.0f GFLOP/s: %.2f of the machine's limit, %.0f in a large product or "
      "convolution\n",
      "arithmetic", gflop, gflop / median(program) * 1000, gflop / median(program) * 1000 / limit, limit);
  std::printf("  %-28s %10.0f MB planned; %.0f MB at the peak of the whole program\n", "memory",
              static_cast<double>(step.program().memory_bytes()) / 1e6, peak);
  print_operators(by_operator);
  return 0;
}

int bench_sample(const Arguments& a) {
  const auto backend = open_backend(a.device, a.threads);
  TrainedModel model;
  if (!a.model.empty()) model = as_input([&] { return read_model(a.model); });
  if (a.model.empty()) {
    model.info.network = network_config(a.config, a.size);
    Graph graph;
    build_denoiser(graph, model.info.network, 1, Type::f32);
    model.parameters = initial_parameters(graph, 1);
  }
  const Type compute = a.precision == "bf16" ? Type::bf16 : Type::f32;  // as `sample` does
  ForwardModel forward(*backend, model, 1, compute);
  const int side = model.info.network.image_size;
  std::vector<float> x(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  fill_noise(NoiseKind::gaussian, 7, 0, 0, x);
  std::printf("Denoising one picture at %dx%d, %s, on %s; median of %d steps (fastest to slowest)\n", side, side,
              compute == Type::bf16 ? "bf16" : "f32", backend->description().c_str(), a.repeats);
  const auto bench_network = [&](const NetworkConfig& network, float level) {
    const auto times = timed(a.repeats, [&] { forward.denoise(x, {&level, 1}); });
    Graph graph;
    build_denoiser(graph, network, 1, compute);
    const double gflop = operations(graph) / 1e9;
    std::printf("\n  '%s', at noise level %g\n  %-28s %10.1f ms  (%.1f to %.1f)\n  %-28s %10.1f s\n",
                network.name.c_str(), static_cast<double>(level), "one step", median(times), times.front(),
                times.back(), "20 such steps", median(times) / 50);
    std::printf("  %-28s %10.1f GFLOP a step, %.0f GFLOP/s\n", "arithmetic", gflop, gflop / median(times) * 1000);
    print_operators(operator_times(*backend, graph));
  };
  float level = 1;
  for (const CoarserNetwork& one : model.coarser) {
    bench_network(one.network, level);
    level = static_cast<float>(one.from_level);
  }
  bench_network(model.info.network, level);
  std::printf("  %-28s %10.0f MB at the peak\n", "memory", peak_megabytes());
  return 0;
}

}  // namespace

Action bench_command(CLI::App& app) {
  static Arguments a;
  app.require_subcommand(1);
  CLI::App* training =
      app.add_subcommand("train", "Training steps, with and without the loader, and operator by operator");
  CLI::App* sampling = app.add_subcommand("sample", "Denoising steps of one picture");
  for (CLI::App* sub : {training, sampling}) {
    sub->add_option("--config", a.config, "network configuration")->capture_default_str();
    sub->add_option("--size", a.size, "side of the pictures in pixels (default: the configuration's)")
        ->check(at_least_one());
    sub->add_option("--precision", a.precision, "f32, bf16 or auto")
        ->check(CLI::IsMember({"auto", "f32", "bf16"}))
        ->capture_default_str();
    add_device_option(*sub, a.device);
    sub->add_option("--threads", a.threads, "CPU threads (default: all cores)")->check(at_least_one());
    sub->add_option("--repeats", a.repeats, "steps that are measured")->check(at_least_one())->capture_default_str();
  }
  training->add_option("--data", a.data, "'garden', a pack or a folder, for the loader")->capture_default_str();
  training->add_option("--batch", a.batch, "pictures a step")->check(at_least_one())->capture_default_str();
  sampling->add_option("--model", a.model, "measure this .onnx model's network instead of --config");
  training->add_flag(
      "--peer", a.peer,
      "train the same network with PyTorch in turn and show the ratio (needs PyTorch and the repository)");
  training->add_option("--python", a.python, "the Python that has PyTorch, for --peer (default: python3)");
  training->footer("Examples:\n  florilegium bench train --config garden --batch 32\n  florilegium bench train --peer");
  sampling->footer("Example:\n  florilegium bench sample --config botanical --threads 1");
  app.footer("Examples:\n  florilegium bench train --config garden --batch 32\n  florilegium bench sample --threads 1");
  return [training] {
    if (!training->parsed()) return bench_sample(a);
    return a.peer ? bench_beside_peer(a) : bench_train(a);
  };
}

}  // namespace florilegium
