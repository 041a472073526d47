// Model files: what is written comes back; a write that fails leaves the old file; every kind of
// bad file gets its sentence.
#include <doctest/doctest.h>
#include <onnx/onnx_pb.h>
#include <signal.h>        // SIGXFSZ
#include <sys/resource.h>  // RLIMIT_FSIZE

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "src/files/write_file.h"
#include "tests/onnx/random_model.h"
#include "trainer/onnx/half.h"
#include "trainer/onnx/model_file.h"

using namespace florilegium;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& content) { std::ofstream(path, std::ios::binary) << content; }

/// What read_model says about a file; empty when it takes it.
std::string complaint(const fs::path& path) {
  try {
    read_model(path);
    return {};
  } catch (const std::runtime_error& problem) { return problem.what(); }
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

onnx::ModelProto parsed(const std::string& content) {
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(content));
  return model;
}

/// The model changed by `change`, as a file.
template <class Change>
fs::path changed(const Folder& folder, const std::string& content, Change&& change) {
  onnx::ModelProto model = parsed(content);
  change(model);
  put(folder.path / "changed.onnx", model.SerializeAsString());
  return folder.path / "changed.onnx";
}

}  // namespace

TEST_CASE("a model in f32 comes back exactly, with everything that travels with it") {
  const Folder folder;
  TrainedModel model = random_model(network_config("tiny"), 1);
  model.info.noise = NoiseKind::uniform;
  model.info.noise_scale = 1.0 / 3.0;
  model.info.schedule = {3.5};
  model.info.default_steps = 33;
  model.info.default_sampler = sampler("heun");
  model.info.title = "A plate — \"test\"\nsecond line";
  model.info.trained_on = "nothing";
  model.info.train_samples = 12'345'678'901;
  model.info.held_out_loss = 0.1;
  write_model(folder.path / "model.onnx", model, WeightPrecision::f32);
  const TrainedModel back = read_model(folder.path / "model.onnx");

  CHECK(back.parameters == model.parameters);
  CHECK(back.info.network == model.info.network);
  CHECK(back.info.version == 1);
  CHECK(back.info.image_size == model.info.network.image_size);
  CHECK(back.info.noise == NoiseKind::uniform);
  CHECK(back.info.noise_scale == 1.0 / 3.0);
  CHECK(back.info.schedule.shift == 3.5);
  CHECK(back.info.default_steps == 33);
  CHECK(name_of(back.info.default_sampler) == "heun");
  CHECK(back.info.title == model.info.title);
  CHECK(back.info.trained_on == "nothing");
  CHECK(back.info.train_samples == 12'345'678'901);
  CHECK(back.info.held_out_loss == 0.1);
  CHECK(back.info.parameters == static_cast<std::int64_t>(model.parameters.size()));
  CHECK(back.info.gflop_per_step > 0);
}

TEST_CASE("a model that names no sampler wants the plain one") {
  const Folder folder;
  TrainedModel model = random_model(network_config("tiny"), 1);
  model.info.default_sampler = sampler("extrapolated");
  write_model(folder.path / "model.onnx", model, WeightPrecision::f32);
  CHECK(read_model(folder.path / "model.onnx").info.default_sampler == sampler("extrapolated"));
  const auto older = changed(folder, content_of(folder.path / "model.onnx"), [](auto& m) {
    for (int i = m.metadata_props_size() - 1; i >= 0; --i)
      if (m.metadata_props(i).key() == "default_sampler") m.mutable_metadata_props()->DeleteSubrange(i, 1);
  });
  CHECK(read_model(older).info.default_sampler == Sampler::plain);
}

TEST_CASE("the same model gives the same bytes, and those are what the contract promises") {
  const Folder folder;
  TrainedModel model = random_model(network_config("tiny"), 1);
  model.info.held_out_loss = 0.1;
  write_model(folder.path / "a.onnx", model, WeightPrecision::f32);
  write_model(folder.path / "b.onnx", model, WeightPrecision::f32);
  CHECK(content_of(folder.path / "a.onnx") == content_of(folder.path / "b.onnx"));

  const onnx::ModelProto written = parsed(content_of(folder.path / "a.onnx"));
  CHECK(written.ir_version() == 8);
  REQUIRE(written.opset_import_size() == 1);
  CHECK(written.opset_import(0).version() == 17);
  std::map<std::string, std::string> metadata;
  for (const auto& entry : written.metadata_props()) metadata[entry.key()] = entry.value();
  for (const char* key :
       {"florilegium.version", "image_size", "noise", "noise_scale", "schedule", "default_steps", "default_sampler",
        "title", "trained_on", "train_samples", "held_out_loss", "parameters", "gflop_per_step", "florilegium.network"})
    CHECK_MESSAGE(metadata.contains(key), key);
  CHECK(metadata["florilegium.version"] == "1");
  CHECK(metadata["held_out_loss"] == "0.1");
  CHECK(metadata["noise"] == "gaussian");
  const int size = model.info.network.image_size;
  CHECK(metadata["image_size"] == std::to_string(size));
  REQUIRE(written.graph().input_size() == 3);
  CHECK(written.graph().input(0).name() == "x");
  CHECK(written.graph().input(0).type().tensor_type().shape().dim(1).dim_value() == 3);
  CHECK(written.graph().input(0).type().tensor_type().shape().dim(3).dim_value() == size);
  CHECK(written.graph().input(2).name() == "hint");
  CHECK(written.graph().input(2).type().tensor_type().shape().dim(1).dim_value() == 4);
  CHECK(written.graph().input(2).type().tensor_type().shape().dim(2).dim_value() == size / 8);
  CHECK(written.graph().output(0).name() == "denoised");
}

TEST_CASE("a model in f16 comes back within half precision, small tensors exactly, and takes half the space") {
  const Folder folder;
  const TrainedModel model = random_model(network_config("garden", 16), 2);
  write_model(folder.path / "f32.onnx", model, WeightPrecision::f32);
  write_model(folder.path / "f16.onnx", model, WeightPrecision::f16);
  CHECK(fs::file_size(folder.path / "f16.onnx") < fs::file_size(folder.path / "f32.onnx") * 55 / 100);

  const TrainedModel back = read_model(folder.path / "f16.onnx");
  Graph graph;
  build_denoiser(graph, model.info.network, 1, Type::f32);
  std::size_t at = 0;
  bool small_exact = true, large_near = true;
  for (const Value parameter : graph.parameters()) {
    const auto size = static_cast<std::size_t>(elements(graph.shape(parameter)));
    for (std::size_t i = at; i < at + size; ++i) {
      const float was = model.parameters[i], is = back.parameters[i];
      if (size < 1024) small_exact = small_exact && is == was;
      // half the spacing of halves: 2^-11 relative, 2^-25 for subnormal ones
      else large_near = large_near && std::abs(is - was) <= std::max(std::abs(was) / 2048, 1.0f / 33554432.0f);
    }
    at += size;
  }
  CHECK(small_exact);
  CHECK(large_near);

  // Halves are exact as halves: once more through f16 changes nothing.
  write_model(folder.path / "again.onnx", back, WeightPrecision::f16);
  CHECK(read_model(folder.path / "again.onnx").parameters == back.parameters);
}

TEST_CASE("a weight that no half can hold keeps its tensor in f32") {
  const Folder folder;
  TrainedModel model = random_model(network_config("tiny"), 3);
  for (float& v : model.parameters) v = 70000.0f;
  write_model(folder.path / "model.onnx", model, WeightPrecision::f16);
  CHECK(read_model(folder.path / "model.onnx").parameters == model.parameters);
}

TEST_CASE("halves: every one of them, and rounding to nearest even") {
  bool all = true;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = float_of(half);
    all = all && (std::isnan(value) ? std::isnan(float_of(half_of(value))) : half_of(value) == half);
  }
  CHECK(all);
  CHECK(float_of(0x3C00) == 1.0f);
  CHECK(float_of(0x0001) == std::ldexp(1.0f, -24));
  CHECK(float_of(0xFBFF) == -65504.0f);
  CHECK(half_of(1.0f + std::ldexp(1.0f, -11)) == 0x3C00);      // half-way: to the even one below
  CHECK(half_of(1.0f + 3 * std::ldexp(1.0f, -11)) == 0x3C02);  // half-way: to the even one above
  CHECK(half_of(std::nextafter(1.0f + std::ldexp(1.0f, -11), 2.0f)) == 0x3C01);
  CHECK(half_of(65519.0f) == 0x7BFF);
  CHECK(half_of(65520.0f) == 0x7C00);
  CHECK(half_of(-std::numeric_limits<float>::infinity()) == 0xFC00);
  CHECK(half_of(std::ldexp(1.0f, -25)) == 0);  // half-way between 0 and the smallest: to even
  CHECK(half_of(std::nextafter(std::ldexp(1.0f, -25), 1.0f)) == 1);
  CHECK(half_of(3 * std::ldexp(1.0f, -25)) == 2);
  CHECK(half_of(std::ldexp(1.0f, -14) - std::ldexp(1.0f, -26)) == 0x0400);  // rounds up into the normal ones
  CHECK(half_of(-0.0f) == 0x8000);
}

