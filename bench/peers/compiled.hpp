// surewake/bench/peers/compiled.hpp: the peers whose libraries are seen by one file each.
#pragma once

#include <surewake/bench/peers/peer.hpp>

namespace surewake::bench {

#ifdef SUREWAKE_PEER_QT
[[nodiscard]] peer qt_peer();
#endif
#ifdef SUREWAKE_PEER_FIBER
[[nodiscard]] peer fiber_peer();
#endif
#ifdef SUREWAKE_PEER_ASIO
[[nodiscard]] peer asio_peer();
#endif

}  // namespace surewake::bench
