// surewake/bench/report/packed.hpp: text that is made small, and can stand in a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace surewake::bench {

/// Returns the text compressed by zlib (its format, RFC 1950), in base64 (RFC 4648).
///
/// Errors  std::bad_alloc.
[[nodiscard]] std::string packed(std::string_view text);

}  // namespace surewake::bench