TEST_CASE("a write that fails says why and leaves what was there") {
  const Folder folder;
  const fs::path path = folder.path / "model.onnx";
  write_durably(path, "old");
  CHECK(content_of(path) == "old");

  SUBCASE("the disk is full") {  // a limit on the file size stops write() half-way, as a full disk does
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    std::string sentence;
    try {
      write_model(path, random_model(network_config("tiny"), 1), WeightPrecision::f32);
    } catch (const std::runtime_error& problem) { sentence = problem.what(); }
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    CHECK_MESSAGE(contains(sentence, path.string()), sentence);
    CHECK_MESSAGE(contains(sentence, "File too large"), sentence);
    CHECK_MESSAGE(contains(sentence, "unchanged"), sentence);
  }
  SUBCASE("the temporary name is taken by a folder") {
    fs::create_directory(folder.path / "model.onnx.partial");
    CHECK_THROWS_WITH_AS(write_durably(path, "new"), doctest::Contains("Is a directory"), std::runtime_error);
    fs::remove(folder.path / "model.onnx.partial");
  }
  SUBCASE("the folder does not exist") {
    CHECK_THROWS_WITH_AS(write_durably(folder.path / "nowhere" / "model.onnx", "new"),
                         doctest::Contains("No such file or directory"), std::runtime_error);
  }
  SUBCASE("the path is a folder") {
    fs::create_directories(folder.path / "taken" / "inside");
    CHECK_THROWS_WITH_AS(write_durably(folder.path / "taken", "new"), doctest::Contains("Cannot write"),
                         std::runtime_error);
    CHECK_FALSE(fs::exists(folder.path / "taken.partial"));
    CHECK(fs::is_directory(folder.path / "taken"));
  }
  CHECK(content_of(path) == "old");
  CHECK_FALSE(fs::exists(folder.path / "model.onnx.partial"));
}

