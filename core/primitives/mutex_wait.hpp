// surewake/core/primitives/mutex_wait.hpp: one wait on a condition variable, which ends with the mutex: what the ways
// to wait of core/semaphore take for a synchronizer.
//
//   waiting   --notified--> notified: takes the mutex --it is free--> over
//                                                     --it is held--> in the mutex's queue --unlock--> over
//   waiting   --a stop, a time-out--> given_up: takes the mutex, likewise
//   waiting   --the coroutine is destroyed--> gone
//   notified, given_up, in the mutex's queue --the coroutine is destroyed--> gone; passes its notification on
//
// The waiter is one node, and in one queue at a time: that of the condition variable, then that of the mutex.
//
// Invariants
//   I1  The waiter is counted and enqueued before the mutex is unlocked. So a notifier that has held the mutex since
//       then finds it counted: no notification is lost. And a waiter that comes later, which must hold the mutex, is
//       enqueued later, so that the queue gives it none that was issued for an earlier one: none is stolen. If the
//       unlock came between the two, a notification issued there would find an empty queue and go to the next one that
//       enters it (the seeded bug unlocks_too_early).
//   I2  From the enqueue on the waiter may be handed over. The waiting thread touches the mutex only, which it still
//       holds, and unlocks it. Until then a notified waiter can at most be registered in the mutex's queue.
//   I3  The guard is empty from before the enqueue until the wait is over, so a coroutine that is destroyed while it
//       waits does not unlock what it does not hold.
//   I4  Each way out but destruction passes lock(): the wait ends with the mutex, whatever ended it.
//   I5  A notification that was handed over is used, by a wait that says so, or passed on, by a coroutine that is
//       destroyed. A stop or a time-out that comes after it changes nothing.
//   I6  stage_ is written by the party that has the node: the waiting thread before the enqueue, then the one that it
//       was handed over to, or whose withdrawal succeeded (cancellable_awaiter.hpp, I6; blocking_wait.hpp, I2 and I4).
// Checked   models/primitives, under both engines, with seeded bugs.
#pragma once

#include <surewake/core/primitives/guard.hpp>
#include <surewake/core/semaphore/synchronizer.hpp>

#include <cassert>
#include <optional>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// The waiters that the queues of both take.
template <class A, class B>
  requires std::derived_from<A, B> || std::derived_from<B, A>
using common_waiter = std::conditional_t<std::derived_from<A, B>, A, B>;

