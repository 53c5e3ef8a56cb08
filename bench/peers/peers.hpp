// surewake/bench/peers/peers.hpp: every semaphore of another project that this program was built with.
#pragma once

#include <surewake/bench/peers/moodycamel.hpp>
#include <surewake/bench/peers/mutex_condvar.hpp>
#include <surewake/bench/peers/rust.hpp>
#include <surewake/bench/peers/standard.hpp>
#include <surewake/bench/peers/thread_peer.hpp>

#include <string>
#include <vector>

namespace surewake::bench {

/// Calls f.operator()<Peer>() for each that plain threads can use, as a class with `acquire`, `try_acquire` and
/// `release(n = 1)`. Those of Rust cost a call of a function more in each: for loads that block or wait in them.
template <class F>
void for_each_peer(F&& f) {
  f.template operator()<std_peer>();
  f.template operator()<posix_peer>();
  f.template operator()<mutex_condvar_peer>();
#ifdef SUREWAKE_PEER_MOODYCAMEL
  f.template operator()<moodycamel_peer>();
#endif
#ifdef SUREWAKE_PEER_RUST
  f.template operator()<rust_thread_peer<rust_peer::tokio>>();
  f.template operator()<rust_thread_peer<rust_peer::async_lock>>();
  f.template operator()<rust_thread_peer<rust_peer::event_listener>>();
  f.template operator()<rust_thread_peer<rust_peer::parking_lot>>();
#endif
}

/// All of them, as tables.
[[nodiscard]] std::vector<peer> const& peers();

/// A library that peers come from, and its version; or, where it could not be built, the reason.
struct peer_package {
  std::string name;
  std::string version;   // empty: left out
  std::string left_out;  // the reason
};
[[nodiscard]] std::vector<peer_package> const& peer_packages();

}  // namespace surewake::bench
