// A fuzzer for everything that the trainer reads: pictures, tables, model files, checkpoints,
// settings. It damages whole files in many ways; the reader must take them or say in a sentence
// what is wrong: any other exception, a signal, a sanitizer's report or 20 seconds on one file is a
// fault.
//
//   florilegium_fuzz [--seconds N] [--seed S] [--only READER] [--from I] [--count N]
//
// The files follow from seed and number alone, so that a fault that was found happens again. Exit
// status 0: nothing found.
#include <onnx/onnx_pb.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "src/diffusion/schedule.h"
#include "src/files/name_text.h"
#include "src/studio/state/flips.h"
#include "tests/data/some_pictures.h"
#include "tests/data/temporary_folder.h"
#include "tests/onnx/random_model.h"
#include "trainer/data/folder.h"
#include "trainer/data/read_picture.h"
#include "trainer/data/table.h"
#include "trainer/learn/settings.h"
#include "trainer/run/checkpoint.h"
#include "trainer/run/inventory.h"
#include "trainer/run/run_log.h"
#include "trainer/run/run_state.h"

using namespace florilegium;
namespace fs = std::filesystem;

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) { return limit > 0 ? random() % limit : 0; }

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// ---- damage -------------------------------------------------------------------------------------

const std::vector<std::string> odd_texts = {"",
                                            "0",
                                            "-1",
                                            "nan",
                                            "inf",
                                            "1e999",
                                            "99999999999999999999",
                                            "-9223372036854775808",
                                            "4294967296",
                                            "0.0000001",
                                            "\xff\xfe",
                                            "{}",
                                            "[]",
                                            "null",
                                            "true",
                                            "\"",
                                            "\\u0000",
                                            "a\tb\nc",
                                            std::string("\0x", 2),
                                            "cosine",
                                            "shifted:0",
                                            "shifted:1e308",
                                            "../../etc/passwd",
                                            "\xf0\x9f\x8c\xbc"};

/// One change: a bit, a byte, a number, a stretch that is gone, doubled, moved or random.
void damage(std::string& bytes, Random& random) {
  const std::size_t at = below(random, bytes.size()), length = 1 + below(random, 1 + below(random, 64));
  const auto odd = [&] {
    constexpr unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff, 0xd9, 0xda, '"', ',', '\t'};
    return static_cast<char>(values[below(random, sizeof values)]);
  };
  switch (below(random, 9)) {
    case 0:
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(random, 8));
      break;
    case 1:
      if (!bytes.empty()) bytes[at] = odd();
      break;
    case 2: bytes.erase(at, length); break;
    case 3: bytes.insert(at, bytes.substr(at, length)); break;
    case 4: bytes.insert(at, std::string(length, odd())); break;
    case 5: bytes.resize(at); break;
    case 6: bytes.insert(at, odd_texts[below(random, odd_texts.size())]); break;
    case 7: {
      std::string stretch = bytes.substr(at, length);
      bytes.erase(at, length);
      bytes.insert(below(random, bytes.size() + 1), stretch);
      break;
    }
    default:
      for (std::size_t i = 0; i < length && at + i < bytes.size(); ++i) bytes[at + i] = static_cast<char>(random());
  }
}

std::string damaged(std::string bytes, Random& random) {
  for (std::size_t changes = 1 + below(random, 4); changes > 0; --changes) damage(bytes, random);
  return bytes;
}

std::string big_endian(std::size_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
  return text;
}

/// A PNG's chunks damaged one by one, left out, doubled or made up, with checksums that fit.
std::string damaged_png(const std::string& png, Random& random) {
  std::vector<std::string> chunks;  // type and data
  for (std::size_t at = 8; at + 12 <= png.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(png[at + i]);
    chunks.push_back(png.substr(at + 4, length + 4));
    at += length + 12;
  }
  for (std::size_t changes = 1 + below(random, 3); changes > 0 && !chunks.empty(); --changes) {
    const std::size_t which = below(random, chunks.size());
    switch (below(random, 5)) {
      case 0: chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(which)); break;
      case 1: chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(which), chunks[which]); break;
      case 2: {
        constexpr const char* types[] = {"gAMA", "cHRM", "iCCP", "sRGB", "PLTE", "tRNS",
                                         "acTL", "fcTL", "fdAT", "IDAT", "IEND"};
        std::string made = types[below(random, std::size(types))];
        for (std::size_t length = below(random, 40); length > 0; --length)
          made += static_cast<char>(random() & random());
        chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(which), made);
        break;
      }
      default: {
        std::string data = chunks[which].substr(4);
        damage(data, random);
        chunks[which] = chunks[which].substr(0, 4) + data;
      }
    }
  }
  std::string out = png.substr(0, 8);
  for (const std::string& chunk : chunks) {
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(chunk.data()), chunk.size());
    out += big_endian(chunk.size() - 4) + chunk + big_endian(sum);
  }
  return out;
}

