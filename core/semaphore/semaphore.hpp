// surewake/core/semaphore/semaphore.hpp: the one front end of all strategies: permits, counted in one word; waiters, in
// a queue.
//
//   acquire   synchronizer.take: had it (one RMW), or has to wait --synchronizer.wait--> granted later
//   release   synchronizer.give_back: nobody waits (one RMW), or the first waiters are granted
//   give up   synchronizer.withdraw
//
// The synchronizer is the synchronisation: core/semaphore/counter_synchronizer.hpp for every strategy that is a
// waiter_queue, core/semaphore/monitor_synchronizer.hpp where permits and waiters can share a lock. What is here is
// what users see: checks, permits, the ways to wait.
//
// Invariants (the laws, cited by their numbers elsewhere; each held by models)
//   1 conservation        available + held + assigned to waiters that lack more = max_permits(), whenever no thread is
//                         inside an operation
//   2 no lost wakeup      a grant wakes somebody; at rest no waiter sleeps while the permits it wants are free
//   3 cancellation        a wait that is given up is withdrawn, or owns its grant and passes it on
//   4 lifetime            a waiter may be destroyed by its hand-over; the semaphore by the holder of its last permit
//   5 re-entrancy         a resumed coroutine may use the same semaphore; stack is bounded (core/node/trampoline.hpp)
//   6 order               hand_off: first come, first served, for any mix of sizes. bounded_barging: the first waiter
//                         is overtaken at most k times. barging: none
//   7 progress            each operation ends as it promises: below
//   8 visibility          what happened before release is visible to the thread that got that permit
// Progress  where permits are free: basic_semaphore::progress. Where they are not: as the strategy says.
// Lifetime  Destroying a semaphore while somebody waits, or while a release runs whose permit nobody got, breaks the
//           precondition (the first is asserted in debug builds). So does destroying it inside a close() that has not
//           ended the last wait itself: a waiter that it resumed may have ended the others'.
// Source    CQS (Koval, Khalanskiy, Alistarh, PLDI 2023) for the word; barging: core/semaphore/barging.hpp.
#pragma once

#include <surewake/core/semaphore/blocking_acquire.hpp>
#include <surewake/core/semaphore/blocking_operation.hpp>
#include <surewake/core/semaphore/cancellable_awaiter.hpp>
#include <surewake/core/semaphore/counter_synchronizer.hpp>
#include <surewake/core/semaphore/drain.hpp>
#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/semaphore/permit.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <cassert>
#include <memory>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// The check of an acquire that is no member of its semaphore.
struct checked_request {
  /// Returns n, or throws as `call` of Semaphore would.
  template <class Semaphore> [[nodiscard]] static std::uint32_t of(char const* call, std::ptrdiff_t n) {
    return Semaphore::checked_count(call, n);
  }
};

}  // namespace detail

/// A semaphore whose waiters `Queue` keeps (queues/), on the platform P, under `Discipline`: hand_off (a released
/// permit belongs to the first waiter), barging (it is free for all, and a waiter is woken to compete), or
/// bounded_barging<k> (the same, until k acquisitions have overtaken the first waiter; then it is handed over).
///
/// Threads  every call may be made by any number of threads at once; construction and destruction by one, alone. Where
///          the strategy is intrusive_list, under hand_off, at most 2^14 - 1 threads may be inside of calls at one time
///          (core/semaphore/monitor_synchronizer.hpp, I3); a coroutine that waits is in none.
/// Resumes  a call that gives permits (release, add_permits), ends waits (close), or gives a wait up, may resume
///          coroutines before it returns, as core/node/trampoline.hpp says; they may use the semaphore, and destroy it.
/// Orders   where a call names none, none: snapshots and reduce_permits() order nothing.
/// Signals  no call is async-signal-safe.
template <template <class> class Queue, platform P = std_platform, class Discipline = hand_off>
  requires waiter_queue<Queue<P>, P>
