#include "trainer/judge/encoder_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "trainer/data/dice.h"
#include "trainer/data/folder.h"
#include "trainer/data/garden.h"
#include "trainer/data/paper.h"
#include "trainer/data/view.h"
#include "trainer/graph/operators.h"
#include "trainer/judge/real_plates.h"
#include "trainer/network/denoiser.h"

namespace florilegium {
namespace {

constexpr int side = encoder_side, cells = 8, means = cells * cells * 3, garden_side = 160;
constexpr std::size_t floats = static_cast<std::size_t>(side) * side * 3;
constexpr float mean_scale = 3;                    // brings the means' variance near 1
constexpr std::uint64_t garden_seed = 0x656e636f;  // "enco"

/// What may have been done to a view.
enum Harm : std::size_t { blurred, in_pieces, grainy, turned, recoloured, harms };

/// A plate, small enough to be kept, and in its square where it has one.
struct Plate {
  RgbPicture picture, whole;
  int halvings = 0;
  std::array<double, 2> margin{};  // of the whole, in full pixels
};

struct Plates {
  std::string name;
  std::vector<Plate> training, held_out;
};

Plate from_file(const FolderPicture& file) {
  Plate plate;
  plate.halvings = halvings_for(std::min(file.width, file.height) / 1.15, side);
  plate.picture = read_picture(file.file, plate.halvings);
  if (WholePlate whole = whole_plate(plate.picture)) {
    plate.whole = std::move(whole.picture);
    for (std::size_t k = 0; k < 2; ++k) plate.margin[k] = std::ldexp(whole.margin[k], plate.halvings);
  }
  return plate;
}

Plates read_plates(const EncoderSettings& settings, const std::function<void(const std::string&)>& report) {
  Plates plates;
  if (settings.data == "garden") {
    const GardenSource garden;
    plates.name = garden.name();
    std::vector<float> values(static_cast<std::size_t>(garden_side) * garden_side * 3);
    const auto drawn = [&](bool held_out, std::size_t index) {
      if (held_out) garden.held_out(index, garden_side, values);
      else garden.draw(garden_seed, index, garden_side, values);
      return Plate{without_alpha(picture_from_rgb(values, garden_side, garden_side)), {}};
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(settings.garden_plates); ++i)
      plates.training.push_back(drawn(false, i));
    for (std::size_t i = 0; i < std::min<std::size_t>(garden.held_out_count(), plates.training.size()); ++i)
      plates.held_out.push_back(drawn(true, i));
  } else {
    const auto files = list_pictures(settings.data, report);
    plates.name = folder_name(settings.data);
    std::vector<Plate> read(files.size());
    std::vector<std::string> faults(files.size());
#pragma omp parallel for schedule(dynamic)
    for (std::size_t i = 0; i < files.size(); ++i) {
      try {
        read[i] = from_file(files[i]);
      } catch (const std::exception& problem) { faults[i] = problem.what(); }
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!faults[i].empty()) report(faults[i]);
      else (files[i].held_out ? plates.held_out : plates.training).push_back(std::move(read[i]));
    }
  }
  if (std::min(plates.training.size(), plates.held_out.size()) < 2)
    throw std::runtime_error("'" + settings.data + "' has fewer than two plates to learn from or to be asked about.");
  return plates;
}

/// As training shows it, the whole of it half the time where that can be.
void draw_view(const Plate& plate, Dice& dice, std::span<float> out) {
  const bool as_whole = dice.chance(0.5) && !plate.whole.rgb.empty();
  const RgbPicture& picture = as_whole ? plate.whole : plate.picture;
  const int width = picture.width << plate.halvings, height = picture.height << plate.halvings;
  const View view = as_whole ? random_whole_view(width, height, plate.margin, dice) : random_view(width, height, dice);
  resample(picture, plate.halvings, view, side, out);
}

float& at(std::span<float> picture, int x, int y, std::size_t colour) {
  return picture[(static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x)) * 3 + colour];
}

/// A Gaussian of this standard deviation in pixels, along one axis after the other.
void blur(std::span<float> picture, double deviation) {
  const int reach = static_cast<int>(std::ceil(2.5 * deviation));
  std::vector<float> weights;
  for (int d = -reach; d <= reach; ++d)
    weights.push_back(static_cast<float>(std::exp(-d * d / (2 * deviation * deviation))));
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0f);
  for (const bool down : {false, true}) {
    const std::vector<float> from(picture.begin(), picture.end());
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x)
        for (std::size_t c = 0; c < 3; ++c) {
          float value = 0;
          for (int d = -reach; d <= reach; ++d) {
            const int u = down ? x : std::clamp(x + d, 0, side - 1), v = down ? std::clamp(y + d, 0, side - 1) : y;
            value +=
                weights[static_cast<std::size_t>(d + reach)] * from[static_cast<std::size_t>(v * side + u) * 3 + c];
          }
          at(picture, x, y, c) = value / sum;
        }
  }
}

