#include "trainer/backend/cuda/optimiser.h"

#include <cmath>

#include "trainer/backend/cuda/launch.h"
#include "trainer/backend/cuda/numbers.h"

namespace florilegium::cuda {
namespace {

constexpr std::int64_t piece = 2048;  // numbers that one warp takes; no piece reaches beyond one parameter

Memory on_device(const void* host, std::size_t bytes, Stream stream) {
  Memory memory(static_cast<std::int64_t>(bytes));
  if (bytes > 0) copy_to_device(memory.data(), host, memory.bytes(), stream);
  return memory;
}

struct CopyPiece {
  const float* from;
  void* to;
  std::uint32_t count;
  bool bf16;
};

struct CopyPieces {
  const CopyPiece* pieces;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const CopyPiece p = pieces[row];
    for (std::uint32_t i = warp.lane; i < p.count; i += warp.lanes) {
      if (p.bf16) static_cast<Bf16*>(p.to)[i] = store<Bf16>(p.from[i]);
      else static_cast<float*>(p.to)[i] = p.from[i];
    }
  }
};

struct UpdatePiece {
  std::int64_t begin;
  std::uint32_t count;
  bool decays;
};

struct SquarePieces {
  const UpdatePiece* pieces;
  const float* gradient;
  double* partial;
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const UpdatePiece p = pieces[row];
    const float* own = gradient + p.begin;
    double sum = 0;
    for (std::uint32_t i = warp.lane; i < p.count; i += warp.lanes)
      sum += static_cast<double>(own[i]) * static_cast<double>(own[i]);
    sum = warp.sum(sum);
    if (warp.lane == 0) partial[row] = sum;
  }
};

struct Norm {
  const double* partial;
  double* norm;
  std::uint32_t count;
  FLORILEGIUM_BOTH void operator()(std::uint32_t, Warp warp) const {
    double sum = 0;
    for (std::uint32_t i = warp.lane; i < count; i += warp.lanes) sum += partial[i];
    sum = warp.sum(sum);
    if (warp.lane == 0) norm[0] = sqrt(sum);
  }
};

struct UpdatePieces {
  const UpdatePiece* pieces;
  const double* norm;
  const float* gradient;
  float *parameters, *ema, *first, *second;
  double clip_norm;
  float rate, second_correction, b1, b2, epsilon, keep, shrink;  // rate: with the first moment's bias correction
  FLORILEGIUM_BOTH void operator()(std::uint32_t row, Warp warp) const {
    const double length = norm[0];
    if (!(length <= 1.7976931348623157e308)) return;  // infinite or not a number
    const float clip = clip_norm > 0 && length > clip_norm ? static_cast<float>(clip_norm / length) : 1.0f;
    const UpdatePiece p = pieces[row];
    const float own_shrink = p.decays ? shrink : 1.0f;
    for (std::uint32_t k = warp.lane; k < p.count; k += warp.lanes) {
      const std::int64_t i = p.begin + k;
      const float g = gradient[i] * clip, m = b1 * first[i] + (1.0f - b1) * g, v = b2 * second[i] + (1.0f - b2) * g * g;
      const float w = parameters[i] * own_shrink - rate * m / (sqrtf(v * second_correction) + epsilon);
      first[i] = m;
      second[i] = v;
      parameters[i] = w;
      ema[i] = keep * ema[i] + (1.0f - keep) * w;
    }
  }
};

}  // namespace

ParameterCopies::ParameterCopies(std::span<const ParameterCopy> copies, Stream stream) {
  std::vector<CopyPiece> pieces;
  for (const ParameterCopy& copy : copies)
    for (std::int64_t begin = 0; begin < copy.count; begin += piece)
      pieces.push_back({copy.from + begin, static_cast<std::byte*>(copy.to) + begin * bytes_of(copy.type),
                        static_cast<std::uint32_t>(std::min(piece, copy.count - begin)), copy.type == Type::bf16});
  pieces_ = on_device(pieces.data(), pieces.size() * sizeof(CopyPiece), stream);
  count_ = checked_count(static_cast<std::int64_t>(pieces.size()));
}

void ParameterCopies::run(Stream stream) const {
  each_row(stream, count_, CopyPieces{reinterpret_cast<const CopyPiece*>(pieces_.data())});
}

Optimiser::Optimiser(std::span<const ParameterRange> ranges, Stream stream) {
  std::vector<UpdatePiece> pieces;
  std::int64_t offset = 0;
  for (const ParameterRange& range : ranges) {
    for (std::int64_t begin = 0; begin < range.count; begin += piece)
      pieces.push_back(
          {offset + begin, static_cast<std::uint32_t>(std::min(piece, range.count - begin)), range.decays});
    offset += range.count;
  }
  pieces_ = on_device(pieces.data(), pieces.size() * sizeof(UpdatePiece), stream);
  count_ = checked_count(static_cast<std::int64_t>(pieces.size()));
  partial_ = Memory(static_cast<std::int64_t>(pieces.size() * sizeof(double)));
  norm_ = Memory(sizeof(double));
}

double Optimiser::step(const OptimiserStep& s, const float* gradient, float* parameters, float* ema,
                       float* first_moment, float* second_moment, Stream stream) const {
  const auto* pieces = reinterpret_cast<const UpdatePiece*>(pieces_.data());
  auto *partial = reinterpret_cast<double*>(partial_.data()), *norm = reinterpret_cast<double*>(norm_.data());
  const auto steps = static_cast<double>(s.step);
  each_row(stream, count_, SquarePieces{pieces, gradient, partial});
  each_row(stream, 1, Norm{partial, norm, count_});
  each_row(stream, count_,
           UpdatePieces{.pieces = pieces,
                        .norm = norm,
                        .gradient = gradient,
                        .parameters = parameters,
                        .ema = ema,
                        .first = first_moment,
                        .second = second_moment,
                        .clip_norm = s.clip_norm,
                        .rate = static_cast<float>(s.learning_rate / (1.0 - std::pow(s.beta1, steps))),
                        .second_correction = static_cast<float>(1.0 / (1.0 - std::pow(s.beta2, steps))),
                        .b1 = static_cast<float>(s.beta1),
                        .b2 = static_cast<float>(s.beta2),
                        .epsilon = static_cast<float>(s.epsilon),
                        .keep = static_cast<float>(s.ema_decay),
                        .shrink = static_cast<float>(1.0 - s.learning_rate * s.weight_decay)});
  double length = 0;
  copy_to_host(&length, norm, sizeof length, stream);
  return length;
}

}  // namespace florilegium::cuda
