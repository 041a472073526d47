// SHA-256 (FIPS 180-4): what names a file by its content.
#pragma once

#include <string>
#include <string_view>

namespace florilegium {

/// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace florilegium