class basic_semaphore {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;
  using discipline_type = Discipline;
  using synchronizer_type = typename synchronizer_for<Queue, Discipline>::template type<P>;
  using permit = basic_permit<basic_semaphore>;
  using optional_permit = basic_optional_permit<permit>;
  /// A permit that keeps its semaphore alive: `owned_permit mine(shared, co_await shared->acquire())`.
  using owned_permit = basic_permit<basic_semaphore, std::shared_ptr<basic_semaphore>>;

  /// What the calls promise while permits are free (verify/engine/progress.hpp has the grammar).
  static constexpr char const* progress =
      "hand_off: acquire and release wait-free in 1 step; barging: acquire and release lock-free; "
      "try_acquire lock-free";

  /// The most permits a semaphore can have: 2^31 - 1, unless its discipline sets a limit.
  [[nodiscard]] static constexpr std::ptrdiff_t max() noexcept {
    if constexpr (requires { Discipline::max_permits; }) return Discipline::max_permits;
    else return 0x7fff'ffff;
  }
  /// The most permits that one acquire can ask for: max(), unless the strategy sets a limit for acquires that may wait.
  [[nodiscard]] static constexpr std::ptrdiff_t max_request() noexcept {
    if constexpr (requires { synchronizer_type::max_request; }) {
      return std::min<std::ptrdiff_t>(max(), synchronizer_type::max_request);
    } else {
      return max();
    }
  }

  /// A semaphore with `permits` free permits (0 ≤ permits ≤ max()). Where the strategy allocates nothing to begin with
  /// (intrusive_list, waker_hybrid), one with static storage may be constinit.   Errors  std::invalid_argument.
  explicit constexpr basic_semaphore(std::ptrdiff_t permits) : synchronizer_(checked_total(permits)), total_(permits) {}
  /// The same with a discipline that has something to say at run time: `limit(4, {.k = 64})`.   Errors
  /// std::invalid_argument, also where that is out of its range.
  constexpr basic_semaphore(std::ptrdiff_t permits, Discipline d)
    requires std::constructible_from<synchronizer_type, std::int64_t, Discipline>
      : synchronizer_(checked_total(permits), detail::checked(d)), total_(permits) {}
  basic_semaphore(basic_semaphore const&) = delete;
  basic_semaphore& operator=(basic_semaphore const&) = delete;
  /// Ends it. Nobody waits: Lifetime at the top says what else is required.
  ~basic_semaphore() {
    assert(synchronizer_.waiters() == 0 && "surewake: a semaphore was destroyed while somebody waits");
  }

  /// Awaitable of a permit of n. A coroutine that waits on an executor or a loop goes on there, however its wait ends;
  /// one that has neither goes on on the thread that ended its wait (core/node/home.hpp; core/node/trampoline.hpp says
  /// when).
  ///
  /// Returns  `permit`.
  /// Errors   std::invalid_argument where n < 1 or n > max_request(), from this call; closed_error from the co_await.
  ///          An n above max_permits() is no error, because that can rise: it waits until that many exist, and
  ///          under hand_off those that come after it wait too. A caller that must not wait for that compares the two.
  /// Orders   acquires what the last holders of these permits released.
  /// Cost     uncontended: one RMW, no allocation. Waiting: a node in the coroutine's frame.
  [[nodiscard]] auto acquire(std::ptrdiff_t n = 1) {
    return detail::acquire_awaiter<basic_semaphore, detail::resume_in_place<P>>(*this, checked_count("acquire", n), {});
  }

  /// As acquire; where it has to wait it resumes on `ex`, which must outlive the wait, however the wait ends. A permit
  /// that is free at once, and a semaphore that is closed already, are answered without a change of thread.
  template <executor<P> Executor> [[nodiscard]] auto acquire_on(Executor& ex, std::ptrdiff_t n = 1) {
    using where = detail::resume_on<Executor>;
    return detail::acquire_awaiter<basic_semaphore, where>(*this, checked_count("acquire_on", n), {&ex});
  }

