#include <surewake/bench/report/packed.hpp>

#include <zlib.h>

#include <new>

namespace surewake::bench {
namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const byte = [&](std::size_t k) { return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U; };
    unsigned const three = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    text += digits[three >> 18U];
    text += digits[three >> 12U & 63U];
    text += i + 1 < bytes.size() ? digits[three >> 6U & 63U] : '=';
    text += i + 2 < bytes.size() ? digits[three & 63U] : '=';
  }
  return text;
}

}  // namespace

std::string packed(std::string_view text) {
  uLongf size = ::compressBound(static_cast<uLong>(text.size()));
  std::string compressed(size, '\0');
  int const failed = ::compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
                                 reinterpret_cast<Bytef const*>(text.data()), static_cast<uLong>(text.size()), 9);
  if (failed != Z_OK) throw std::bad_alloc();  // the room is enough, so that memory was short
  compressed.resize(size);
  return base64(compressed);
}

}  // namespace surewake::bench
