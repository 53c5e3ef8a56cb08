// surewake/bench/peers/peers.hpp: semaphores of other projects, for plain threads, under one set of names.
#pragma once

#include <semaphore.h>

#include <cerrno>
#include <semaphore>

namespace surewake::bench {

struct std_peer {
  static constexpr char const* name = "std::counting_semaphore";
  explicit std_peer(unsigned permits) : semaphore(static_cast<std::ptrdiff_t>(permits)) {}
  void acquire() { semaphore.acquire(); }
  bool try_acquire() { return semaphore.try_acquire(); }
  void release() { semaphore.release(); }
  std::counting_semaphore<> semaphore;
};

struct posix_peer {
  static constexpr char const* name = "sem_t";
  explicit posix_peer(unsigned permits) { ::sem_init(&semaphore, 0, permits); }
  posix_peer(posix_peer const&) = delete;
  posix_peer& operator=(posix_peer const&) = delete;
  ~posix_peer() { ::sem_destroy(&semaphore); }
  void acquire() {
    while (::sem_wait(&semaphore) != 0 && errno == EINTR) {
    }
  }
  bool try_acquire() { return ::sem_trywait(&semaphore) == 0; }
  void release() { ::sem_post(&semaphore); }
  ::sem_t semaphore;
};

/// Calls f.operator()<Peer>() for each.
template <class F>
void for_each_peer(F&& f) {
  f.template operator()<std_peer>();
  f.template operator()<posix_peer>();
}

/// Counts the permits that are free at the end, by taking them: a peer without a counter to read can be asked that.
template <class Peer>
[[nodiscard]] unsigned free_permits(Peer& s) {
  unsigned n = 0;
  while (s.try_acquire()) ++n;
  for (unsigned i = 0; i < n; ++i) s.release();
  return n;
}

}  // namespace surewake::bench
