#pragma once

#include <vector>

#include "src/diffusion/samplers.h"

/// Whatever stands in the table, so that another sampler is tested as the others are.
inline std::vector<florilegium::Sampler> all_samplers() {
  std::vector<florilegium::Sampler> all;
  for (const florilegium::SamplerEntry& one : florilegium::samplers()) all.push_back(florilegium::sampler(one.name));
  return all;
}