/// Cut into 2 x 2 to 5 x 5 squares, no two of which stay neighbours but by chance.
void shuffle_pieces(std::span<float> picture, Dice& dice) {
  const int across = dice.whole(2, 5), cell = side / across;
  std::vector<int> order(static_cast<std::size_t>(across * across));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i-- > 1;)
    std::swap(order[i], order[static_cast<std::size_t>(dice.whole(0, static_cast<int>(i) - 1))]);
  const std::vector<float> from(picture.begin(), picture.end());
  for (int y = 0; y < across * cell; ++y)
    for (int x = 0; x < across * cell; ++x) {
      const int piece = order[static_cast<std::size_t>(y / cell * across + x / cell)];
      const int u = piece % across * cell + x % cell, v = piece / across * cell + y % cell;
      for (std::size_t c = 0; c < 3; ++c) at(picture, x, y, c) = from[static_cast<std::size_t>(v * side + u) * 3 + c];
    }
}

void harm(std::span<float> picture, Harm how, Dice& dice) {
  switch (how) {
    case blurred: return blur(picture, dice.between(0.6, 2.5));
    case in_pieces: return shuffle_pieces(picture, dice);
    case grainy: {
      const double strength = dice.between(0.04, 0.2);
      for (float& value : picture) value += static_cast<float>(strength * dice.bell());
      return;
    }
    case turned: {
      for (int quarters = dice.whole(1, 3); quarters > 0; --quarters) {
        const std::vector<float> from(picture.begin(), picture.end());
        for (int y = 0; y < side; ++y)
          for (int x = 0; x < side; ++x)
            for (std::size_t c = 0; c < 3; ++c)
              at(picture, x, y, c) = from[static_cast<std::size_t>((side - 1 - x) * side + y) * 3 + c];
      }
      return;
    }
    default: {  // red, green and blue change places: one of the five ways that are not the right one
      const std::array<std::array<std::size_t, 3>, 5> ways = {{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
      const auto& way = ways[static_cast<std::size_t>(dice.whole(0, 4))];
      for (std::size_t p = 0; p < picture.size(); p += 3) {
        const std::array<float, 3> was = {picture[p], picture[p + 1], picture[p + 2]};
        for (std::size_t c = 0; c < 3; ++c) picture[p + c] = was[way[c]];
      }
    }
  }
}

/// The encoder with its two questions, which are left behind when it is trained.
struct Network {
  Graph graph;
  Value picture, features, layout, harm;
  Network(std::int64_t count, Type compute) {
    picture = graph.input("picture", {count, side, side, 3});
    features = build_encoder(graph, picture, compute);
    encoder_parameters = static_cast<std::size_t>(graph.parameter_elements());
    layout = question("layout", means);
    harm = question("harm", harms);
  }
  std::size_t encoder_parameters = 0;

 private:
  Value question(const std::string& name, std::int64_t numbers) {
    const Value weight =
        graph.parameter(name + ".weight", {numbers, encoder_features}, {.gain = 1, .fan_in = encoder_features});
    return linear(graph, features, weight, graph.parameter(name + ".bias", {numbers}, {}));
  }
};

struct Batch {
  std::vector<float> pictures, layouts, harms;
};

/// Views of these plates; every other one is harmed.
Batch batch_of(const std::vector<Plate>& plates, std::span<const std::size_t> chosen, std::uint64_t seed,
               std::uint64_t first) {
  const std::size_t count = chosen.size();
  Batch batch{std::vector<float>(count * floats), std::vector<float>(count * means),
              std::vector<float>(count * harms, -1.0f)};
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < count; ++i) {
    Dice dice(seed, DiceStream::view, first + i);
    const std::span<float> view(&batch.pictures[i * floats], floats);
    draw_view(plates[chosen[i]], dice, view);
    if (i % 2 == 1) {
      const auto how = static_cast<Harm>(dice.whole(0, harms - 1));
      harm(view, how, dice);
      batch.harms[i * harms + how] = 1;
    }
    const std::span<float> layout(&batch.layouts[i * means], means);
    average_blocks(view, cells, side / cells, layout);
    for (float& mean : layout) mean *= mean_scale;
  }
  return batch;
}

/// Scales and shifts the last layer, so that each feature has mean 0 and variance 1 over these.
void standardise(std::vector<float>& parameters, const Graph& graph, const std::vector<Features>& seen) {
  std::size_t begin = 0;
  for (const Value value : graph.parameters()) {
    const std::string& name = graph[value].name;
    const auto size = static_cast<std::size_t>(elements(graph.shape(value)));
    if (name == "encoder.features.weight" || name == "encoder.features.bias") {
      const bool bias = name.ends_with("bias");
      const std::size_t each = size / encoder_features;
      for (std::size_t f = 0; f < encoder_features; ++f) {
        double sum = 0, squares = 0;
        for (const Features& one : seen) {
          sum += static_cast<double>(one[f]);
          squares += static_cast<double>(one[f]) * static_cast<double>(one[f]);
        }
        const double mean = sum / static_cast<double>(seen.size()),
                     deviation = std::sqrt(std::max(1e-12, squares / static_cast<double>(seen.size()) - mean * mean));
        for (std::size_t i = 0; i < each; ++i) {
          float& number = parameters[begin + f * each + i];
          number = static_cast<float>((static_cast<double>(number) - (bias ? mean : 0)) / deviation);
        }
      }
    }
    begin += size;
  }
}

std::vector<Features> features_of_views(Backend& backend, const Network& like, const std::vector<float>& parameters,
                                        const std::vector<Plate>& plates, std::uint64_t seed, std::size_t most) {
  constexpr std::size_t batch = 32;
  const Network network(batch, Type::f32);
  const Value keep[] = {network.features};
  const auto program = backend.compile(network.graph, keep);
  std::vector<float> all_parameters(static_cast<std::size_t>(like.graph.parameter_elements()));
  std::ranges::copy(parameters, all_parameters.begin());
  program->write_state(State::parameters, all_parameters);
  std::vector<Features> all;
  std::vector<float> pictures(batch * floats);
  for (std::size_t first = 0; first < std::min(most, plates.size()); first += batch) {
    const std::size_t count = std::min(batch, std::min(most, plates.size()) - first);
#pragma omp parallel for schedule(dynamic)
    for (std::size_t i = 0; i < count; ++i) {
      Dice dice(seed, DiceStream::view, first + i);
      draw_view(plates[first + i], dice, {&pictures[i * floats], floats});
    }
    program->write(network.picture, pictures);
    program->run();
    const auto numbers = program->read(network.features);
    for (std::size_t i = 0; i < count; ++i)
      all.emplace_back(&numbers[i * encoder_features], &numbers[i * encoder_features] + encoder_features);
  }
  return all;
}

double distance(const Features& a, const Features& b) {
  double sum = 0;
  for (std::size_t f = 0; f < a.size(); ++f) sum += std::pow(static_cast<double>(a[f]) - static_cast<double>(b[f]), 2);
  return sum;
}

double share_found(const std::vector<Features>& a, const std::vector<Features>& b) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t nearest = 0;
    for (std::size_t j = 1; j < b.size(); ++j)
      if (distance(a[i], b[j]) < distance(a[i], b[nearest])) nearest = j;
    found += nearest == i;
  }
  return static_cast<double>(found) / static_cast<double>(a.size());
}

