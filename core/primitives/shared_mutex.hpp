// surewake/core/primitives/shared_mutex.hpp: a mutex that one writer holds alone, or that readers share, in the order
// in which they came.
//
//   free ----lock----> written ----unlock----> free, or the first waiter's: it, or all readers up to the next writer
//   free --lock_shared--> read by 1..n --lock_shared, nobody waits--> read by one more
//                         read by 1..n --unlock_shared--> read by one less, or free, or the first waiter's
//   written --downgrade--> read by 1, and by all readers that wait before the next writer
//
// Terms     n is most_readers(). A *writer* holds it by lock(), a *reader* by lock_shared(). A *batch* is the readers
//           that wait with no writer between them.
// The rule  A lock waits for those that held it or waited when it was registered, and for nobody that came later. So
//             - a writer waits for the readers that are inside, and for what waits before it: readers that come later
//               wait behind it, also where readers are inside. It is never overtaken;
//             - a reader waits for what waits before it, never for a writer that came later. It is never overtaken;
//             - a batch whose turn it is gets in at once, up to n readers: none of them waits for another one.
//           A try never overtakes a waiter. A lock that is given up leaves the rest in their order: where a writer
//           leaves that waited while readers were inside, the batch behind it gets in beside them.
//           A rule that lets readers in past a waiting writer would have larger batches, and starve the writer; one
//           that lets all waiting readers in when a writer leaves (Go, phase-fair locks) makes a writer wait for
//           readers that came later, as many as there are.
//
// It is the synchronizer of a semaphore with n permits under hand_off (core/semaphore/semaphore.hpp, whose laws 1 to 8
// hold): a reader takes one permit, a writer all of them.
//
// Invariants
//   I1  The permits are n: what guards hold, what is free, and what is set aside for the first waiter (law 1). A writer
//       has n, so that it is alone. A reader has one, so that no writer is inside.
//   I2  Requests are served in the order of registration, for any mix of sizes (law 6), by a strategy that says
//       first_come_first_served. That is the rule; a batch follows from it, because one release of n permits grants as
//       many requests of one as come first.
//   I3  A downgrade gives back n - 1 permits and keeps one, so there is no moment at which a writer could come between.
//       If it gave all back and took one again, the next writer could have changed what the reader is to see.
//   I4  While a guard holds it, it exists. So a downgrade may touch it after others were let in.
// Orders    It has none of its own: a guard is taken by the acquire of the permits, and given back by their release
//           ([H1], [H2] of hand_off.hpp; [G1], [G2] of monitor_synchronizer.hpp). A reader's unlock releases too,
//           because a writer that comes next writes what the reader has read. Each of the n permits that a writer takes
//           came by the release of the reader that had it (law 8, for each permit), so it sees all of them leave. A
//           downgrade is a release, and the readers that it lets in see what the writer wrote.
// Not recursive: a reader that locks again waits behind a writer that waits for it. No reader becomes a writer: two
//           that wanted to would wait for each other.
// Progress  as the semaphore's.   Fairness  the rule.
// Cost      uncontended: one RMW to lock, one to unlock, for a reader as well, so that readers share a cache line. Over
//           segmented_queue a writer that waits takes n cells.
// Source    permits for readers, all of them for a writer: tokio's RwLock [@tokio]. The rule is that of queued
//           reader-writer locks: Mellor-Crummey and Scott, PPoPP 1991, whose fair lock it is in effect.
// Checked   models/primitives/shared_excludes.hpp, readers_meet.hpp, writer_in_turn.hpp, writer_gives_up.hpp,
//           downgrade_lets_in.hpp and downgrade_keeps_out.hpp, under both engines, with seeded bugs;
//           queues/conformance/shared_mutex.test.cpp.
#pragma once

#include <surewake/core/primitives/guard.hpp>
#include <surewake/core/primitives/lock_calls.hpp>
#include <surewake/core/semaphore/counter_synchronizer.hpp>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// A shared mutex as its readers have it: what the ways to wait take for a semaphore, of which a lock takes one permit.
template <class Mutex, class Synchronizer>
class readers_side : public lock_calls<readers_side<Mutex, Synchronizer>, typename Synchronizer::platform_type> {
 public:
  using platform_type = typename Synchronizer::platform_type;
  using synchronizer_type = Synchronizer;

