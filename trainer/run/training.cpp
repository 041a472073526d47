#include "trainer/run/training.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "src/files/write_file.h"
#include "src/image/png.h"
#include "src/image/sheet.h"
#include "trainer/data/loader.h"
#include "trainer/learn/evaluation.h"
#include "trainer/learn/training_step.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/report.h"
#include "trainer/run/run_log.h"
#include "trainer/run/run_state.h"
#include "trainer/sample/forward_model.h"

namespace florilegium {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// A stop was asked for while samples grew.
struct BrokenOff {};

/// Going back again and again did not help.
struct GivenUp : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Run {
 public:
  Run(Backend& backend, const PictureSource& source, const TrainingSettings& settings, const TrainingHooks& hooks,
      Ranks& ranks)
      : backend_(backend),
        source_(source),
        s_(settings),
        hooks_(hooks),
        ranks_(ranks),
        step_(backend, settings, ranks) {
    if (leads()) forward_.emplace(backend, settings.network, std::min(settings.batch, 8), settings.compute);
  }

  void begin(std::span<const float> start);
  void resume(const Checkpoint& checkpoint);
  void follow();  // what ranks other than 0 do instead of the two
  TrainingEnd go();
  /// What to add to a problem: how far training came, and how to go on.
  std::string advice() const;

 private:
  bool leads() const { return ranks_.rank() == 0; }
  void share_state();
  void restore(const Checkpoint& checkpoint);
  void open_run_folder();
  void start_loader();
  void roll_back(const std::string& trouble);
  bool write_down(double learning_rate, bool stop);
  std::optional<Evaluation> evaluate_now();
  void report_now(double learning_rate, const std::optional<Evaluation>& evaluation);
  std::filesystem::path sheet() const;
  bool save_samples();
  void save_checkpoint();
  void write_report();
  void tell_progress(bool report);
  double seconds() const { return seconds_before_ + seconds_since(begin_); }
  std::vector<float> averaged_parameters() const;
  std::filesystem::path checkpoints() const { return s_.out / "checkpoint"; }

  Backend& backend_;
  const PictureSource& source_;
  const TrainingSettings& s_;
  const TrainingHooks& hooks_;
  Ranks& ranks_;
  TrainingStep step_;
  std::optional<ForwardModel> forward_;  // of rank 0
  RunState state_;
  std::unique_ptr<BatchLoader> loader_;
  std::unique_ptr<RunLog> log_;
  std::int64_t saved_step_ = -1;  // of the newest checkpoint