/// How often what was done is said rightly; nothing, where no answer is above 0.
double share_told(Backend& backend, const std::vector<float>& parameters, const std::vector<Plate>& plates,
                  std::uint64_t seed) {
  constexpr std::size_t batch = 32;
  const Network network(batch, Type::f32);
  const Value keep[] = {network.harm};
  const auto program = backend.compile(network.graph, keep);
  program->write_state(State::parameters, parameters);
  // So many of each harm, and as many that nothing was done to.
  std::size_t right = 0, asked = 0;
  for (std::size_t first = 0; first < plates.size(); first += batch) {
    std::vector<float> pictures(batch * floats);
    std::vector<std::size_t> done(batch);
    const std::size_t count = std::min(batch, plates.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      Dice dice(seed, DiceStream::view, first + i);
      const std::span<float> view(&pictures[i * floats], floats);
      draw_view(plates[first + i], dice, view);
      done[i] = (first + i) % (harms + 1);
      if (done[i] < harms) harm(view, static_cast<Harm>(done[i]), dice);
    }
    program->write(network.picture, pictures);
    program->run();
    const auto answers = program->read(network.harm);
    for (std::size_t i = 0; i < count; ++i, ++asked) {
      std::size_t said = harms;
      for (std::size_t h = 0; h < harms; ++h)
        if (answers[i * harms + h] > (said == harms ? 0.0f : answers[i * harms + said])) said = h;
      right += said == done[i];
    }
  }
  return static_cast<double>(right) / static_cast<double>(asked);
}

}  // namespace

