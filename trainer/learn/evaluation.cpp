#include "trainer/learn/evaluation.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "trainer/learn/noising.h"

namespace florilegium {
namespace {

constexpr std::uint64_t evaluation_seed = 0x6576616c;  // "eval"

double mean(const LossByLevel& losses) {
  double sum = 0;
  for (const double loss : losses) sum += loss / static_cast<double>(losses.size());
  return sum;
}

LossByLevel losses(ForwardModel& model, const TrainingSettings& s, std::size_t pictures,
                   const std::function<ViewKind(std::size_t, std::span<float>)>& picture) {
  const EvaluationLevels levels = evaluation_levels(s.part);
  const auto side = static_cast<std::size_t>(s.network.image_size), size = side * side * 3,
             batch = static_cast<std::size_t>(model.batch());
  LossByLevel error{};
  std::vector<float> clean(batch * size), noisy(batch * size), views(batch, 1.0f);
  for (std::size_t first = 0; first < pictures; first += batch) {
    const std::size_t count = std::min(batch, pictures - first);
    for (std::size_t i = 0; i < count; ++i)
      views[i] = picture(first + i, {&clean[i * size], size}) == ViewKind::whole ? 1.0f : 0.0f;
    for (std::size_t l = 0; l < error.size(); ++l) {
      for (std::size_t i = 0; i < count; ++i) {
        add_training_noise({&clean[i * size], size}, levels[l], s.noise, static_cast<float>(s.noise_scale),
                           evaluation_seed, (first + i) * error.size() + l, {&noisy[i * size], size});
      }
      const auto denoised = model.denoise(noisy, std::vector<float>(batch, levels[l]), {}, views);
      double sum = 0;
      for (std::size_t k = 0; k < count * size; ++k)
        sum += static_cast<double>((denoised[k] - clean[k]) * (denoised[k] - clean[k]));
      error[l] += sum / static_cast<double>(size * pictures);
    }
  }
  return error;
}

}  // namespace

double Evaluation::held_out_loss() const { return mean(held_out); }
double Evaluation::trained_loss() const { return mean(trained); }

Evaluation evaluate(ForwardModel& model, const PictureSource& source, const TrainingSettings& s) {
  const Sight sight = sight_of(s);
  const auto pictures = std::min<std::size_t>(source.held_out_count(), static_cast<std::size_t>(s.held_out_pictures));
  const auto spread = [&](std::size_t i, std::size_t count) { return count > pictures ? i * count / pictures : i; };
  return {losses(model, s, pictures,
                 [&](std::size_t i, std::span<float> out) {
                   return source.held_out(spread(i, source.held_out_count()), sight, out);
                 }),
          losses(model, s, pictures, [&](std::size_t i, std::span<float> out) {
            return source.training_picture(s.seed, spread(i, source.training_count()), sight, out);
          })};
}

}  // namespace florilegium
