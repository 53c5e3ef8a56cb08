// What packed() made small, as the page makes it large again.
#pragma once

#include <zlib.h>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace surewake::bench {

inline std::string unpacked(std::string_view base64) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, has = 0;
  for (char const c : base64.substr(0, base64.find('='))) {
    bits = bits << 6U | static_cast<unsigned>(digits.find(c));
    if ((has += 6) >= 8) bytes += static_cast<char>(bits >> (has -= 8) & 255U);
  }
  std::string text(10'000'000, '\0');
  uLongf size = text.size();
  REQUIRE(::uncompress(reinterpret_cast<Bytef*>(text.data()), &size, reinterpret_cast<Bytef const*>(bytes.data()),
                       bytes.size()) == Z_OK);
  text.resize(size);
  return text;
}

}  // namespace surewake::bench
