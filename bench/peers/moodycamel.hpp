// surewake/bench/peers/moodycamel.hpp: LightweightSemaphore, which spins before it sleeps in a semaphore of the system.
#pragma once

#ifdef SUREWAKE_PEER_MOODYCAMEL
#include <blockingconcurrentqueue.h>  // lightweightsemaphore.h alone does not compile

#include <chrono>

namespace surewake::bench {

struct moodycamel_peer {
  static constexpr char const* name = "moodycamel::LightweightSemaphore";
  static constexpr char const* package = "concurrentqueue";
  static constexpr char const* withdrawal = "time-out";
  explicit moodycamel_peer(unsigned permits) : semaphore(permits) {}
  void acquire() {
    while (!semaphore.wait()) {
    }
  }
  bool acquire_for(std::chrono::microseconds limit) { return semaphore.wait(limit.count()); }
  bool try_acquire() { return semaphore.tryWait(); }
  void release(unsigned n = 1) { semaphore.signal(n); }
  moodycamel::LightweightSemaphore semaphore;
};

}  // namespace surewake::bench
#endif