TrainedEncoder train_encoder(Backend& backend, const EncoderSettings& settings,
                             const std::function<void(const std::string&)>& report) {
  const Plates plates = read_plates(settings, report);
  const auto count = static_cast<std::size_t>(settings.batch);
  Network network(settings.batch, backend.preferred_type());
  Graph& graph = network.graph;
  const Value layout_wanted = graph.input("layout_wanted", graph.shape(network.layout)),
              harm_wanted = graph.input("harm_wanted", graph.shape(network.harm)),
              weight = graph.input("weight", {settings.batch}), seed = graph.input("seed", {1});
  const Value of_layout = weighted_squared_error(graph, network.layout, layout_wanted, weight).loss,
              of_harm = weighted_squared_error(graph, network.harm, harm_wanted, weight).loss;
  const auto parameters = graph.parameters();
  const auto initial = initial_parameters(graph, settings.seed);
  const auto gradients = graph.differentiate(add(graph, of_layout, of_harm), seed, parameters);
  const Value keep[] = {of_layout, of_harm};
  const auto program = backend.compile(graph, keep, gradients);
  program->write_state(State::parameters, initial);
  program->write_state(State::ema, initial);
  program->write(seed, std::vector<float>{1.0f});
  program->write(weight, std::vector<float>(count, 1.0f));

  // Each plate comes once before any comes again.
  std::vector<std::size_t> order(plates.training.size());
  std::iota(order.begin(), order.end(), 0);
  std::size_t next = order.size();
  OptimiserStep optimiser;
  optimiser.weight_decay = 0.05;
  double layout_error = 0, harm_error = 0;
  const std::int64_t told_every = std::max<std::int64_t>(1, settings.steps / 20);
  for (std::int64_t step = 1; step <= settings.steps; ++step) {
    std::vector<std::size_t> chosen;
    while (chosen.size() < count) {
      if (next == order.size()) {
        Dice dice(settings.seed, DiceStream::kind, static_cast<std::uint64_t>(step));
        for (std::size_t i = order.size(); i-- > 1;)
          std::swap(order[i], order[static_cast<std::size_t>(dice.whole(0, static_cast<int>(i)))]);
        next = 0;
      }
      chosen.push_back(order[next++]);
    }
    const Batch batch = batch_of(plates.training, chosen, settings.seed, static_cast<std::uint64_t>(step) * count);
    program->write(network.picture, batch.pictures);
    program->write(layout_wanted, batch.layouts);
    program->write(harm_wanted, batch.harms);
    program->run();
    const auto now = static_cast<double>(step), left = static_cast<double>(settings.steps - step + 1);
    optimiser.step = step;
    optimiser.learning_rate = 2e-3 * std::min({1.0, now / 100, left / (0.5 * static_cast<double>(settings.steps))});
    optimiser.ema_decay = std::min(0.99, (1 + now) / (10 + now));
    program->optimise(optimiser);
    layout_error += static_cast<double>(program->read(of_layout)[0]) / static_cast<double>(told_every);
    harm_error += static_cast<double>(program->read(of_harm)[0]) / static_cast<double>(told_every);
    if (step % told_every > 0) continue;
    char line[160];
    std::snprintf(line, sizeof line, "%lld of %lld steps: error in what lies where %.3f, in what was done to it %.3f",
                  static_cast<long long>(step), static_cast<long long>(settings.steps), layout_error, harm_error);
    report(line);
    layout_error = harm_error = 0;
  }

  const auto learned = program->read_state(State::ema);
  TrainedEncoder out;
  out.encoder.trained_on = plates.name;
  out.encoder.train_samples = settings.steps * settings.batch;
  out.told = share_told(backend, learned, plates.held_out, settings.seed + 1);
  out.encoder.parameters.assign(learned.begin(),
                                learned.begin() + static_cast<std::ptrdiff_t>(network.encoder_parameters));
  const auto features = [&](const std::vector<Plate>& of, std::uint64_t view_seed, std::size_t most) {
    return features_of_views(backend, network, out.encoder.parameters, of, view_seed, most);
  };
  Graph alone;
  build_encoder(alone, alone.input("picture", {1, side, side, 3}), Type::f32);
  standardise(out.encoder.parameters, alone, features(plates.training, settings.seed + 2, 2048));
  out.plates = plates.held_out.size();
  out.found = share_found(features(plates.held_out, settings.seed + 3, out.plates),
                          features(plates.held_out, settings.seed + 4, out.plates));
  return out;
}

}  // namespace florilegium
