// surewake/verify/engine/graph/words.hpp: what threads ask for, in words.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>

#include <string>

namespace surewake::verify::graph {

/// Returns the kind of the step, its order, its location and its operands: "release store of 5 to location 2".
[[nodiscard]] std::string in_words(request const& r);
[[nodiscard]] char const* in_words(order o) noexcept;

}  // namespace surewake::verify::graph