TEST_CASE("the wrong number of parameters is refused before anything is written") {
  const Folder folder;
  TrainedModel model = random_model(network_config("tiny"), 1);
  model.parameters.pop_back();
  CHECK_THROWS_AS(write_model(folder.path / "model.onnx", model, WeightPrecision::f32), std::invalid_argument);
  model.parameters.resize(model.parameters.size() + 2);
  CHECK_THROWS_AS(write_model(folder.path / "model.onnx", model, WeightPrecision::f32), std::invalid_argument);
  CHECK_FALSE(fs::exists(folder.path / "model.onnx"));
}

TEST_CASE("every kind of bad file gets a sentence that names the file and what is wrong") {
  const Folder folder;
  const fs::path path = folder.path / "model.onnx";
  write_model(path, random_model(network_config("tiny"), 1), WeightPrecision::f32);
  const std::string good = content_of(path);

  const auto says = [&](const fs::path& file, const std::string& part) {
    const std::string sentence = complaint(file);
    CHECK_MESSAGE(contains(sentence, file.string()), sentence);
    CHECK_MESSAGE(contains(sentence, part), sentence);
    CHECK_MESSAGE(sentence.ends_with('.'), sentence);
  };
  says(folder.path / "missing.onnx", "No such file or directory");
  says(folder.path, "it is a folder");
  put(path, "");
  says(path, "it is empty");
  put(path, "<!DOCTYPE html><title>404</title>");
  says(path, "not an ONNX model");
  for (const std::size_t part : {good.size() - 1, good.size() / 2, std::size_t{1000}, std::size_t{30}}) {
    put(path, good.substr(0, part));
    says(path, "cut short");
  }

  says(changed(folder, good, [](auto& m) { m.clear_metadata_props(); }), "not one that Florilegium wrote");
  for (int i = 1; i < parsed(good).metadata_props_size(); ++i) {
    const std::string key = parsed(good).metadata_props(i).key();
    if (key != "default_sampler")
      says(changed(folder, good, [&](auto& m) { m.mutable_metadata_props()->DeleteSubrange(i, 1); }),
           "have no '" + key + "'");
  }
  const auto with = [&](const std::string& key, const std::string& value) {
    return changed(folder, good, [&](auto& m) {
      for (auto& entry : *m.mutable_metadata_props())
        if (entry.key() == key) entry.set_value(value);
    });
  };
  says(with("florilegium.version", "2"), "version 2");
  says(with("default_steps", "many"), "'many'");
  says(with("default_steps", ""), "default_steps");
  says(with("noise", "pink"), "'pink'");
  says(with("schedule", "bent"), "'bent'");
  says(with("default_sampler", "lucky"), "'lucky'");
  says(with("image_size", "99"), "two different image sizes");
  says(with("florilegium.network", "{"), "description of the network");

  says(changed(folder, good, [](auto& m) { m.mutable_graph()->mutable_input(0)->set_name("picture"); }), "'picture'");
  says(changed(folder, good,
               [](auto& m) {
                 m.mutable_graph()
                     ->mutable_output(0)
                     ->mutable_type()
                     ->mutable_tensor_type()
                     ->mutable_shape()
                     ->mutable_dim(3)
                     ->set_dim_value(7);
               }),
       "'denoised'");
  says(changed(folder, good, [](auto& m) { m.mutable_graph()->mutable_input()->RemoveLast(); }), "2 inputs");
  const auto weight = [](auto& m) -> onnx::TensorProto& {
    for (auto& tensor : *m.mutable_graph()->mutable_initializer())
      if (tensor.name() == "stem.bias") return tensor;
    throw std::logic_error("no stem.bias");
  };
  says(changed(folder, good, [&](auto& m) { weight(m).set_name("other"); }), "'stem.bias' are missing");
  says(changed(folder, good, [&](auto& m) { weight(m).set_dims(0, 3); }), "'stem.bias' has the shape [3]");
  says(changed(folder, good, [&](auto& m) { weight(m).mutable_raw_data()->pop_back(); }), "not all there");
  says(changed(folder, good, [&](auto& m) { weight(m).set_data_type(onnx::TensorProto::INT8); }),
       "neither floats, halves nor bytes with scales");
  CHECK(complaint(changed(folder, good, [](auto&) {})).empty());
}

