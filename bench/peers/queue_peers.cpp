#include <surewake/bench/peers/queue_peer.hpp>

#include <span>
#include <stdexcept>

#ifdef SUREWAKE_PEER_RUST
extern "C" surewake::bench::queue_peer const* surewake_rust_queues(std::size_t* count, std::size_t* size);
#endif

namespace surewake::bench {
namespace {

std::span<queue_peer const> rust_queues() {
#ifdef SUREWAKE_PEER_RUST
  std::size_t count = 0;
  std::size_t size = 0;
  queue_peer const* const first = surewake_rust_queues(&count, &size);
  if (size != sizeof(queue_peer)) throw std::logic_error("rust/src/abi.rs and queue_peer.hpp declare different tables");
  return {first, count};
#else
  return {};
#endif
}

}  // namespace

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
    for (queue_peer const& q : rust_queues()) made.push_back(q);
    return made;
  }();
  return all;
}

}  // namespace surewake::bench
