#include <surewake/bench/peers/queue_peer.hpp>
#include <surewake/bench/peers/rust.hpp>

#ifdef SUREWAKE_PEER_RUST
extern "C" surewake::bench::queue_peer const* surewake_rust_queues(std::size_t* count, std::size_t* size);
#endif

namespace surewake::bench {

std::vector<queue_peer> const& queue_peers() {
  static std::vector<queue_peer> const all = [] {
    std::vector<queue_peer> made{ring_queue()};
#ifdef SUREWAKE_PEER_MOODYCAMEL
    made.push_back(moodycamel_queue());
#endif
#ifdef SUREWAKE_PEER_TBB
    made.push_back(tbb_queue());
#endif
#ifdef SUREWAKE_PEER_URCU
    made.push_back(urcu_queue());
#endif
#ifdef SUREWAKE_PEER_CDS
    made.push_back(cds_queue());
#endif
#ifdef SUREWAKE_PEER_CK
    made.push_back(ck_queue());
#endif
#ifdef SUREWAKE_PEER_RUST
    for (queue_peer const& q : rust_tables(&surewake_rust_queues, "queue_peer.hpp")) made.push_back(q);
#endif
    return made;
  }();
  return all;
}

}  // namespace surewake::bench