 protected:
  explicit readers_side(std::int64_t n) noexcept : synchronizer_(n) {}
  ~readers_side() = default;

  synchronizer_type synchronizer_;

 private:
  using permit = basic_guard<Mutex, readers_side>;
  using optional_permit = basic_optional_permit<permit>;
  friend permit;
  friend lock_calls<readers_side, platform_type>;
  friend blocking_acquire<readers_side>;
  template <class, class> friend class acquire_awaiter;
  template <class, class, template <class> class, class> friend class cancellable_awaiter;

  [[nodiscard]] static constexpr std::uint32_t permits() noexcept { return 1; }
  void give_back(std::int64_t) noexcept { synchronizer_.give_back(1); }
  permit make_permit(std::ptrdiff_t) noexcept { return permit(static_cast<Mutex&>(*this)); }
};

}  // namespace detail

/// A shared mutex whose waiters `Queue` keeps (queues/), on the platform P. A writer locks it by the calls of a mutex
/// (core/primitives/lock_calls.hpp), a reader by the same with `shared` in their names.
///
/// Threads   every call may be made by any number of threads at once; construction and destruction by one, alone, while
///           nobody holds it or waits. Where the strategy is intrusive_list, as of a semaphore.
/// Resumes   unlock, downgrade, and a wait that is given up, may resume coroutines before they return, as
///           core/node/trampoline.hpp says; they may use it, and destroy it.
/// Signals   no call is async-signal-safe.
template <template <class> class Queue, platform P = std_platform>
  requires waiter_queue<Queue<P>, P> && detail::says_first_come_first_served<Queue<P>>