  /// Awaitable of optional_permit: empty when `stop` is requested before the permits are granted. A permit that
  /// is free is taken even if `stop` was requested.
  ///
  /// Errors, Orders  as acquire; an empty one orders nothing.
  /// Resumes  as acquire: without a home, after a stop, on the thread that requests it.
  /// Cost     as acquire, and where it waits two RMWs more, and what the stop source takes.
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto acquire(Stop stop, std::ptrdiff_t n = 1) {
    return detail::cancellable_awaiter<basic_semaphore, Stop, stop_traits<P, Stop>::template canceller>(
        *this, checked_count("acquire", n), std::move(stop));
  }

  /// As acquire with a stop; where it has to wait it resumes on `ex`, as acquire_on says, however the wait ends. Under
  /// barging the permits are taken before it is posted there.
  template <executor<P> Executor, class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto acquire_on(Executor& ex, Stop stop, std::ptrdiff_t n = 1) {
    using waits = detail::awaiting_on<Executor>;
    if constexpr (requires { stop.goes_on_on(ex); }) stop.goes_on_on(ex);  // it may have timers to choose
    return detail::cancellable_awaiter<basic_semaphore, Stop, stop_traits<P, Stop>::template canceller, waits>(
        *this, checked_count("acquire_on", n), std::move(stop), waits{{&ex}});
  }

  /// As acquire and acquire_on with a stop: empty also once `limit` has passed, a duration from this call, or a time of
  /// any clock. What comes first of the two ends the wait.
  ///
  /// Errors, Needs  as acquire_for, whose timers measure it; with an executor its own, if it is a thread_pool, or
  ///          those of thread_pool::shared().
  /// Cost     as acquire with a stop, and what the timers take.
  template <class Stop, detail::limit_of_wait Limit>
    requires stop_source_for<P, Stop> && stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto acquire(Stop stop, Limit limit, std::ptrdiff_t n = 1) {
    return acquire(detail::either_stop<Stop, stop_at<P>>{std::move(stop), in_time(limit)}, n);
  }
  template <executor<P> Executor, class Stop, detail::limit_of_wait Limit>
    requires stop_source_for<P, Stop> && stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto acquire_on(Executor& ex, Stop stop, Limit limit, std::ptrdiff_t n = 1) {
    return acquire_on(ex, detail::either_stop<Stop, stop_at<P>>{std::move(stop), in_time(limit)}, n);
  }

  /// Awaitable of optional_permit: empty once `limit` has passed without the permits being granted.
  ///
  /// Orders   as acquire with a stop.
  /// Resumes  at home (core/node/home.hpp); without one, after a time-out, on the thread of the timers.
  /// Errors   as acquire; std::system_error from the co_await, where the shared pool is needed and cannot be started.
  /// Cost     the limit is measured by the timers of the coroutine's home: a thread_pool's, a uring_loop's. Where it
  ///          has none, by those of thread_pool::shared(), whose threads the first such wait of the process starts, and
  ///          to which later ones may add up to 64 (core/coroutine/thread_pool.hpp). To choose:
  ///          `acquire_for(timers, 5ms)`.
  /// Needs    core/coroutine/deadline_source.hpp, which the front door includes.
  template <class Rep, class Period>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto acquire_for(std::chrono::duration<Rep, Period> limit, std::ptrdiff_t n = 1) {
    return acquire(in_time(limit), n);
  }
  /// As acquire_for, until a time of any clock: it does not give up before that clock says so
  /// (core/platform/deadline.hpp).
  template <class Clock, class Duration>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto acquire_until(std::chrono::time_point<Clock, Duration> t, std::ptrdiff_t n = 1) {
    return acquire(in_time(t), n);
  }
  /// The same by the timers of `timers` (a thread_pool; a uring_loop, on its own thread), which outlive the wait and
  /// call for nothing to be started: this starts no thread. Where they end before the limit has passed, the wait is
  /// given up.
  template <class Timers, class Rep, class Period>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto acquire_for(Timers& timers, std::chrono::duration<Rep, Period> limit, std::ptrdiff_t n = 1) {
    return acquire(stop_at_of<P, Timers>{time_limit<P>::in(limit), &timers}, n);
  }
  /// As the acquire_for above, until a time.
  template <class Timers, class Clock, class Duration>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto acquire_until(Timers& timers, std::chrono::time_point<Clock, Duration> t, std::ptrdiff_t n = 1) {
    return acquire(stop_at_of<P, Timers>{time_limit<P>(t), &timers}, n);
  }

