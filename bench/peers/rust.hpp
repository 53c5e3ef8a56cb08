// surewake/bench/peers/rust.hpp: the semaphores of Rust's crates, which the library of rust/ measures in this process.
#pragma once

#ifdef SUREWAKE_PEER_RUST
#include <surewake/bench/peers/peer.hpp>

#include <span>
#include <stdexcept>
#include <string>

namespace surewake::bench {

/// Returns the tables that a function of the library tells, with their number and the size of one.
///
/// Errors  std::logic_error where the library takes T for something else.
template <class T>
[[nodiscard]] std::span<T const> rust_tables(T const* (*told)(std::size_t*, std::size_t*), char const* header) {
  std::size_t count = 0;
  std::size_t size = 0;
  T const* const first = told(&count, &size);
  if (size == sizeof(T)) return {first, count};
  throw std::logic_error(std::string("rust/src/abi.rs and peers/") + header + " declare different tables");
}

/// In the order of surewake_rust_peers() in rust/src/lib.rs.
enum class rust_peer { tokio, async_lock, event_listener, parking_lot };

[[nodiscard]] std::span<peer const> rust_peers();

/// One of them as a class for plain threads.
template <rust_peer Which>
class rust_thread_peer {
 public:
  static inline peer const& table = rust_peers()[static_cast<std::size_t>(Which)];
  static inline char const* const name = rust_peers()[static_cast<std::size_t>(Which)].name;
  static inline char const* const package = rust_peers()[static_cast<std::size_t>(Which)].package;
  explicit rust_thread_peer(unsigned permits) : semaphore_(table, permits) {}
  void acquire() { table.acquire(semaphore_.get()); }
  bool try_acquire() { return table.try_acquire(semaphore_.get()); }
  void release(unsigned n = 1) { table.release(semaphore_.get(), n); }

 private:
  peer_semaphore semaphore_;
};

}  // namespace surewake::bench
#endif
