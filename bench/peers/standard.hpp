// surewake/bench/peers/standard.hpp: the semaphores of C++ and of POSIX.
#pragma once

#include <semaphore.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <semaphore>

namespace surewake::bench {

struct std_peer {
  static constexpr char const* name = "std::counting_semaphore";
  static constexpr char const* package = "libstdc++";
  static constexpr char const* withdrawal = "time-out";
  explicit std_peer(unsigned permits) : semaphore(static_cast<std::ptrdiff_t>(permits)) {}
  void acquire() { semaphore.acquire(); }
  bool acquire_for(std::chrono::nanoseconds limit) { return semaphore.try_acquire_for(limit); }
  bool try_acquire() { return semaphore.try_acquire(); }
  void release(unsigned n = 1) { semaphore.release(static_cast<std::ptrdiff_t>(n)); }
  std::counting_semaphore<> semaphore;
};

struct posix_peer {
  static constexpr char const* name = "sem_t";
  static constexpr char const* package = "glibc";
  static constexpr char const* withdrawal = "time-out";
  explicit posix_peer(unsigned permits) { ::sem_init(&semaphore, 0, permits); }
  posix_peer(posix_peer const&) = delete;
  posix_peer& operator=(posix_peer const&) = delete;
  ~posix_peer() { ::sem_destroy(&semaphore); }
  void acquire() {
    while (::sem_wait(&semaphore) != 0 && errno == EINTR) {
    }
  }
  bool acquire_for(std::chrono::nanoseconds limit) {
    timespec until{};
    ::clock_gettime(CLOCK_MONOTONIC, &until);
    auto const end = std::chrono::nanoseconds(until.tv_nsec) + limit;
    until.tv_sec += static_cast<std::time_t>(end / std::chrono::seconds{1});
    until.tv_nsec = static_cast<long>((end % std::chrono::seconds{1}).count());
    int ended = 0;
    do {
      ended = ::sem_clockwait(&semaphore, CLOCK_MONOTONIC, &until);
    } while (ended != 0 && errno == EINTR);
    return ended == 0;
  }
  bool try_acquire() { return ::sem_trywait(&semaphore) == 0; }
  void release(unsigned n = 1) {
    for (unsigned i = 0; i < n; ++i) ::sem_post(&semaphore);
  }
  ::sem_t semaphore;
};

}  // namespace surewake::bench