  /// Takes a permit of n, blocking the calling thread.
  ///
  /// Blocks   after spinning at most `options.spin`, on a futex. Before it spins or sleeps it runs what is ready on
  ///          this thread (core/node/trampoline.hpp).
  /// Errors   std::invalid_argument where n < 1 or n > max_request(); closed_error.
  /// Orders   as acquire.   Cost  as acquire, where it does not wait; no allocation.
  [[nodiscard]] permit acquire_blocking(std::ptrdiff_t n = 1, wait_options options = {}) {
    std::uint32_t const count = checked_count("acquire_blocking", n);
    return *blocking::run(*this, count, options, std::nullopt);
  }

  /// As acquire_blocking: empty when `stop` is requested before the permits are granted. A permit that is free is taken
  /// even if `stop` was requested.
  ///
  /// Errors   as acquire_blocking.   Orders  as acquire; nothing when empty.
  /// Cost     as acquire_blocking; where it waits two RMWs more, and what the stop source takes.
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] optional_permit acquire_blocking(Stop stop, std::ptrdiff_t n = 1, wait_options options = {}) {
    std::uint32_t const count = checked_count("acquire_blocking", n);
    return detail::blocking_operation<basic_semaphore, Stop>::run(*this, count, std::move(stop), options.spin, {});
  }
  /// The same, waiting (the spin included) at most until `limit`: a duration from now, or a time of any clock.
  template <class Stop, detail::limit_of_wait Limit>
    requires stop_source_for<P, Stop>
  [[nodiscard]] optional_permit acquire_blocking(Stop stop, Limit limit, std::ptrdiff_t n = 1,
                                                 wait_options options = {}) {
    std::uint32_t const count = checked_count("acquire_blocking", n);
    return detail::blocking_operation<basic_semaphore, Stop>::run(*this, count, std::move(stop), options.spin,
                                                                  detail::limit_from<P>(limit));
  }

  /// As acquire_blocking, waiting (the spin included) at most `limit`: empty once it has passed; try_acquire_until not
  /// before the clock of `t` says so. An empty one orders nothing.
  template <class Rep, class Period>
  [[nodiscard]] optional_permit try_acquire_for(std::chrono::duration<Rep, Period> limit, std::ptrdiff_t n = 1,
                                                wait_options options = {}) {
    std::uint32_t const count = checked_count("try_acquire_for", n);
    return blocking::run(*this, count, options, time_limit<P>::in(limit));
  }
  template <class Clock, class Duration>
  [[nodiscard]] optional_permit try_acquire_until(std::chrono::time_point<Clock, Duration> t, std::ptrdiff_t n = 1,
                                                  wait_options options = {}) {
    std::uint32_t const count = checked_count("try_acquire_until", n);
    return blocking::run(*this, count, options, time_limit<P>(t));
  }

  /// Takes a permit of n if that many are free now. Never waits, never overtakes a waiter under hand_off.
  ///
  /// Returns  empty when they are not free, when the semaphore is closed, and where n < 1 or n > max().
  /// Orders   acquires what the last holders of these permits released; nothing when empty.
  /// Errors   none.   Cost  at most one RMW that succeeds, no allocation.
  [[nodiscard]] optional_permit try_acquire(std::ptrdiff_t n = 1) noexcept {
    if (n < 1 || n > max() || !synchronizer_.try_take(n)) return std::nullopt;
    return make_permit(n);
  }

  /// Creates n more free permits, or with 0 none; under hand_off waiters get them first. Of a closed semaphore as well:
  /// they are counted, and nobody gets them.
  ///
  /// Errors   std::invalid_argument where n < 0; std::overflow_error where max_permits() would exceed max(). Nothing
  ///          changed.
  /// Orders   releases, as permit::release().   Resumes  waiters, inside the call: its last touch of the semaphore.
  void add_permits(std::ptrdiff_t n) {
    if (n < 0) throw std::invalid_argument("surewake: add_permits(" + std::to_string(n) + "): at least 0");
    if (n == 0) return;
    // relaxed: total_ is a count of its own; the permits are published by give_back.
    std::int64_t total = total_.load(P::relaxed);
    do {
      if (n > max() - std::max<std::int64_t>(total, 0)) {
        throw std::overflow_error("surewake: add_permits(" + std::to_string(n) + ") to " + std::to_string(total) +
                                  " permits: at most " + std::to_string(max()));
      }
      // relaxed: as above; a failure is the next guess.
    } while (!total_.compare_exchange_weak(total, total + n, P::relaxed, P::relaxed));
    give_back(n);
  }

  /// Takes up to n free permits out of existence, of a closed semaphore as well.
  ///
  /// Returns  how many that were: 0 to n. Those in use, and those set aside for a waiter that wants more, are not
  ///          touched: call again, or forget() them where they are held.
  /// Errors   std::invalid_argument where n < 0.   Resumes  nobody.   Cost  at most one RMW that succeeds for the
  ///          permits, one for the total; while permits are recalled a lock.
  std::ptrdiff_t reduce_permits(std::ptrdiff_t n) {
    if (n < 0) throw std::invalid_argument("surewake: reduce_permits(" + std::to_string(n) + "): at least 0");
    if (n == 0) return 0;
    std::int64_t const taken = synchronizer_.reduce(n);
    write_off(taken);
    return static_cast<std::ptrdiff_t>(taken);
  }

  /// Makes max_permits() n, whichever permits are out.
  ///
  /// Raised   as add_permits() of the difference.
  /// Lowered  free permits cease to exist first. Where more than n are out, these stay valid, and in_use() is above
  ///          max_permits(). What comes back of them ceases to exist, before any waiter gets it, until in_use() is n.
  ///          So, from this call on, no permit is given to anybody while n or more are out. The call does not wait for
  ///          that. A permit that is forgotten meanwhile counts as one that has come back.
  /// Of a closed semaphore as well. Calls at once count one after the other.
  ///
  /// Errors   std::invalid_argument where n < 0 or n > max(); nothing changed.   Orders, Resumes  as add_permits().
  /// Blocks   where another thread is inside of the strategy's lock.
  /// Cost     a lock, once. While permits are recalled each acquire and release takes it, as while somebody waits.
  /// Needs    a strategy that can recall permits: intrusive_list under hand_off, the default.
  void set_limit(std::ptrdiff_t n)
    requires detail::recalls_permits<synchronizer_type>
  {
    if (n < 0 || n > max()) {
      throw std::invalid_argument("surewake: set_limit(" + std::to_string(n) + "): 0 to " + std::to_string(max()) +
                                  " permits");
    }
    synchronizer_.set_total(n, total_);
  }

  /// Awaitable of nothing: waits until no permit is out. It begins, in this call, with set_limit(0), so that none is
  /// given to anybody meanwhile: acquires wait, or fail where it was closed. It ends once all holders have given back
  /// or forgotten what they had; or by a set_limit() or add_permits() that lets them keep it.
  ///
  /// Orders   acquires what all holders did.
  /// Lifetime the semaphore, if it is closed, may be destroyed once the last such wait has ended.
  /// Resumes  as acquire.   Errors  none.   Cost  a lock; a node in the coroutine's frame.   Needs  as set_limit().
  [[nodiscard]] auto drained() noexcept
    requires detail::recalls_permits<synchronizer_type>
  {
    return draining().wait();
  }
  /// Awaitable of bool: false when `stop` is requested, or `limit` (a duration from this call, a time of any clock)
  /// has passed, before that. The limit of the semaphore stays 0.
  ///
  /// Errors, Cost  of the stop and the limit: as acquire_for.
  template <class Stop>
    requires stop_source_for<P, Stop> && detail::recalls_permits<synchronizer_type>
  [[nodiscard]] auto drained(Stop stop) {
    return draining().wait(std::move(stop));
  }
  template <detail::limit_of_wait Limit>
    requires stop_source_for<P, stop_at<P>> && detail::recalls_permits<synchronizer_type>
  [[nodiscard]] auto drained(Limit limit) {
    return draining().wait(in_time(limit));
  }
  /// The same, blocking the calling thread as acquire_blocking does; with a limit false once it has passed.
  void drain_blocking(wait_options options = {})
    requires detail::recalls_permits<synchronizer_type>
  {
    draining().block(options.spin, {});
  }
  template <detail::limit_of_wait Limit>
    requires detail::recalls_permits<synchronizer_type>
  [[nodiscard]] bool drain_blocking(Limit limit, wait_options options = {}) {
    return draining().block(options.spin, detail::limit_from<P>(limit));
  }

  /// Ends all waiting: every waiter wakes with closed_error, later acquires fail at once. Permits that are out may come
  /// back: they are free then, and nobody gets them (drained() waits for them). For good, and idempotent; what the
  /// first call says in `why` is what the errors say.
  ///
  /// Resumes  every waiter: at its home; without one on this thread, in this call (whose last touch of the semaphore is
  ///          the last hand-over) or when the coroutine that calls it suspends.
  /// Blocks   where another thread is inside of the strategy's lock, or of a cell (queues/).   Errors  none.
  /// Orders   what this thread did before comes before a waiter goes on whose wait this call ends; nothing for acquires
  ///          that find the semaphore closed.
  /// Steps    under hand_off no single one: first no permits are given any more, then the waiters wake. An acquire that
  ///          runs meanwhile may have taken its permits before the first, so that a try_acquire() is refused because of
  ///          it, and register after the second. Then it fails with closed_error, or gives up, and its permits are
  ///          free. The sequential specification that allows this is models/fixture/permits_in_order.hpp;
  ///          models/history/history_of_leaving.hpp holds every execution to it.
  void close(close_reason why = {}) noexcept {
    std::uint32_t nothing = 0;
    // relaxed: of one variable, for which a refused acquire waits in reason().
    static_cast<void>(reason_.compare_exchange_strong(nothing, said | static_cast<std::uint32_t>(why), P::relaxed,
                                                      P::relaxed));
    synchronizer_.close();
  }
  /// Returns what the first close() said; 0 where it is not closed.   Blocks  while another close() is between its two
  /// steps.
  [[nodiscard]] close_reason reason() const noexcept {
    if (!is_closed()) return {};
    // relaxed: as in close().
    return static_cast<close_reason>(P::await(reason_, [](std::uint32_t r) { return r != 0; }, P::relaxed) & ~said);
  }
  /// Whether close() was called; once true it stays so.
  [[nodiscard]] bool is_closed() const noexcept { return synchronizer_.is_closed(); }

  /// Returns which strategy keeps the waiters: its name, and, where it chose between several, why
  /// (queues/uring_futex.hpp).   Errors  std::bad_alloc.
  [[nodiscard]] static std::string backend() {
    if constexpr (requires { queue_type::backend(); }) {
      return queue_type::backend();
    } else if constexpr (requires { queue_type::name; }) {
      return queue_type::name;
    } else {
      return "a strategy without a name";
    }
  }

  /// Snapshots for monitoring; between them the world moves.
  [[nodiscard]] std::ptrdiff_t available_permits() const noexcept {
    return static_cast<std::ptrdiff_t>(synchronizer_.available());
  }
  /// The limit: permits created, less those forgotten, reduced, or recalled by set_limit().
  [[nodiscard]] std::ptrdiff_t max_permits() const noexcept {
    // relaxed: monitoring only. Below 0 it is for a moment (monitor_synchronizer.hpp, I8).
    return std::max<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(total_.load(P::relaxed)), 0);
  }
  /// Permits that are not free: held, or set aside for a waiter that wants more than there are.
  [[nodiscard]] std::ptrdiff_t in_use() const noexcept {
    return std::max<std::ptrdiff_t>(max_permits() + recalled() - available_permits(), 0);
  }
  /// Acquires that are registered and wait.   Cost  a load; a strategy without a counter looks at each of them.
  [[nodiscard]] std::size_t waiters() const noexcept { return synchronizer_.waiters(); }

 private:
  template <class, class> friend class basic_permit;
  template <class, class> friend class detail::acquire_awaiter;
  template <class, class, template <class> class, class> friend class detail::cancellable_awaiter;
  friend struct detail::checked_request;
  using blocking = detail::blocking_acquire<basic_semaphore>;
  friend blocking;

  static constexpr std::int64_t checked_total(std::ptrdiff_t n) {
    if (n >= 0 && n <= max()) return n;
    throw std::invalid_argument("surewake: semaphore(" + std::to_string(n) + "): 0 to " + std::to_string(max()) +
                                " permits");
  }
  static std::uint32_t checked_count(char const* call, std::ptrdiff_t n) {
    if (n < 1 || n > max_request()) [[unlikely]]
      bad_count(call, n);
    return static_cast<std::uint32_t>(n);
  }
  [[noreturn, gnu::cold, gnu::noinline]] static void bad_count(char const* call, std::ptrdiff_t n) {
    throw std::invalid_argument(std::string("surewake: ") + call + "(" + std::to_string(n) + "): 1 to " +
                                std::to_string(max_request()) + " permits");
  }

  template <class Limit> [[nodiscard]] static stop_at<P> in_time(Limit const& limit) {
    return stop_at<P>(detail::limit_from<P>(limit));
  }

  [[nodiscard]] std::ptrdiff_t recalled() const noexcept {
    if constexpr (detail::recalls_permits<synchronizer_type>) {
      return static_cast<std::ptrdiff_t>(synchronizer_.recalled());
    }
    return 0;
  }
  [[nodiscard]] auto& draining() noexcept {
    set_limit(0);
    return drain_;
  }

  void write_off(std::int64_t n) noexcept {
    if constexpr (detail::recalls_permits<synchronizer_type>) {
      synchronizer_.write_off(n, total_);
    } else {
      // relaxed: a count of its own.
      total_.fetch_sub(n, P::relaxed);
    }
  }
  void give_back(std::int64_t n) noexcept { synchronizer_.give_back(n); }
  permit make_permit(std::ptrdiff_t n) noexcept { return {this, n}; }

  synchronizer_type synchronizer_;                                   // permits, and the waiters for them
  typename P::template atomic<std::int64_t> total_;  // permits that exist: created - forgotten - reduced
  struct none {
    explicit constexpr none(synchronizer_type&) noexcept {}
  };
  static constexpr std::uint32_t said = 0x1'0000;
  typename P::template atomic<std::uint32_t> reason_{0U};  // 0: not closed; otherwise `said` and why
  template <class S> struct drain_of {
    using type = none;
  };
  template <detail::recalls_permits S> struct drain_of<S> {
    using type = detail::drain<S>;
  };
  [[no_unique_address]] typename drain_of<synchronizer_type>::type drain_{synchronizer_};
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
