#include <surewake/bench/peers/compiled.hpp>
#include <surewake/bench/peers/peers.hpp>

#include "peer_versions.hpp"

#include <gnu/libc-version.h>

namespace surewake::bench {

std::vector<peer> const& peers() {
  static std::vector<peer> const all = [] {
    std::vector<peer> made{thread_peer<std_peer>(), thread_peer<posix_peer>(), thread_peer<mutex_condvar_peer>()};
#ifdef SUREWAKE_PEER_MOODYCAMEL
    made.push_back(thread_peer<moodycamel_peer>());
#endif
#ifdef SUREWAKE_PEER_QT
    made.push_back(qt_peer());
#endif
#ifdef SUREWAKE_PEER_FIBER
    made.push_back(fiber_peer());
#endif
#ifdef SUREWAKE_PEER_ASIO
    made.push_back(asio_peer());
#endif
#ifdef SUREWAKE_PEER_RUST
    for (peer const& p : rust_peers()) made.push_back(p);
#endif
    return made;
  }();
  return all;
}

std::vector<peer_package> const& peer_packages() {
  static std::vector<peer_package> const all = [] {
    std::vector<peer_package> known{{"glibc", ::gnu_get_libc_version(), ""}};
#ifdef __GLIBCXX__
    known.push_back({"libstdc++", std::to_string(_GLIBCXX_RELEASE) + " (" + std::to_string(__GLIBCXX__) + ")", ""});
#endif
    for (auto const& [name, version, left_out] : configured_peer_packages) known.push_back({name, version, left_out});
    return known;
  }();
  return all;
}

}  // namespace surewake::bench