template <class ConditionVariable, class Mutex> class mutex_wait {
  using notifications = typename ConditionVariable::notifications;

 public:
  using platform_type = typename Mutex::platform_type;
  using waiter_type =
      common_waiter<typename Mutex::synchronizer_type::waiter_type, typename notifications::waiter_type>;

  mutex_wait(ConditionVariable& c, basic_guard<Mutex>& held) noexcept
      : notifications_(c.notifications_), mutex_(*held.mutex()), guard_(held) {}
  /// Of one that has not begun.
  mutex_wait(mutex_wait const& other) noexcept
      : notifications_(other.notifications_), mutex_(other.mutex_), guard_(other.guard_) {}
  mutex_wait& operator=(mutex_wait const&) = delete;

  [[nodiscard]] take_result take(std::int64_t) noexcept { return notifications_.take(1); }

  [[nodiscard]] enqueued wait(waiter_type& w, std::int64_t, take_result counted) noexcept {
    Mutex& m = mutex_;
    guard_.mutex_ = nullptr;  // I3
    enqueued const r = notifications_.wait(w, 1, counted);
    m.give_back(1);  // I2
    if (r == enqueued::waiting) return r;
    stage_.set(stage::notified);
    return lock(w);
  }

  [[nodiscard]] enqueued after_grant(waiter_type& w, std::int64_t, then) noexcept {
    if (stage_.get() != stage::waiting) return mutex_.synchronizer_.after_grant(w, mutex_.permits(), then::wait);
    stage_.set(stage::notified);
    return lock(w);
  }

  [[nodiscard]] bool give_up(waiter_type& w, std::int64_t) noexcept {
    if (stage_.get() != stage::waiting || !notifications_.withdraw(w, 1)) return false;
    stage_.set(stage::given_up);
    return lock(w) == enqueued::granted;
  }

  /// The coroutine is destroyed.
  [[nodiscard]] bool withdraw(waiter_type& w, std::int64_t) noexcept {
    if (stage_.get() == stage::waiting) return notifications_.withdraw(w, 1);
    if (!mutex_.synchronizer_.withdraw(w, mutex_.permits())) return false;
    pass_on();
    return true;
  }
  /// The same, after the wait is over and before the coroutine has run.
  void drop() noexcept {
    pass_on();
    mutex_.give_back(1);
  }

  [[nodiscard]] bool notified() const noexcept { return stage_.get() == stage::notified; }
  /// The wait is over: fills the guard. Returns whether it was notified.
  bool end() noexcept {
    guard_.mutex_ = &mutex_;
    return notified();
  }

 private:
  enum class stage : std::uint8_t { waiting, notified, given_up };

  /// Locks the mutex, or registers w for it.
  [[nodiscard]] enqueued lock(waiter_type& w) noexcept {
    std::int64_t const n = mutex_.permits();
    take_result const taken = mutex_.synchronizer_.take(n);
    return taken.is_granted() ? enqueued::granted : mutex_.synchronizer_.wait(w, n, taken);
  }

  void pass_on() noexcept {
    if (notified()) notifications_.give_back(1);
  }

  notifications& notifications_;
  Mutex& mutex_;
  basic_guard<Mutex>& guard_;
  typename platform_type::template plain<stage> stage_{stage::waiting};
};

/// What a way to wait takes for a semaphore. Its permit is whether the wait was notified.
template <class Wait> struct wait_as_semaphore {
  using platform_type = typename Wait::platform_type;
  using synchronizer_type = Wait;
  using permit = bool;
  using optional_permit = std::optional<bool>;

  [[nodiscard]] bool make_permit(std::ptrdiff_t) const noexcept { return synchronizer_.notified(); }
  void give_back(std::int64_t) noexcept { synchronizer_.drop(); }

  Wait synchronizer_;
};

/// Awaits by Awaiter, one of core/semaphore, which is made with `how` once this is awaited; until then this can be
/// moved. Yields a Result: whether the wait was notified, or nothing.
template <class Wait, class Awaiter, class How, class Result> class [[nodiscard]] wait_awaiter {
 public:
  wait_awaiter(Wait const& w, How how) noexcept : wait_{w}, how_(std::move(how)) {}
  wait_awaiter(wait_awaiter&& other) noexcept : wait_{other.wait_.synchronizer_}, how_(std::move(other.how_)) {
    assert(!other.awaiter_ && "surewake: a wait was moved while it waits");
  }
  wait_awaiter& operator=(wait_awaiter&&) = delete;
  ~wait_awaiter() = default;

  using awaited_once = void;
#if defined(__clang__) || !defined(__OPTIMIZE__)
  wait_awaiter&& operator co_await() && noexcept { return static_cast<wait_awaiter&&>(*this); }
  void operator co_await() & = delete;  // acquire_awaiter.hpp, I3
#endif

  [[nodiscard]] bool await_ready() noexcept(noexcept(std::declval<Awaiter&>().await_ready())) {
    return awaiter_.emplace(wait_, 1U, std::move(how_)).await_ready();
  }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
    return awaiter_->await_suspend(self);
  }
  Result await_resume() {
    static_cast<void>(awaiter_->await_resume());
    bool const notified = wait_.synchronizer_.end();
    if constexpr (!std::is_void_v<Result>) return notified;
  }

 private:
  wait_as_semaphore<Wait> wait_;
  [[no_unique_address]] How how_;
  std::optional<Awaiter> awaiter_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
