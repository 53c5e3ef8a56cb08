// surewake/bench/peers/primitive_peer.hpp: what another project has beside a semaphore (a mutex, an event, a channel),
// as a table of functions. rust/src/abi.rs declares the same for Rust, field by field.
#pragma once

#include <surewake/bench/peers/peer.hpp>

#include <vector>

namespace surewake::bench {

/// A null member: it has no part in the scenario that asks for it.
struct primitive_peer {
  char const* row;      // the scenario of `primitives` that it takes part in
  char const* name;
  char const* package;  // whose version is recorded

  peer_game const* game;  // timed on one thread: n operations

  // A lock that threads want, and that is held until open().
  void* (*make)();
  void (*open)(void* lock);
  void (*contend)(void* lock, contention const* shared);  // until told to stop
  bool (*destroy)(void* lock);                            // whether nobody held it any more
};

/// Every one that this program was built with.
[[nodiscard]] std::vector<primitive_peer> const& primitive_peers();

}  // namespace surewake::bench
