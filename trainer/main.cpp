// florilegium: the command line. Exit status 0 done, 1 failed while working, 2 the arguments or inputs are wrong.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "src/image/png.h"
#include "trainer/backend/backend.h"
#include "trainer/learn/forward_model.h"
#include "trainer/learn/training.h"

namespace florilegium {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

void request_stop(int) { stop_requested = 1; }

struct TrainArguments {
  std::string data = "garden", config, out = "run", init, device = "cpu", precision = "auto", title, schedule;
  int size = 0, batch = 0, threads = 0, sample_count = 0;
  std::int64_t steps = 0, checkpoint_every = 500, log_every = 20, evaluate_every = 500, sample_every = 500, warm_up = 300;
  std::uint64_t seed = 1;
  double learning_rate = 0, ema_decay = 0.999, noise_scale = 0, decay_share = 0.3;
  bool resume = false;
};

std::string time_text(double seconds) {
  char text[32];
  const auto s = static_cast<long>(seconds);
  if (s >= 3600) std::snprintf(text, sizeof text, "%ld h %02ld min", s / 3600, s / 60 % 60);
  else std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

int run_train(const TrainArguments& a) {
  if (a.device != "cpu") throw std::invalid_argument("This build trains on the CPU only; leave --device " + a.device + " away.");
  const auto backend = cpu_backend(a.threads);
  TrainingSettings s;
  const bool garden = a.data == "garden";
  std::vector<float> start;
  std::optional<TrainedModel> init;
  if (!a.init.empty()) init = read_model(a.init);
  s.network = network_config(!a.config.empty() ? a.config : init ? init->info.network.name : garden ? "garden" : "botanical", a.size);
  if (init) {
    start = adapt_parameters(*init, s.network);
    s.samples_before = init->info.train_samples;
  }
  const int size = s.network.image_size;
  s.out = a.out;
  s.data = a.data;
  s.batch = a.batch > 0 ? a.batch : size >= 256 ? 8 : 32;
  s.steps = a.steps > 0 ? a.steps : size >= 256 ? 20000 : 2500;
  s.seed = a.seed;
  s.optimiser.learning_rate = a.learning_rate > 0 ? a.learning_rate : size >= 512 ? 3e-4 : garden ? 1e-3 : 5e-4;
  s.optimiser.ema_decay = a.ema_decay;
  s.warm_up = a.warm_up;
  s.decay_share = a.decay_share;
  s.noise_scale = a.noise_scale > 0 ? a.noise_scale : size >= 512 ? 2 : 1;
  s.schedule = Schedule::parse(!a.schedule.empty() ? a.schedule : size >= 256 ? "shifted:3" : "linear");
  s.checkpoint_every = a.checkpoint_every;
  s.log_every = a.log_every;
  s.evaluate_every = a.evaluate_every;
  s.sample_every = a.sample_every;
  s.sample_count = a.sample_count > 0 ? a.sample_count : size >= 512 ? 8 : size >= 256 ? 16 : 64;
  s.title = !a.title.empty() ? a.title : garden ? "Garden" : "Botanical";
  if (a.precision == "auto") s.compute = backend->preferred_type();
  else s.compute = a.precision == "bf16" ? Type::bf16 : Type::f32;

  const auto say = [](const std::string& sentence) { std::cerr << "\r\033[K" << sentence << std::endl; };
  const auto source = open_source(a.data, say);
  Graph shape;
  build_denoiser(shape, s.network, 1, Type::f32);
  say("Training '" + s.network.name + "' (" + std::to_string(shape.parameter_elements()) + " parameters) on " + source->name() + " at " + std::to_string(size) + "x" + std::to_string(size) +
      ", " + std::to_string(s.steps) + " steps of " + std::to_string(s.batch) + " pictures, on " + backend->description() + ". Run folder: " + s.out.string());

  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  TrainingHooks hooks;
  hooks.say = say;
  hooks.stop = [] { return stop_requested != 0; };
  const bool terminal = isatty(STDERR_FILENO) != 0;
  hooks.progress = [&](const Progress& p) {
    char line[200];
    int length = std::snprintf(line, sizeof line, "step %lld/%lld  loss %.4f  %.1f samples/s  %s left", static_cast<long long>(p.step), static_cast<long long>(p.steps), p.loss,
                               p.samples_per_second, time_text(p.seconds_left).c_str());
    if (p.held_out_loss) length += std::snprintf(line + length, sizeof line - static_cast<std::size_t>(length), "  held-out loss %.5f", *p.held_out_loss);
    std::cerr << (terminal ? "\r\033[K" : "") << line << (terminal && !p.held_out_loss ? "" : "\n") << std::flush;
  };
  const TrainingEnd end = train(*backend, *source, s, start, a.resume, hooks);
  say(end == TrainingEnd::finished ? "Done: " + (s.out / "model.onnx").string() : "Stopped and saved; go on with --resume and the same arguments.");
  return 0;
}

struct SampleArguments {
  std::string model, out = "sample.png", sampler = "plain", schedule;
  std::uint64_t seed = 7;
  int count = 1, steps = 0, threads = 0;
};

int run_sample(const SampleArguments& a) {
  const TrainedModel model = read_model(a.model);
  const auto backend = cpu_backend(a.threads);
  ForwardModel forward(*backend, model.info.network, 1, Type::f32);
  forward.set_parameters(model.parameters);
  GrowSettings settings{model.info.noise, model.info.noise_scale, a.schedule.empty() ? model.info.schedule : Schedule::parse(a.schedule), a.steps > 0 ? a.steps : model.info.default_steps,
                        sampler(a.sampler)};
  const std::filesystem::path out = a.out;
  const bool one_file = out.extension() == ".png";
  if (one_file && a.count > 1) throw std::invalid_argument("--out names one PNG file but --count asks for " + std::to_string(a.count) + " pictures; give a folder.");
  if (!one_file) std::filesystem::create_directories(out);
  for (int i = 0; i < a.count; ++i) {
    const std::uint64_t seeds[] = {a.seed + static_cast<std::uint64_t>(i)};
    const Picture picture = grow(forward, settings, seeds)[0];
    const auto file = one_file ? out : out / ("seed-" + std::to_string(seeds[0]) + ".png");
    write_png(file, picture, {{"Software", "Florilegium"}, {"florilegium.seed", std::to_string(seeds[0])}, {"florilegium.steps", std::to_string(settings.steps)},
                              {"florilegium.sampler", std::string(name_of(settings.sampler))}, {"florilegium.model", model.info.title}});
    std::cout << file.string() << std::endl;
  }
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Florilegium: trains small diffusion models natively and grows pictures with them."};
  app.require_subcommand(1);
  const auto every = CLI::Range(std::int64_t{1}, std::int64_t{1} << 40);
  const auto some = CLI::Range(1, 1 << 20);

  TrainArguments t;
  CLI::App* training = app.add_subcommand("train", "Train a model; with no arguments: 64x64 garden plants in about five minutes");
  training->add_option("--data", t.data, "'garden', a plates pack, or a folder of JPEG and PNG pictures")->capture_default_str();
  training->add_option("--config", t.config, "network configuration (default: garden for the garden, else botanical)");
  training->add_option("--size", t.size, "side of the square pictures in pixels (default: the configuration's)")->check(some);
  training->add_option("--steps", t.steps, "optimiser steps")->check(every);
  training->add_option("--batch", t.batch, "pictures a step")->check(some);
  training->add_option("--seed", t.seed, "seed of everything random")->capture_default_str();
  training->add_option("--out", t.out, "run folder")->capture_default_str();
  training->add_flag("--resume", t.resume, "go on from the newest checkpoint in the run folder");
  training->add_option("--init", t.init, "start from the weights of this .onnx model");
  training->add_option("--device", t.device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}))->capture_default_str();
  training->add_option("--threads", t.threads, "CPU threads (default: all cores)")->check(some);
  training->add_option("--precision", t.precision, "auto (bf16 where the CPU has it), f32 or bf16")->check(CLI::IsMember({"auto", "f32", "bf16"}))->capture_default_str();
  training->add_option("--checkpoint-every", t.checkpoint_every, "steps between checkpoints")->check(every)->capture_default_str();
  training->add_option("--log-every", t.log_every, "steps between reports")->check(every)->capture_default_str();
  training->add_option("--evaluate-every", t.evaluate_every, "steps between measurements of the held-out loss")->check(every)->capture_default_str();
  training->add_option("--sample-every", t.sample_every, "steps between sample sheets")->check(every)->capture_default_str();
  training->add_option("--samples", t.sample_count, "pictures on a sample sheet")->check(some);
  training->add_option("--learning-rate", t.learning_rate, "highest learning rate")->check(CLI::PositiveNumber);
  training->add_option("--warm-up", t.warm_up, "steps over which the learning rate rises")->capture_default_str();
  training->add_option("--decay", t.decay_share, "last share of the run over which the learning rate falls to 0")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  training->add_option("--ema", t.ema_decay, "decay of the weights' moving average")->check(CLI::Range(0.0, 0.999999))->capture_default_str();
  training->add_option("--noise-scale", t.noise_scale, "standard deviation of pure noise (default: 2 from 512 pixels on, else 1)")->check(CLI::PositiveNumber);
  training->add_option("--schedule", t.schedule, "'linear' or 'shifted:S', for samples and for the model's users");
  training->add_option("--title", t.title, "the model's name");

  SampleArguments p;
  CLI::App* sampling = app.add_subcommand("sample", "Grow pictures with a model");
  sampling->add_option("--model", p.model, ".onnx file of this project")->required();
  sampling->add_option("--seed", p.seed, "seed of the first picture")->capture_default_str();
  sampling->add_option("--count", p.count, "pictures, with seeds one after the other")->check(some)->capture_default_str();
  sampling->add_option("--steps", p.steps, "denoising steps (default: the model's)")->check(some);
  sampling->add_option("--sampler", p.sampler, "plain, extrapolated or heun")->capture_default_str();
  sampling->add_option("--schedule", p.schedule, "'linear' or 'shifted:S' (default: the model's)");
  sampling->add_option("--threads", p.threads, "CPU threads (default: all cores)")->check(some);
  sampling->add_option("--out", p.out, "PNG file, or a folder")->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  if (training->parsed()) return run_train(t);
  return run_sample(p);
}

}  // namespace
}  // namespace florilegium

int main(int argc, char** argv) {
  try {
    return florilegium::run(argc, argv);
  } catch (const std::invalid_argument& problem) {
    std::cerr << "florilegium: " << problem.what() << std::endl;
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "florilegium: " << problem.what() << std::endl;
    return 1;
  }
}
