// florilegium bench: how fast a training step and the growing of a picture are on this machine.
#include <sys/resource.h>  // getrusage

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <vector>

#include "src/diffusion/noise.h"
#include "trainer/commands/commands.h"
#include "trainer/commands/operator_times.h"
#include "trainer/data/loader.h"
#include "trainer/graph/operators.h"
#include "trainer/learn/forward_model.h"
#include "trainer/learn/training_step.h"
#include "trainer/onnx/model_file.h"

namespace florilegium {
namespace {

struct Arguments {
  std::string config = "botanical", data = "garden", model, precision = "auto", device = "cpu";
  int size = 0, batch = 8, threads = 0, repeats = 5;
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

Type compute_type(const Arguments& a, const Backend& backend) {
  if (a.precision == "auto") return backend.preferred_type();
  return a.precision == "bf16" ? Type::bf16 : Type::f32;
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

int bench_train(const Arguments& a) {
  const auto backend = open_backend(a.device, a.threads);
  TrainingSettings s;
  s.network = network_config(a.config, a.size);
  s.batch = a.batch;
  s.compute = compute_type(a, *backend);
  const auto source = as_input([&] { return open_source(a.data, say); });
  TrainingStep step(*backend, s);
  {
    Graph graph;
    build_denoiser(graph, s.network, 1, Type::f32);
    step.program().write_state(State::parameters, initial_parameters(graph, s.seed));
  }
  std::vector<float> pictures(static_cast<std::size_t>(a.batch) * static_cast<std::size_t>(s.network.image_size * s.network.image_size) * 3);
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
  double gflop = 0;
  for (const OperatorTime& time : by_operator) gflop += time.gflop;

  std::printf("Training '%s' at %dx%d, batch %d, %s, on %s; medians of %d steps (fastest to slowest)\n\n", a.config.c_str(), s.network.image_size, s.network.image_size, a.batch,
              s.compute == Type::bf16 ? "bf16" : "f32", backend->description().c_str(), a.repeats);
  const auto line = [&](const char* name, const std::vector<double>& times) {
    std::printf("  %-28s %10.1f ms  (%.1f to %.1f)  %8.2f samples/s\n", name, median(times), times.front(), times.back(), a.batch / median(times) * 1000);
  };
  line("step with the loader", with_loader);
  line("step alone", alone);
  line("forward and backward alone", program);
  std::printf("  %-28s %10.1f GFLOP a step, %.0f GFLOP/s\n", "arithmetic", gflop, gflop / median(program) * 1000);
  std::printf("  %-28s %10.0f MB planned; %.0f MB at the peak of the whole program\n", "memory", static_cast<double>(step.program().memory_bytes()) / 1e6, peak);
  print_operators(by_operator);
  return 0;
}

int bench_sample(const Arguments& a) {
  const auto backend = open_backend(a.device, a.threads);
  TrainedModel model;
  if (!a.model.empty()) model = as_input([&] { return read_model(a.model); });
  const NetworkConfig network = a.model.empty() ? network_config(a.config, a.size) : model.info.network;
  const Type compute = a.precision == "bf16" ? Type::bf16 : Type::f32;  // as `sample` does
  ForwardModel forward(*backend, network, 1, compute);
  Graph graph;
  build_denoiser(graph, network, 1, compute);
  forward.set_parameters(a.model.empty() ? initial_parameters(graph, 1) : model.parameters);
  std::vector<float> x(static_cast<std::size_t>(network.image_size * network.image_size) * 3);
  fill_noise(NoiseKind::gaussian, 7, 0, 0, x);
  const std::vector<float> level = {0.9f};
  const auto times = timed(a.repeats, [&] { forward.denoise(x, level); });
  const double gflop = operations(graph) / 1e9;
  std::printf("Denoising one picture with '%s' at %dx%d, %s, on %s; median of %d steps (fastest to slowest)\n\n", network.name.c_str(), network.image_size, network.image_size,
              compute == Type::bf16 ? "bf16" : "f32", backend->description().c_str(), a.repeats);
  std::printf("  %-28s %10.1f ms  (%.1f to %.1f)\n  %-28s %10.1f s\n", "one step", median(times), times.front(), times.back(), "a picture in 20 steps", median(times) / 50);
  std::printf("  %-28s %10.1f GFLOP a step, %.0f GFLOP/s\n  %-28s %10.0f MB at the peak\n", "arithmetic", gflop, gflop / median(times) * 1000, "memory", peak_megabytes());
  print_operators(operator_times(*backend, graph));
  return 0;
}

}  // namespace

Action bench_command(CLI::App& app) {
  static Arguments a;
  app.require_subcommand(1);
  CLI::App* training = app.add_subcommand("train", "Training steps, with and without the loader, and operator by operator");
  CLI::App* sampling = app.add_subcommand("sample", "Denoising steps of one picture");
  for (CLI::App* sub : {training, sampling}) {
    sub->add_option("--config", a.config, "network configuration")->capture_default_str();
    sub->add_option("--size", a.size, "side of the pictures in pixels (default: the configuration's)")->check(at_least_one());
    sub->add_option("--precision", a.precision, "f32, bf16 or auto")->check(CLI::IsMember({"auto", "f32", "bf16"}))->capture_default_str();
    add_device_option(*sub, a.device);
    sub->add_option("--threads", a.threads, "CPU threads (default: all cores)")->check(at_least_one());
    sub->add_option("--repeats", a.repeats, "steps that are measured")->check(at_least_one())->capture_default_str();
  }
  training->add_option("--data", a.data, "'garden', a pack or a folder, for the loader")->capture_default_str();
  training->add_option("--batch", a.batch, "pictures a step")->check(at_least_one())->capture_default_str();
  sampling->add_option("--model", a.model, "measure this .onnx model's network instead of --config");
  training->footer("Example:\n  florilegium bench train --config garden --batch 32");
  sampling->footer("Example:\n  florilegium bench sample --config botanical --threads 1");
  app.footer("Examples:\n  florilegium bench train --config garden --batch 32\n  florilegium bench sample --threads 1");
  return [training] { return training->parsed() ? bench_train(a) : bench_sample(a); };
}

}  // namespace florilegium
