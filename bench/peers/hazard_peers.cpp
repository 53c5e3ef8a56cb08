#include <surewake/bench/peers/hazard_peer.hpp>

namespace surewake::bench {

std::vector<hazard_peer> const& hazard_peers() {
  static std::vector<hazard_peer> const all = [] {
    std::vector<hazard_peer> made;
#ifdef SUREWAKE_PEER_CDS
    made.push_back(cds_hazard_pointers());
#endif
#ifdef SUREWAKE_PEER_CK
    made.push_back(ck_hazard_pointers());
#endif
    return made;
  }();
  return all;
}

}  // namespace surewake::bench
