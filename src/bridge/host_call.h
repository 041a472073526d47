// Calls from C++ into the page: every one has the form host[part][wish]({name: value, ...}), where
// the host is the JavaScript object that the page hands to the studio's module. A part of the page
// that is not there yet is not asked.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "src/image/picture.h"

namespace florilegium {

/// A named value: what becomes of it in JavaScript stands beside it. Lives as long as what it was
/// made of.
struct Given {
  Given(const char* name, double number) : name_(name), kind_(Kind::number), number_(number) {}
  Given(const char* name, int number) : Given(name, static_cast<double>(number)) {}
  Given(const char* name, bool truth) : name_(name), kind_(Kind::truth), number_(truth ? 1 : 0) {}
  Given(const char* name, std::uint64_t seed) : name_(name), kind_(Kind::seed), seed_(seed) {}  ///< a BigInt
  Given(const char* name, const char* text) : name_(name), kind_(Kind::text), data_(text) {}
  Given(const char* name, const std::string& text) : Given(name, text.c_str()) {}
  Given(const char* name, const Picture& picture)  ///< {rgba, width, height}; its own copy
      : name_(name), kind_(Kind::picture), data_(picture.rgba.data()), width_(picture.width), height_(picture.height) {}
  Given(const char* name, const std::vector<int>& numbers)
      : name_(name), kind_(Kind::numbers), data_(numbers.data()), width_(static_cast<int>(numbers.size())) {}

  enum class Kind : std::int32_t { number, truth, seed, text, picture, numbers };

  // In this order: host_call.cpp reads them from the memory.
  const char* name_;
  Kind kind_;
  double number_ = 0;
  std::uint64_t seed_ = 0;
  const void* data_ = nullptr;
  std::int32_t width_ = 0, height_ = 0;
};

/// -> what the wish answers, as a number; 0 when it answers nothing, or nobody was there.
double host_call(const char* part, const char* wish, std::initializer_list<Given> given = {});

}  // namespace florilegium
