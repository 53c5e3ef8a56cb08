// surewake/bench/peers/thread_peer.hpp: the table of a semaphore for plain threads, from a class with `name`,
// `package`, `withdrawal`, `acquire`, `try_acquire`, `release(n)`.
#pragma once

#include <surewake/bench/peers/peer.hpp>

namespace surewake::bench {

/// Counts the permits that are free, by taking them: a peer without a counter to read can be asked that.
template <class Peer>
[[nodiscard]] unsigned free_permits(Peer& s) {
  unsigned n = 0;
  while (s.try_acquire()) ++n;
  if (n != 0) s.release(n);
  return n;
}

/// Its loops.
template <class P>
struct thread_loops {
  static P& of(void* s) noexcept { return *static_cast<P*>(s); }

  static void acquire_release(void* s, std::uint64_t n) {
    P& semaphore = of(s);
    for (std::uint64_t i = 0; i < n; ++i) {
      semaphore.acquire();
      semaphore.release();
    }
  }
  static std::uint64_t attempts(void* s, std::uint64_t n) {
    P& semaphore = of(s);
    std::uint64_t got = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      if (!semaphore.try_acquire()) continue;
      ++got;
      semaphore.release();
    }
    return got;
  }
  static void wake_and_wait(void* there, void* back, std::uint64_t n) {
    P& mine = of(back);
    P& other = of(there);
    for (std::uint64_t i = 0; i < n; ++i) {
      other.release();
      mine.acquire();
    }
  }
  static void wait_and_wake(void* there, void* back, std::uint64_t n) {
    P& mine = of(there);
    P& other = of(back);
    for (std::uint64_t i = 0; i < n; ++i) {
      mine.acquire();
      other.release();
    }
  }
  static void contend(void* s, contention const* shared) {
    P& semaphore = of(s);
    for (std::uint64_t acquired = 0; !shared->stop->load(std::memory_order_relaxed);) {
      semaphore.acquire();
      if (shared->inside != nullptr) ++*shared->inside;
      shared->acquired->store(++acquired, std::memory_order_relaxed);
      semaphore.release();
    }
  }
};

template <class P>
[[nodiscard]] constexpr peer thread_peer() {
  using loops = thread_loops<P>;
  return {.name = P::name,
          .package = P::package,
          .withdrawal = P::withdrawal,
          .make = [](std::size_t permits) -> void* { return new P(static_cast<unsigned>(permits)); },
          .destroy = [](void* s) { delete &loops::of(s); },
          .free_permits = [](void* s) -> std::size_t { return bench::free_permits(loops::of(s)); },
          .release = [](void* s, std::size_t n) { loops::of(s).release(static_cast<unsigned>(n)); },
          .acquire = [](void* s) { loops::of(s).acquire(); },
          .try_acquire = [](void* s) { return loops::of(s).try_acquire(); },
          .await_loop = nullptr,
          .blocking_loop = &loops::acquire_release,
          .try_loop = &loops::attempts,
          .wake_and_wait = &loops::wake_and_wait,
          .wait_and_wake = &loops::wait_and_wake,
          .contend = &loops::contend,
          .one_semaphore = nullptr,
          .two_semaphores = nullptr,
          .crowd = nullptr,
          .pool = nullptr,
          .race = nullptr,
          .jobs = nullptr};
}

}  // namespace surewake::bench