/// Other metadata, shapes, types, names and places of the weights.
std::string damaged_model(const std::string& bytes, Random& random) {
  onnx::ModelProto model;
  model.ParseFromString(bytes);
  for (std::size_t changes = 1 + below(random, 3); changes > 0; --changes) {
    const int metadata = static_cast<int>(below(random, static_cast<std::size_t>(model.metadata_props_size())));
    onnx::GraphProto& graph = *model.mutable_graph();
    const int weights = static_cast<int>(below(random, static_cast<std::size_t>(graph.initializer_size())));
    const std::string& odd = odd_texts[below(random, odd_texts.size())];
    switch (below(random, 8)) {
      case 0:
        if (metadata < model.metadata_props_size()) model.mutable_metadata_props(metadata)->set_value(odd);
        break;
      case 1:
        if (metadata < model.metadata_props_size())
          model.mutable_metadata_props(metadata)->set_value(damaged(model.metadata_props(metadata).value(), random));
        break;
      case 2:
        if (metadata < model.metadata_props_size()) model.mutable_metadata_props()->DeleteSubrange(metadata, 1);
        break;
      case 3: {
        const std::string ladder = R"([{"averaged":8,"from_level":0.6,"gflop_per_step":1,"held_out_loss":0,)"
                                   R"("train_samples":1,"network":{"name":"coarse","image_size":2}}])";
        auto& added = *model.add_metadata_props();
        added.set_key("florilegium.ladder");
        added.set_value(damaged(ladder, random));
        break;
      }
      case 4:
        if (weights < graph.initializer_size()) {
          auto& tensor = *graph.mutable_initializer(weights);
          tensor.set_data_location(onnx::TensorProto::EXTERNAL);
          for (const char* key : {"location", "offset", "length"}) {
            auto& entry = *tensor.add_external_data();
            entry.set_key(key);
            entry.set_value(below(random, 2) == 0 ? std::string("case") : odd);
          }
        }
        break;
      case 5:
        if (weights < graph.initializer_size()) {
          auto& tensor = *graph.mutable_initializer(weights);
          tensor.set_data_type(static_cast<int>(below(random, 20)));
          if (below(random, 2) == 0) tensor.mutable_raw_data()->resize(below(random, 100));
        }
        break;
      case 6:
        if (weights < graph.initializer_size())
          graph.mutable_initializer(weights)->add_dims(static_cast<std::int64_t>(random()));
        break;
      default:
        if (graph.input_size() > 0) graph.mutable_input(0)->set_name(odd);
    }
  }
  return model.SerializeAsString();
}

/// With a checksum that fits, so that what is inside is read.
std::string damaged_checkpoint(const std::string& bytes, Random& random) {
  std::string inside = damaged(bytes.substr(0, std::min<std::size_t>(bytes.size() - 4, 3000)), random) +
                       bytes.substr(std::min<std::size_t>(bytes.size() - 4, 3000));
  inside.resize(inside.size() < 4 ? 0 : inside.size() - 4);
  const auto sum = static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(inside.data()), inside.size()));
  inside.append(reinterpret_cast<const char*>(&sum), 4);
  return inside;
}

// ---- the readers --------------------------------------------------------------------------------

const auto nobody = [](const std::string&) {};

struct Reader {
  std::string name;
  std::vector<std::string> seeds;
  std::function<std::string(const std::string&, Random&)> change;
  std::function<void(const std::string&, const fs::path&)> read;  ///< the bytes, and the file that has them
};

bool below_half(const std::string& bytes) { return bytes.size() % 2 == 0; }

void read_as_picture(const std::string& bytes, const fs::path& file) {
  kind_of_file(file);
  check_picture(file);
  const RgbPicture picture = read_picture(file, static_cast<int>(bytes.size() % 5));
  if (picture.rgb.size() != static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3)
    throw std::logic_error("The picture has another size than it says.");
}

