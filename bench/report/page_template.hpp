// surewake/bench/report/page_template.hpp: the page of the report as the maintainers' build made it: report/page.
#pragma once

#include <string_view>

namespace surewake::bench {

/// Where the results go in the template: once, inside a script element of type application/json.
inline constexpr std::string_view page_marker = "@surewake-results@";

/// Returns bench/report/page/page.html, which is part of the program.
[[nodiscard]] std::string_view page_template() noexcept;

}  // namespace surewake::bench
