#include "trainer/run/run_log.h"

#include <fcntl.h>   // open
#include <unistd.h>  // write, ftruncate, close

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "src/files/write_file.h"

namespace florilegium {
namespace {

using nlohmann::json;

json json_of(const std::vector<RollBack>& roll_backs) {
  json list = json::array();
  for (const RollBack& r : roll_backs) {
    list.push_back({{"from_step", r.from_step},
                    {"to_step", r.to_step},
                    {"reason", r.reason},
                    {"learning_rate_factor", r.learning_rate_factor}});
  }
  return list;
}

std::vector<RollBack> roll_backs_of(const json& list) {
  std::vector<RollBack> roll_backs;
  for (const json& r : list)
    roll_backs.push_back({r.at("from_step"), r.at("to_step"), r.at("reason"), r.at("learning_rate_factor")});
  return roll_backs;
}

json json_of(const LogEntry& e) {
  json bands = json::array();
  for (const auto& loss : e.loss_by_band) bands.push_back(loss ? json(*loss) : json());
  json line{{"step", e.step},
            {"samples", e.samples},
            {"loss", e.loss},
            {"gradient_norm", e.gradient_norm},
            {"learning_rate", e.learning_rate},
            {"loss_by_band", bands},
            {"samples_per_second", e.samples_per_second},
            {"seconds", e.seconds}};
  if (e.discriminator_loss) line["discriminator_loss"] = *e.discriminator_loss;
  if (e.skipped_steps > 0) line["skipped_steps"] = e.skipped_steps;
  if (!e.roll_backs.empty()) line["roll_backs"] = json_of(e.roll_backs);
  if (e.evaluation) {
    line["held_out_loss"] = e.evaluation->held_out_loss();
    line["held_out_by_level"] = e.evaluation->held_out;
    line["train_by_level"] = e.evaluation->trained;
  }
  return line;
}

LogEntry entry_of(const json& line) {
  LogEntry e;
  e.step = line.at("step");
  e.samples = line.at("samples");
  e.loss = line.at("loss");
  e.gradient_norm = line.at("gradient_norm");
  e.learning_rate = line.at("learning_rate");
  for (std::size_t band = 0; band < noise_bands; ++band)
    if (const json& loss = line.at("loss_by_band").at(band); loss.is_number())
      e.loss_by_band[band] = loss.get<double>();
  e.samples_per_second = line.at("samples_per_second");
  e.seconds = line.at("seconds");
  if (line.contains("discriminator_loss")) e.discriminator_loss = line.at("discriminator_loss").get<double>();
  e.skipped_steps = line.value("skipped_steps", std::int64_t{0});
  if (line.contains("roll_backs")) e.roll_backs = roll_backs_of(line.at("roll_backs"));
  if (line.contains("held_out_by_level"))
    e.evaluation = Evaluation{line.at("held_out_by_level"), line.at("train_by_level")};
  return e;
}

[[noreturn]] void fail(const std::filesystem::path& file, int reason) {
  throw std::runtime_error("Cannot write '" + file.string() + "': " + std::generic_category().message(reason) + ".");
}

}  // namespace

RunLog::RunLog(std::filesystem::path file, std::int64_t last_step) : file_(std::move(file)) {
  std::string kept;
  for (const LogEntry& entry : read_log(file_))
    if (entry.step <= last_step) kept += json_of(entry).dump() + "\n";
  write_durably(file_, kept);
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) fail(file_, errno);
}

RunLog::~RunLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RunLog::append(const LogEntry& entry) {
  const std::string line = json_of(entry).dump() + "\n";
  const off_t before = ::lseek(descriptor_, 0, SEEK_END);
  const ssize_t written = ::write(descriptor_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  const int reason = written < 0 ? errno : ENOSPC;
  if (written > 0 && ::ftruncate(descriptor_, before) != 0) fail(file_, errno);
  fail(file_, reason);
}

std::vector<LogEntry> read_log(const std::filesystem::path& file) {
  std::vector<LogEntry> entries;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) try {
      entries.push_back(entry_of(json::parse(line)));
    } catch (const json::exception&) {  // a line that was cut off
    }
  return entries;
}

std::string to_json(const std::vector<RollBack>& roll_backs) { return json_of(roll_backs).dump(); }
std::vector<RollBack> roll_backs_from_json(const std::string& text) { return roll_backs_of(json::parse(text)); }

}  // namespace florilegium
