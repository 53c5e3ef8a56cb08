// surewake/verify/engine/graph/orders.hpp: the orders of the source's operations as those of events, and back.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>
#include <surewake/verify/engine/shown.hpp>

namespace surewake::verify::graph {

[[nodiscard]] constexpr order to_graph(verify::order o) noexcept {
  return static_cast<order>(static_cast<std::uint8_t>(o) + 1);
}
/// Returns the order that a trace shows: plain accesses have none in the source.
[[nodiscard]] constexpr verify::order to_source(order o) noexcept {
  return o == order::plain ? verify::order::relaxed : static_cast<verify::order>(static_cast<std::uint8_t>(o) - 1);
}
static_assert(to_graph(verify::order::relaxed) == order::relaxed && to_graph(verify::order::seq_cst) == order::seq_cst);
static_assert(to_source(order::relaxed) == verify::order::relaxed &&
              to_source(order::seq_cst) == verify::order::seq_cst);

}  // namespace surewake::verify::graph