  Clock::time_point begin_ = Clock::now();                 // of this part of the run
  double seconds_before_ = 0, training_seconds_ = 0;       // before this part; in steps since the last report
  std::int64_t steps_since_report_ = 0, steps_taken_ = 0;  // steps_taken_: in this part
  double shown_loss_ = 0, shown_rate_ = 0;                 // for the progress line
  std::optional<double> shown_discriminator_loss_;
};

/// The idea, as a loop: pictures, one step on them, and a note of how it went.
TrainingEnd Run::go() {
  std::vector<float> pictures(static_cast<std::size_t>(step_.share()) *
                              static_cast<std::size_t>(s_.network.image_size * s_.network.image_size) * 3);
  std::vector<ViewKind> kinds(static_cast<std::size_t>(step_.share()));
  while (state_.step < s_.steps) {
    const auto step_begin = Clock::now();
    loader_->next(pictures, kinds);
    const StepResult result = step_.take(pictures, state_.step + 1, state_.learning_rate_factor, kinds);
    ++state_.step;
    state_.tally.add(result);
    training_seconds_ += seconds_since(step_begin);
    ++steps_since_report_;
    ++steps_taken_;

    const std::string trouble = state_.watch.look(result.loss, result.grey_loss, result.finite);
    if (!trouble.empty()) {
      if (leads()) roll_back(trouble);
      share_state();
      start_loader();
      continue;
    }
    if (!result.finite)
      hooks_.say("Step " + std::to_string(state_.step) + " was skipped: its loss or gradient is not a finite number.");
    bool stop = on_any(ranks_, hooks_.stop());
    if (leads()) stop = write_down(result.learning_rate, stop);
    if (stop && state_.step < s_.steps) return TrainingEnd::stopped;
  }
  if (leads()) write_report();
  return TrainingEnd::finished;
}

/// Of the denoiser alone.
std::vector<float> Run::averaged_parameters() const {
  std::vector<float> parameters = step_.program().read_state(State::ema);
  parameters.resize(static_cast<std::size_t>(step_.denoiser_parameters()));
  return parameters;
}

/// Gives all ranks the weights and the state of rank 0.
void Run::share_state() {
  if (ranks_.count() == 1) return;
  Checkpoint shared;
  shared.notes = broadcast(ranks_, leads() ? checkpoint_notes(state_, s_, backend_.description()) : std::string());
  shared.step = state_.step;
  ranks_.broadcast(std::as_writable_bytes(std::span(&shared.step, 1)));
  for (std::size_t i = 0; i < shared.state.size(); ++i) {
    shared.state[i] = step_.program().read_state(static_cast<State>(i));
    ranks_.broadcast(std::as_writable_bytes(std::span(shared.state[i])));
  }
  if (!leads()) restore(shared);
}

void Run::follow() {
  share_state();
  start_loader();
}

std::string Run::advice() const {
  std::string text = " Training has stopped after step " + std::to_string(state_.step);
  if (!leads()) return text + "; --resume --out " + s_.out.string() + " goes on from the newest checkpoint.";
  if (saved_step_ < 0) return text + ", before the first checkpoint.";
  return text + "; the checkpoint of step " + std::to_string(saved_step_) + " is whole, and --resume --out " +
         s_.out.string() + " goes on from it.";
}

void Run::begin(std::span<const float> start) {
  std::vector<float> initial = initial_parameters(step_.graph(), s_.seed);
  std::copy(start.begin(), start.end(), initial.begin());
  step_.program().write_state(State::parameters, initial);
  step_.program().write_state(State::ema, initial);
  state_.trained_on = source_.name();
  std::filesystem::remove_all(checkpoints());
  open_run_folder();
  save_checkpoint();
  share_state();
  start_loader();
}

void Run::resume(const Checkpoint& checkpoint) {
  restore(checkpoint);
  seconds_before_ = state_.seconds;
  saved_step_ = state_.step;
  remove_checkpoints_after(checkpoints(), state_.step);
  open_run_folder();
  share_state();
  start_loader();
  hooks_.say("Resuming after step " + std::to_string(state_.step) + ".");
  const bool due = state_.step > 0 && (state_.step % s_.sample_every == 0 || state_.step == s_.steps);
  if (due && !std::filesystem::exists(sheet())) save_samples();
}

void Run::restore(const Checkpoint& checkpoint) {
  for (std::size_t i = 0; i < checkpoint.state.size(); ++i)
    step_.program().write_state(static_cast<State>(i), checkpoint.state[i]);
  state_ = state_of(checkpoint);
}

void Run::open_run_folder() {
  std::filesystem::create_directories(s_.out / "samples");
  write_durably(s_.out / "config.json", to_json(s_, backend_.description()) + "\n");
  log_ = std::make_unique<RunLog>(s_.out / "log.jsonl", state_.step);
}

void Run::start_loader() {
  const auto batch = static_cast<std::uint64_t>(s_.batch), first = static_cast<std::uint64_t>(step_.first_picture());
  loader_ =
      std::make_unique<BatchLoader>(source_, s_.seed, step_.share(), sight_of(s_),
                                    static_cast<std::uint64_t>(state_.step) * batch + first, s_.loader_threads, batch);
}

/// Back to the newest checkpoint, and on from there with half the learning rate. Every second time
/// in a row that checkpoint itself is suspected, and the one before it is taken.
void Run::roll_back(const std::string& trouble) {
  const std::int64_t from = state_.step;
  const int in_a_row = state_.roll_backs_in_a_row + 1;
  const double factor = state_.learning_rate_factor / 2;
  if (in_a_row > roll_backs_allowed) {
    throw GivenUp("Training was given up at step " + std::to_string(from) + ": " + trouble +
                  ", and it did not help to go back " + std::to_string(roll_backs_allowed) +
                  " times and halve the learning rate each time. The checkpoint of step " +
                  std::to_string(saved_step_) + " is whole; begin a new run with a lower --learning-rate.");
  }
  auto found = newest_checkpoint(checkpoints(), hooks_.say);
  if (!found)
    throw std::runtime_error("At step " + std::to_string(from) + " " + trouble +
                             ", and there is no whole checkpoint to go back to.");
  std::vector<RollBack> earlier = state_of(*found).roll_backs;
  if (in_a_row % 2 == 0)
    if (auto older = newest_checkpoint(checkpoints(), hooks_.say, found->step)) found = std::move(older);
  remove_checkpoints_after(checkpoints(), found->step);

  restore(*found);
  state_.roll_backs = std::move(earlier);
  state_.roll_backs.push_back({from, state_.step, trouble, factor});
  state_.learning_rate_factor = factor;
  state_.roll_backs_in_a_row = in_a_row;
  state_.trouble_step = from;
  char factor_text[32];
  std::snprintf(factor_text, sizeof factor_text, "%g", factor);
  hooks_.say("At step " + std::to_string(from) + " " + trouble + ": back to step " + std::to_string(state_.step) +
             ", and on with " + factor_text + " times the learning rate.");
  log_ = nullptr;
  open_run_folder();
  save_checkpoint();  // with the new factor, so that a resumed run knows it
  training_seconds_ = 0;
  steps_since_report_ = 0;
}

/// What is due after a step. The checkpoint comes last: what a resumed run does not do again is
/// then all there; a sheet of samples that a stop left out is drawn when the run goes on. Gives
/// whether to stop: a stop that is asked for while samples grow is taken at once where nobody waits
/// for another step.
bool Run::write_down(double learning_rate, bool stop) {
  const bool last = state_.step == s_.steps;
  const auto due = [&](std::int64_t every) { return last || state_.step % every == 0; };
  const auto evaluation = due(s_.evaluate_every) ? evaluate_now() : std::nullopt;
  const bool report = due(s_.log_every) || evaluation;
  if (report) report_now(learning_rate, evaluation);
  tell_progress(report);
  if (due(s_.sample_every) && !stop) stop = !save_samples() && ranks_.count() == 1;
  if (due(s_.checkpoint_every) || stop) {
    write_model(s_.out / "model.onnx", model_of(state_, s_, step_.program().read_state(State::ema)),
                WeightPrecision::f32);
    save_checkpoint();
  }
  if (evaluation || due(s_.sample_every) || stop) write_report();
  return stop;
}

std::optional<Evaluation> Run::evaluate_now() {
  if (source_.held_out_count() == 0) return {};
  forward_->set_parameters(averaged_parameters());
  const Evaluation evaluation = evaluate(*forward_, source_, s_);
  state_.held_out_loss = evaluation.held_out_loss();
  return evaluation;
}

void Run::report_now(double learning_rate, const std::optional<Evaluation>& evaluation) {
  const Tally& t = state_.tally;
  const auto steps = static_cast<double>(std::max<std::int64_t>(1, t.steps));
  LogEntry entry;
  entry.step = state_.step;
  entry.samples = s_.samples_before + state_.step * s_.batch;
  entry.loss = t.loss / steps;
  entry.gradient_norm = t.gradient_norm / steps;
  if (s_.adversarial_weight > 0) entry.discriminator_loss = t.discriminator_loss / steps;
  entry.learning_rate = learning_rate;
  for (std::size_t band = 0; band < noise_bands; ++band)
    if (t.count[band] > 0) entry.loss_by_band[band] = t.squared_error[band] / t.count[band];
  entry.skipped_steps = t.skipped;
  entry.roll_backs = state_.roll_backs;
  entry.evaluation = evaluation;
  entry.samples_per_second = static_cast<double>(steps_since_report_ * s_.batch) / std::max(1e-9, training_seconds_);
  entry.seconds = seconds();
  log_->append(entry);

  shown_loss_ = entry.loss;
  shown_discriminator_loss_ = entry.discriminator_loss;
  shown_rate_ = entry.samples_per_second;
  state_.tally = {};
  state_.roll_backs.clear();
  training_seconds_ = 0;
  steps_since_report_ = 0;
}

void Run::tell_progress(bool report) {
  Progress p;
  p.step = state_.step;
  p.steps = s_.steps;
  p.samples = s_.samples_before + state_.step * s_.batch;
  p.loss = state_.tally.steps > 0 && shown_rate_ == 0 ? state_.tally.loss / static_cast<double>(state_.tally.steps)
                                                      : shown_loss_;
  p.samples_per_second = shown_rate_ > 0
                             ? shown_rate_
                             : static_cast<double>(steps_since_report_ * s_.batch) / std::max(1e-9, training_seconds_);
  p.seconds_left = seconds_since(begin_) / static_cast<double>(std::max<std::int64_t>(1, steps_taken_)) *
                   static_cast<double>(s_.steps - state_.step);
  p.discriminator_loss = shown_discriminator_loss_;
  if (state_.held_out_loss > 0) p.held_out_loss = state_.held_out_loss;
  p.unsaved = state_.step - saved_step_;
  p.report = report;
  hooks_.progress(p);
}

std::filesystem::path Run::sheet() const {
  char name[40];
  std::snprintf(name, sizeof name, "step-%09lld.png", static_cast<long long>(state_.step));
  return s_.out / "samples" / name;
}

/// False when a stop was asked for before they had grown; there is no sheet then.
bool Run::save_samples() try {
  forward_->set_parameters(averaged_parameters());
  std::vector<std::uint64_t> seeds;
  for (int i = 1; i <= s_.sample_count; ++i) seeds.push_back(static_cast<std::uint64_t>(i));
  const GrowSettings settings{s_.noise, s_.noise_scale, s_.schedule, s_.default_steps, s_.default_sampler};
  const auto each_step = [&](std::size_t, const Denoising&) {
    if (hooks_.stop()) throw BrokenOff();
  };
  std::vector<Picture> pictures;
  if (s_.levels.highest < 1) {  // of low noise only: redraws plates that are held out
    std::vector<std::vector<float>> plates;
    const auto side = static_cast<std::size_t>(s_.network.image_size);
    for (std::size_t i = 0; i < static_cast<std::size_t>(s_.sample_count); ++i) {
      plates.emplace_back(side * side * 3);
      if (source_.held_out_count() > 0) source_.held_out(i * 7, sight_of(s_), plates.back());
      else source_.training_picture(s_.seed, i, sight_of(s_), plates.back());
    }
    pictures = redraw(*forward_, settings, s_.levels.highest, plates, each_step);
  } else {
    pictures = grow(*forward_, settings, seeds, each_step);
  }
  write_png(sheet(), contact_sheet(pictures));
  return true;
} catch (const BrokenOff&) { return false; }

void Run::save_checkpoint() {
  if (state_.step > state_.trouble_step) state_.roll_backs_in_a_row = 0;
  state_.seconds = seconds();
  Checkpoint checkpoint{state_.step, checkpoint_notes(state_, s_, backend_.description()), {}};
  for (std::size_t i = 0; i < checkpoint.state.size(); ++i)
    checkpoint.state[i] = step_.program().read_state(static_cast<State>(i));
  write_checkpoint(checkpoints(), checkpoint, s_.keep_checkpoints);
  saved_step_ = state_.step;
}

void Run::write_report() {
  write_run_report(s_.out,
                   {s_, backend_.description(), source_.name(), step_.denoiser_parameters(), state_.step, seconds()});
}

}  // namespace

TrainingEnd train(Backend& backend, const PictureSource& source, const TrainingSettings& settings,
                  std::span<const float> start, bool resume, const TrainingHooks& hooks, Ranks& ranks) {
  Run run(backend, source, settings, hooks, ranks);
  const bool leads = ranks.rank() == 0;
  const auto folder = settings.out / "checkpoint";
  const auto checkpoint = resume && leads ? newest_checkpoint(folder, hooks.say) : std::nullopt;
  if (resume && leads && !checkpoint && !checkpoint_steps(folder).empty()) {
    throw std::runtime_error(
        "None of the checkpoints in " + folder.string() + " is whole. Begin a new run with another --out; --init " +
        (settings.out / "model.onnx").string() + " starts it from the weights that were last written.");
  }
  if (resume && leads && !checkpoint)
    hooks.say("There is no checkpoint in " + folder.string() + " yet; starting from the beginning.");
  try {
    if (!leads) run.follow();
    else if (checkpoint) run.resume(*checkpoint);
    else run.begin(start);
    return run.go();
  } catch (const GivenUp&) { throw; } catch (const std::runtime_error& problem) {
    throw std::runtime_error(problem.what() + run.advice());
  }
}

}  // namespace florilegium