std::vector<Reader> readers(const fs::path& work) {
  write_garden_png(work / "seed.png", 1, 24);
  write_garden_jpeg(work / "seed.jpg", 1, 40);
  fs::create_directories(work / "pack" / "plates");
  write_garden_jpeg(work / "pack" / "plates" / "0.jpg", 1, 24);
  const TrainedModel model = random_model(network_config("tiny"), 1);
  write_model(work / "f32.onnx", model, WeightPrecision::f32);
  write_model(work / "i8.onnx", model, WeightPrecision::i8);
  TrainingSettings settings;
  settings.network = network_config("tiny");
  Checkpoint checkpoint{3, checkpoint_notes({}, settings, "here"), {}};
  for (auto& numbers : checkpoint.state) numbers = model.parameters;
  write_checkpoint(work / "checkpoints", checkpoint, 1);
  const std::string png = content(work / "seed.png"), jpeg = content(work / "seed.jpg"),
                    state = content(work / "checkpoints" / "step-000000003.ckpt"),
                    webp("RIFF\x1e\0\0\0WEBPVP8L\x11\0\0\0/\x0f\xc0\x03\0\x07P\x94\x9a\x97\xa2\xff\x81\x88\xe8\x7f\0\0",
                         38);
  const auto two = [](auto first, auto second) {
    return [=](const std::string& bytes, Random& random) {
      return below(random, 3) == 0 ? first(bytes, random) : second(bytes, random);
    };
  };
  return {
      {"png", {png}, two(damaged, damaged_png), read_as_picture},
      {"jpeg", {jpeg}, damaged, read_as_picture},
      {"webp", {webp}, damaged, read_as_picture},
      {"table",
       {"file\tsplit\tweight\n0.jpg\ttrain\t1\nabsent.jpg\theldout\t0,5\n",
        "\xef\xbb\xbf\"file\";weight\r\n\"0.jpg\";0,5\r\n"},
       damaged,
       [work](const std::string& bytes, const fs::path&) {
         for (const TableRow& row : table_rows(bytes))
           for (const std::string& cell : row.cells) table_number(cell);
         write_text(work / "pack" / "plates.tsv", bytes);
         list_pictures(work / "pack", nobody);
       }},
      {"onnx",
       {content(work / "f32.onnx"), content(work / "i8.onnx")},
       two(damaged, damaged_model),
       [](const std::string&, const fs::path& file) { read_model(file); }},
      {"checkpoint",
       {state},
       two(damaged, damaged_checkpoint),
       [](const std::string&, const fs::path& file) {
         const Checkpoint read = read_checkpoint(file);
         state_of(read);
         settings_of(read);
         model_from_checkpoint(file, nobody);
       }},
      {"settings",
       {to_json(settings, "here")},
       damaged,
       [](const std::string& bytes, const fs::path&) { training_settings_from_json(bytes); }},
      {"log",
       {R"({"step":1,"samples":2,"loss":0.5,"gradient_norm":1.0,"learning_rate":0.001,"seconds":1.0})"},
       damaged,
       [](const std::string& bytes, const fs::path& file) {
         read_log(file);
         difference(bytes, bytes + "\nmore\t1");
       }},
      {"words",
       {"shifted:3", "12:3,8:1", "Blumen-\xe4"},
       damaged,
       [](const std::string& bytes, const fs::path&) {
         if (name_of_text(text_of_name(bytes)) != bytes) throw std::logic_error("A name does not come back.");
         if (below_half(bytes)) Schedule::parse(bytes);
         else flips_of(bytes);
       }},
  };
}

/// What the parent hears of the child when that dies.
struct Now {
  char reader[32];
  std::uint64_t number, done;
};

int fuzz(const fs::path& work, double seconds, std::uint64_t seed, const std::string& only, std::uint64_t from,
         std::uint64_t count, Now& now) {
  const auto all = readers(work);
  const auto begin = std::chrono::steady_clock::now();
  const fs::path file = work / "case";
  for (std::uint64_t number = from; number - from < count; ++number) {
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() > seconds) break;
    for (const Reader& reader : all) {
      if (!only.empty() && only != reader.name) continue;
      if (only.empty() && reader.seeds[0].size() > 50'000 && number % 8 != 0) continue;  // large files take their time
      std::strncpy(now.reader, reader.name.c_str(), sizeof now.reader - 1);
      now.number = number;
      Random random(seed * 1'000'003 + number);
      const std::string bytes = reader.change(reader.seeds[below(random, reader.seeds.size())], random);
      write_text(file, bytes);
      ::alarm(20);
      try {
        reader.read(bytes, file);
      } catch (const std::runtime_error&) {  // a sentence
      } catch (const std::invalid_argument&) {
      } catch (const std::exception& problem) {
        std::fprintf(stderr, "an exception that is no sentence: %s\n", problem.what());
        return 1;
      }
      ::alarm(0);
      ++now.done;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 30;
  std::uint64_t seed = 1, from = 0, count = ~std::uint64_t{0};
  std::string only;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--seconds") seconds = std::atof(argv[i + 1]);
    else if (flag == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
    else if (flag == "--from") from = std::strtoull(argv[i + 1], nullptr, 10);
    else if (flag == "--count") count = std::strtoull(argv[i + 1], nullptr, 10);
    else if (flag == "--only") only = argv[i + 1];
    else return std::fprintf(stderr, "fuzz: there is no %s\n", argv[i]), 2;
  }
  void* shared = ::mmap(nullptr, sizeof(Now), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  Now& now = *new (shared) Now{};
  const TemporaryFolder work;
  const pid_t child = ::fork();
  if (child == 0) std::_Exit(fuzz(work.path, seconds, seed, only, from, count, now));
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return 2;
  const bool fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  std::printf("fuzz: %llu files read, seed %llu\n", static_cast<unsigned long long>(now.done),
              static_cast<unsigned long long>(seed));
  if (fine) return 0;
  const fs::path kept = fs::temp_directory_path() / ("florilegium-fuzz-" + std::string(now.reader));
  std::error_code ignored;
  fs::copy_file(work.path / "case", kept, fs::copy_options::overwrite_existing, ignored);
  std::printf("fuzz: %s. Again with: --only %s --seed %llu --from %llu --count 1; the file: %s\n",
              WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "20 seconds were not enough" : "a fault", now.reader,
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(now.number), kept.c_str());
  return 1;
}
