#include "src/files/name_text.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace florilegium;

TEST_CASE("any name becomes UTF-8 and comes back; one that is UTF-8 stays as it is") {
  const char* names[] = {
      "photos",   "Gänseblümchen 雛菊 🌼", "Blumen-\xe4\xf6\xfc", "\xff",         "a\xc3",
      "\xc0\xaf", "\xed\xa0\x80",         "\xf4\x90\x80\x80",    "\xef\x9f\xa4", "\xe4\xc3\xa4\xef\x9e\x80"};
  for (const std::string name : names) {
    CAPTURE(name.size());
    const std::string text = text_of_name(name);
    CHECK_NOTHROW(nlohmann::json(text).dump());
    CHECK_NOTHROW(nlohmann::json(shown_name(name)).dump());
    CHECK(name_of_text(text) == name);
  }
  CHECK(text_of_name(names[1]) == names[1]);
  CHECK(shown_name("Blumen-\xe4") == "Blumen-?");
  std::string every;
  for (int byte = 1; byte < 256; ++byte) every += static_cast<char>(byte);
  CHECK(name_of_text(text_of_name(every)) == every);
}
