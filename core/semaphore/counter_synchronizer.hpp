// surewake/core/semaphore/counter_synchronizer.hpp: a discipline's word decides who waits; any waiter_queue matches the waiters and the
// grants.
//
//   acquire   word.take: had it (one RMW), or owed k grants --queue.enqueue--> granted later
//   release   word.put: nobody waits (one RMW), or k grants are due --queue.grant--> the first waiters
//   give up   queue.withdraw, with word.refund inside it (core/semaphore/waiter_queue.hpp says why inside)
//
// What a gate is (core/semaphore/monitor_synchronizer.hpp is the other model). `w` asks for n permits in all.
//   take(n)            the n permits are ours, or wait() must follow, or closed (core/semaphore/take_result.hpp)
//   wait(w, n, taken)  registers w; `taken` is what take(n) said, and must_wait(). `waiting`: it is not ours any more.
//                      Else: granted, or closed
//   woken(w, n)        w was handed over. As wait: under barging it may be registered again
//   woken_last_time    as woken, but `waiting` means that w gave up: it is not registered again
//   decline(w, n)      w was handed over, and does not want it: others get it
//   withdraw(w, n)     true: w has left, nobody touches it again. false: it is being handed over
//   reduce(n)          takes up to n free permits away, also of a closed semaphore; how many
//   give_back(n), try_take(n), close(), and the snapshots
// Progress  take and give_back as the discipline says while nobody waits; else as the queue says.   Errors  none.
#pragma once

#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <template <class> class Queue, platform P, class Discipline>
  requires waiter_queue<Queue<P>, P>
class counted_gate {
 public:
  using platform_type = P;

  /// The most permits that one acquire may wait for. Under barging it waits for one wake, whatever it wants.
  static constexpr std::int64_t max_request = [] {
    if constexpr (requires { Queue<P>::max_request; }) {
      if (std::derived_from<Discipline, hand_off>) return static_cast<std::int64_t>(Queue<P>::max_request);
    }
    return std::numeric_limits<std::int64_t>::max();
  }();

  explicit counted_gate(std::int64_t permits) noexcept : word_(permits) {}

  [[nodiscard]] take_result take(std::int64_t n) noexcept {
    std::int64_t const owed = word_.take(n);
    if (owed == 0) [[likely]]
      return take_result::granted();
    return owed > 0 ? take_result::must_wait(owed) : take_result::closed();
  }

  [[nodiscard]] enqueued wait(waiter<P>& w, std::int64_t n, take_result taken) noexcept {
    return wait_for(w, n, taken.token());
  }

  [[nodiscard]] enqueued woken(waiter<P>& w, std::int64_t n) noexcept {
    if (!w.closed()) return wait_for(w, n, word_.retake(n));
    word_.abandon(n);
    return enqueued::closed;
  }

  [[nodiscard]] enqueued woken_last_time(waiter<P>& w, std::int64_t n) noexcept {
    if (w.closed()) return woken(w, n);
    return word_.take_granted(n) ? enqueued::granted : enqueued::waiting;
  }

  void decline(waiter<P>& w, std::int64_t n) noexcept {
    if (w.closed()) return word_.abandon(n);
    deliver(word_.pass_on(n));
  }

  [[nodiscard]] bool withdraw(waiter<P>& w, std::int64_t n) noexcept {
    std::int64_t grants = 0;
    bool const withdrawn = queue_.withdraw(w, [&](std::uint32_t missing) noexcept {
      refunded const r = word_.refund(n, missing);
      grants = r.grants;
      return r.refusals;
    });
    deliver(grants);
    return withdrawn;
  }

  void give_back(std::int64_t n) noexcept { deliver(word_.put(n)); }
  [[nodiscard]] bool try_take(std::int64_t n) noexcept { return word_.try_take(n); }
  [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept { return word_.reduce(n); }
  void close() noexcept {
    word_.close();
    queue_.close();
  }

  [[nodiscard]] bool is_closed() const noexcept { return word_.is_closed(); }
  [[nodiscard]] std::int64_t available() const noexcept { return word_.available(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return queue_.size(); }

 private:
  /// As long as `owed` grants are owed to w, which wants n permits, or 0, or less: closed.
  [[nodiscard]] enqueued wait_for(waiter<P>& w, std::int64_t n, std::int64_t owed) noexcept {
    bool has_them = false;
    while (owed > 0) {
      // What the word had of our n goes into the line like any release: kept here, it could be the part that the first
      // waiter in line lacks, while that one has the part that we lack.
      std::int64_t const brought = word_.brings(n, owed);
      deliver(brought);
      w.needs(static_cast<std::uint32_t>(owed + brought));
      switch (enqueue(w, n, has_them)) {
        case enqueued::waiting: return enqueued::waiting;
        case enqueued::closed: word_.abandon(n); return enqueued::closed;
        case enqueued::granted: owed = has_them ? 0 : word_.retake(n);
      }
    }
    return owed == 0 ? enqueued::granted : enqueued::closed;
  }

  [[nodiscard]] enqueued enqueue(waiter<P>& w, std::int64_t n, bool& has_them) noexcept {
    if constexpr (requires { word_.look_again(n); }) {
      return queue_.enqueue(w, [&]() noexcept {
        std::int64_t const refusals = word_.look_again(n);
        has_them = refusals >= 0;
        return refusals;
      });
    } else {
      return queue_.enqueue(w);
    }
  }

  void deliver(std::int64_t grants) noexcept {
    if (grants > 0) [[unlikely]]
      queue_.grant(grants);
  }

  typename Discipline::template word<P> word_;  // permits, free and owed: core/semaphore/hand_off.hpp, core/semaphore/barging.hpp
  Queue<P> queue_;                              // who waits
};

/// Which gate a strategy uses under a discipline; a strategy with a better one specialises it.
template <template <class> class Queue, class Discipline> struct gate_for {
  template <class P> using type = counted_gate<Queue, P, Discipline>;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