TEST_CASE("weights in a second file are found beside the model, and missed by name") {
  const Folder folder, other;
  const TrainedModel model = random_model(network_config("tiny"), 1);
  write_model(folder.path / "model.onnx", model, WeightPrecision::f32);
  std::string weights = "before";
  const fs::path file = changed(folder, content_of(folder.path / "model.onnx"), [&](onnx::ModelProto& proto) {
    for (auto& tensor : *proto.mutable_graph()->mutable_initializer()) {
      const auto say = [&](const char* key, const std::string& value) {
        auto& entry = *tensor.add_external_data();
        entry.set_key(key);
        entry.set_value(value);
      };
      say("location", "changed.onnx.data");
      say("offset", std::to_string(weights.size()));
      say("length", std::to_string(tensor.raw_data().size()));
      weights += tensor.raw_data();
      tensor.clear_raw_data();
      tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    }
  });
  CHECK(contains(complaint(file), "its weights lie in a second file, 'changed.onnx.data', which is missing"));
  put(folder.path / "changed.onnx.data", weights);
  CHECK(read_model(file).parameters == model.parameters);
  put(folder.path / "changed.onnx.data", weights.substr(0, weights.size() - 1));
  CHECK(contains(complaint(file), "'changed.onnx.data', is too short"));
  put(other.path / "away", weights);
  const std::string whole = content_of(file);
  for (const std::string& place : {std::string("/etc/passwd"), std::string("../away"), std::string(".."), std::string(),
                                   (other.path / "away").string()}) {
    CAPTURE(place);
    const fs::path elsewhere = changed(folder, whole, [&](onnx::ModelProto& proto) {
      for (auto& tensor : *proto.mutable_graph()->mutable_initializer())
        tensor.mutable_external_data(0)->set_value(place);
    });
    CHECK(contains(complaint(elsewhere), "which is no file beside it"));
  }
}

TEST_CASE("every metadata value is checked: missing, empty, huge, negative, no number, no UTF-8") {
  const Folder folder;
  write_model(folder.path / "model.onnx", random_model(network_config("tiny"), 1), WeightPrecision::f32);
  const std::string whole = content_of(folder.path / "model.onnx");
  const auto count = parsed(whole).metadata_props_size();
  for (int i = 0; i < count; ++i) {
    const std::string key = parsed(whole).metadata_props(i).key();
    CAPTURE(key);
    const bool text = key == "title" || key == "trained_on";
    const auto missing =
        changed(folder, whole, [&](onnx::ModelProto& proto) { proto.mutable_metadata_props()->DeleteSubrange(i, 1); });
    if (key != "default_sampler") CHECK(complaint(missing) != "");
    for (const char* value :
         {"", "nonsense", "nan", "inf", "1e999", "-1e300", "99999999999999999999", "-3", "0x10", "\xff", "{}", "[]"}) {
      CAPTURE(std::string(value));
      const auto file =
          changed(folder, whole, [&](onnx::ModelProto& proto) { proto.mutable_metadata_props(i)->set_value(value); });
      const std::string sentence = complaint(file);
      if (text) CHECK(sentence == "");
      else if (key != "gflop_per_step" && key != "parameters") CHECK(sentence != "");
    }
  }
}
