// surewake/bench/peers/hazard_peer.hpp: hazard pointers of another project, as loops.
#pragma once

#include <cstdint>
#include <vector>

namespace surewake::bench {

struct hazard_peer {
  char const* name;
  char const* package;                           // whose version is recorded
  std::uint64_t (*protect)(std::uint64_t n);     // n times: protects one of two objects by turns, and lets go
  void (*retire)(std::uint64_t n);               // makes and retires n objects
  std::uint64_t (*reclaim)();                    // reclaims what is left. Returns how many were destroyed in all
};

/// All that this program was built with.
[[nodiscard]] std::vector<hazard_peer> const& hazard_peers();

#ifdef SUREWAKE_PEER_CDS
[[nodiscard]] hazard_peer cds_hazard_pointers();
#endif
#ifdef SUREWAKE_PEER_CK
[[nodiscard]] hazard_peer ck_hazard_pointers();
#endif

}  // namespace surewake::bench
