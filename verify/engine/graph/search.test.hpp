// surewake/verify/engine/graph/search.test.hpp: searches in the engine's own tests. Not installed.
#pragma once

#include <surewake/verify/engine/graph/graph_platform.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

#include <doctest/doctest.h>

#include <cstdint>

namespace surewake::verify::graph {

template <class M> search_outcome search(search_limits const& limits = {}) {
  model_type const type = verify::detail::type_of<M>();
  return runtime(type, limits).search();
}
inline void passes(search_outcome const& found, std::uint64_t executions) {
  CHECK(found.message == "");
  CHECK(found.finished);
  CHECK(found.complete == executions);
}

}  // namespace surewake::verify::graph
