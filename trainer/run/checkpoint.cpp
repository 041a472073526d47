#include "trainer/run/checkpoint.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "src/files/write_file.h"

namespace florilegium {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr std::string_view magic = "FLORCKP1";

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <class T>
void append(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

constexpr std::string_view ending = ".ckpt", unfinished_ending = ".partial";

std::filesystem::path checkpoint_file(const std::filesystem::path& folder, std::int64_t step) {
  char name[48];
  std::snprintf(name, sizeof name, "step-%09lld.ckpt", static_cast<long long>(step));
  return folder / name;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int keep) {
  std::filesystem::create_directories(folder);
  const std::string head =
      nlohmann::json{{"step", checkpoint.step}, {"count", checkpoint.state[0].size()}, {"notes", checkpoint.notes}}
          .dump();
  std::string bytes;
  bytes.reserve(magic.size() + 8 + head.size() + 16 * checkpoint.state[0].size() + 4);
  bytes += magic;
  append(bytes, static_cast<std::uint64_t>(head.size()));
  bytes += head;
  for (const auto& numbers : checkpoint.state) {
    if (numbers.size() != checkpoint.state[0].size()) throw std::logic_error("A checkpoint's arrays are equally long.");
    bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
  }
  append(bytes, checksum(bytes));

  write_durably(checkpoint_file(folder, checkpoint.step), bytes);
  const auto steps = checkpoint_steps(folder);
  for (std::size_t i = static_cast<std::size_t>(std::max(1, keep)); i < steps.size(); ++i)
    std::filesystem::remove(checkpoint_file(folder, steps[i]));
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == unfinished_ending) std::filesystem::remove(entry.path());
}

Checkpoint read_checkpoint(const std::filesystem::path& file) {
  const auto fail = [&](const std::string& what) {
    throw std::runtime_error("The checkpoint " + file.string() + " " + what + ".");
  };
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail("cannot be opened");
  const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (bytes.size() < magic.size() + 12 || bytes.compare(0, magic.size(), magic) != 0)
    fail("is cut short or is no checkpoint");
  std::uint32_t expected;
  std::memcpy(&expected, bytes.data() + bytes.size() - 4, 4);
  if (checksum(std::string_view(bytes).substr(0, bytes.size() - 4)) != expected)
    fail("is damaged: its checksum does not fit");

  std::uint64_t head_size;
  std::memcpy(&head_size, bytes.data() + magic.size(), 8);
  const std::size_t begin = magic.size() + 8 + static_cast<std::size_t>(head_size);
  Checkpoint checkpoint;
  try {
    const auto head = nlohmann::json::parse(bytes.substr(magic.size() + 8, static_cast<std::size_t>(head_size)));
    checkpoint.step = head.at("step");
    checkpoint.notes = head.at("notes");
    const std::size_t count = head.at("count");
    if (bytes.size() != begin + 4 * count * sizeof(float) + 4) fail("has another size than it says");
    for (std::size_t i = 0; i < 4; ++i) {
      checkpoint.state[i].resize(count);
      std::memcpy(checkpoint.state[i].data(), bytes.data() + begin + i * count * sizeof(float), count * sizeof(float));
    }
  } catch (const nlohmann::json::exception&) { fail("has a damaged head"); }
  return checkpoint;
}

std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& folder) {
  std::vector<std::int64_t> steps;
  if (!std::filesystem::is_directory(folder)) return steps;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    long long step = 0;
    if (entry.path().extension() == ending && std::sscanf(entry.path().filename().c_str(), "step-%lld", &step) == 1)
      steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

void remove_checkpoints_after(const std::filesystem::path& folder, std::int64_t step) {
  for (const std::int64_t found : checkpoint_steps(folder))
    if (found > step) std::filesystem::remove(checkpoint_file(folder, found));
}

std::optional<Checkpoint> newest_checkpoint(const std::filesystem::path& folder,
                                            const std::function<void(const std::string&)>& report,
                                            std::int64_t before) {
  for (const std::int64_t step : checkpoint_steps(folder)) try {
      if (step < before) return read_checkpoint(checkpoint_file(folder, step));
    } catch (const std::runtime_error& problem) { report(std::string(problem.what()) + " Taking the one before it."); }
  return {};
}

}  // namespace florilegium