class basic_shared_mutex
    : private detail::readers_side<basic_shared_mutex<Queue, P>,
                                   typename synchronizer_for<Queue, hand_off>::template type<P>>,
      public detail::lock_calls<basic_shared_mutex<Queue, P>, P> {
  using readers =
      detail::readers_side<basic_shared_mutex, typename synchronizer_for<Queue, hand_off>::template type<P>>;
  using writers = detail::lock_calls<basic_shared_mutex, P>;

 public:
  using platform_type = P;
  using queue_type = Queue<P>;
  using synchronizer_type = typename readers::synchronizer_type;
  using guard = basic_guard<basic_shared_mutex>;
  using optional_guard = basic_optional_permit<guard>;
  using shared_guard = basic_guard<basic_shared_mutex, readers>;
  using optional_shared_guard = basic_optional_permit<shared_guard>;

  /// The most readers that any of this type can have at once: 2^31 - 1, unless the strategy limits a request.
  [[nodiscard]] static constexpr std::ptrdiff_t max() noexcept {
    constexpr std::int64_t most = 0x7fff'ffff;
    if constexpr (requires { synchronizer_type::max_request; }) {
      return static_cast<std::ptrdiff_t>(std::min<std::int64_t>(most, synchronizer_type::max_request));
    } else {
      return most;
    }
  }
  /// As many as one has unless it is told: max(), or 64 where a request costs more, the more permits it is for.
  [[nodiscard]] static constexpr std::ptrdiff_t usual() noexcept { return max() == 0x7fff'ffff ? max() : 64; }

  /// One that at most `most_readers` readers (1 to max()) share at a time; further ones wait.
  ///
  /// Errors   std::invalid_argument.
  explicit basic_shared_mutex(std::ptrdiff_t most_readers = usual())
      : readers(checked(most_readers)), most_readers_(static_cast<std::uint32_t>(most_readers)) {}
  basic_shared_mutex(basic_shared_mutex const&) = delete;
  basic_shared_mutex& operator=(basic_shared_mutex const&) = delete;
  ~basic_shared_mutex() { assert(waiters() == 0 && "surewake: a mutex was destroyed while somebody waits"); }

  // A writer's calls.
  using writers::lock, writers::lock_on, writers::lock_for, writers::lock_until;
  using writers::lock_blocking, writers::try_lock_for, writers::try_lock_until, writers::try_lock;

  /// As the call without `shared`, for a reader: awaitables of `shared_guard` and `optional_shared_guard`, and those.
  [[nodiscard]] auto lock_shared() noexcept { return readers::lock(); }
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto lock_shared(Stop stop) {
    return readers::lock(std::move(stop));
  }
  template <executor<P> Executor> [[nodiscard]] auto lock_shared_on(Executor& ex) noexcept {
    return readers::lock_on(ex);
  }
  template <class... TimersAndLimit>
    requires requires(readers& r, TimersAndLimit&... a) { r.lock_for(a...); }
  [[nodiscard]] auto lock_shared_for(TimersAndLimit&&... a) {
    return readers::lock_for(a...);
  }
  template <class... TimersAndTime>
    requires requires(readers& r, TimersAndTime&... a) { r.lock_until(a...); }
  [[nodiscard]] auto lock_shared_until(TimersAndTime&&... a) {
    return readers::lock_until(a...);
  }
  [[nodiscard]] shared_guard lock_shared_blocking(wait_options options = {}) { return readers::lock_blocking(options); }
  template <class Rep, class Period>
  [[nodiscard]] optional_shared_guard try_lock_shared_for(std::chrono::duration<Rep, Period> limit,
                                                          wait_options options = {}) {
    return readers::try_lock_for(limit, options);
  }
  template <class Clock, class Duration>
  [[nodiscard]] optional_shared_guard try_lock_shared_until(std::chrono::time_point<Clock, Duration> t,
                                                            wait_options options = {}) {
    return readers::try_lock_until(t, options);
  }
  [[nodiscard]] optional_shared_guard try_lock_shared() noexcept { return readers::try_lock(); }

  /// Makes a writer a reader; `held` is empty afterwards. The readers that wait before the next writer get in.
  ///
  /// Returns  a shared guard of the same mutex; of an empty guard an empty one.
  /// Orders   releases what the writer did to the readers; the reader that it becomes sees it, and no other writer
  ///          comes between.
  /// Blocks, Resumes   as unlock(), the readers that are let in.   Errors  none.
  [[nodiscard]] static shared_guard downgrade(guard&& held) noexcept {
    basic_shared_mutex* const m = std::exchange(held.mutex_, nullptr);
    if (m == nullptr) return {};
    shared_guard kept(*m);  // I4
    if (m->permits() > 1) m->synchronizer_.give_back(m->permits() - 1);
    return kept;
  }

  /// How many readers may be inside at once.
  [[nodiscard]] std::ptrdiff_t most_readers() const noexcept { return most_readers_; }
  /// Snapshots for monitoring: whether somebody holds it, reader or writer, or it is kept for a waiter; and how many
  /// locks are registered and wait.
  [[nodiscard]] bool is_locked() const noexcept { return this->synchronizer_.available() != most_readers(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return this->synchronizer_.waiters(); }

 private:
  // What the ways to wait ask of whatever has permits, here for a writer.
  using permit = guard;
  using optional_permit = optional_guard;
  friend guard;
  friend shared_guard;
  friend readers;
  friend writers;
  friend detail::blocking_acquire<basic_shared_mutex>;
  template <class, class> friend class detail::acquire_awaiter;
  template <class, class, template <class> class, class> friend class detail::cancellable_awaiter;
  template <class, class> friend class detail::mutex_wait;
  using readers::synchronizer_;

  [[nodiscard]] static std::int64_t checked(std::ptrdiff_t n) {
    if (n >= 1 && n <= max()) return n;
    throw std::invalid_argument("surewake: shared_mutex(" + std::to_string(n) + "): 1 to " + std::to_string(max()) +
                                " readers");
  }
  [[nodiscard]] std::uint32_t permits() const noexcept { return most_readers_; }
  void give_back(std::int64_t) noexcept { synchronizer_.give_back(permits()); }
  guard make_permit(std::ptrdiff_t) noexcept { return guard(*this); }

  std::uint32_t most_readers_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
