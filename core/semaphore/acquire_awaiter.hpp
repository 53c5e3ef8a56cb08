// surewake/core/semaphore/acquire_awaiter.hpp: `co_await limit.acquire(n)` and
// `co_await limit.acquire_on(executor, n)`.
//
//   idle --permits are free--> idle                         await_ready: one RMW, nothing else is built
//   idle --await_suspend--> waiting --hand-over--> ready --the coroutine resumes--> idle
//                           waiting/ready --the coroutine is destroyed--> withdrawn, or its grant is passed on
//
// The node's step is what its run() does next. It is kept as the node's action, so that a run is one indirect call.
//   step                run by                           what it does, and the next step
//   hand_over           the thread that hands it over    competes* -> resume, run on this thread (trampoline.hpp)
//   hand_over_at_home   the same, of a node with a home  competes* -> resume, run by its home
//   hand_over, of acquire_on(executor)                   -> compete, run by the executor
//   compete             the executor                     competes* -> resume, at once
//   resume              the owner of its list (I2)       resumes the coroutine; the last step
//   * A waiter that loses is registered again, with its first step. Where grants are final, and after close(), none
//     loses.
// The acquirer writes the first step before enqueue, which publishes it (core/semaphore/waiter.hpp). Each later one is
// written by the thread that runs the step before it.
//
// Invariants
//   I1  From enqueue on the coroutine may be resumed, and the awaiter destroyed, by another thread: await_suspend
//       touches nothing of it after a `waiting`.
//   I2  The handing-over thread enters `ready`, and the node is then in one list: the thread's ready list, the home's
//       or the executor's. The destructor takes it out of there, and a grant that had come is given to others.
//   I3  Only an rvalue is awaited, so that none is awaited twice. Until then it can be moved.
//   I4  The awaiter is the node. What an acquire that does not wait has no use for is left unset, so that it stores
//       nothing for it; await_ready sets it before anything reads it.
// Place     of acquire(): home.hpp, the rule. Of acquire_on(executor): the executor, also after close().
// Lifetime  A coroutine may be destroyed while it waits, by a thread that also keeps grants from resuming it at that
//           moment (as with every coroutine: nobody destroys what another thread resumes). Cancel across threads by
//           stop_token.
// Cost      waiting: no allocation; the node is here, in the coroutine's frame: 56 bytes on a 64-bit machine where the
//           strategy wants no room in it.
#pragma once

#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/semaphore/synchronizer.hpp>

#include <cassert>
#include <memory>
#include <stdexcept>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Why a semaphore was closed: a number of the program's own. 0 where close() was not told. (A number, and no
/// std::error_code, since it has room in the waiter that is refused, whose semaphore may be gone when it goes on.)
enum class close_reason : std::uint16_t {};

/// Thrown by the acquires of a closed semaphore.
class closed_error : public std::runtime_error {
 public:
  explicit closed_error(close_reason why = {}) : std::runtime_error("surewake: the semaphore is closed"), why_(why) {}
  /// What the first close() was told.
  [[nodiscard]] close_reason reason() const noexcept { return why_; }

 private:
  close_reason why_;
};

namespace detail {

/// Returns why `s`, which has refused an acquire, is closed.
template <class Semaphore> [[nodiscard]] close_reason reason_of(Semaphore& s) noexcept {
  if constexpr (requires { s.reason(); }) return s.reason();
  return {};
}

/// Where a waiting coroutine lives, and whether its node was posted there: one word, unset until enter().
template <platform P> class way_home {
 public:
  /// The coroutine will wait.
  void enter(home<P>* h) noexcept {
    if (h != nullptr) h->enter();
    set(h, 0);
  }
  [[nodiscard]] bool anywhere() const noexcept { return where() != nullptr; }
  /// Whether it waits at a home, or bounced.
  [[nodiscard]] bool is_set() const noexcept { return value_ != 0; }
  /// Whether resume() would run it on this thread.
  [[nodiscard]] bool is_here() const noexcept { return !anywhere() || trampoline<P>::runs(where()); }

  /// The wait was over before the coroutine suspended: if it has to unwind the stack it is in this thread's ready list.
  void bounce() noexcept { value_ |= bounced_bit; }
  [[nodiscard]] bool bounced() const noexcept { return (value_ & bounced_bit) != 0; }

  /// The wait is over: resumes the node's coroutine at home, or here where it has none. The last touch.
  void resume(work<P>& w) noexcept {
    home<P>* const h = where();
    if (h == nullptr) return trampoline<P>::resume(w);
    if (!trampoline<P>::runs(h)) return post(w, *h);
    value_ = 0;
    h->leave_here();
    trampoline<P>::resume(w);
  }
  /// The coroutine is destroyed between resume() and its run.
  void forget(work<P>& w) noexcept {
    if ((value_ & posted) == 0) return trampoline<P>::forget(w);
    if (!where()->withdraw(w)) P::broken("a coroutine was destroyed while its executor resumed it");
  }
  /// It runs again, or is gone.
  void leave() noexcept {
    if (value_ != 0) [[unlikely]]
      leave_home();
  }

 private:
  static constexpr std::uintptr_t posted = 1, bounced_bit = 2;
  // Apart: what is inlined here would make the frame of those that go the short way.
  [[gnu::noinline]] void post(work<P>& w, home<P>& h) noexcept {
    set(&h, posted);  // before it may run
    if (h.post(w)) return;
    set(&h, 0);
    trampoline<P>::resume(w);
  }
  [[gnu::noinline]] void leave_home() noexcept {
    home<P>* const h = where();
    if (h == nullptr) return;
    trampoline<P>::runs(h) ? h->leave_here() : h->leave_shared();
  }
  void set(home<P>* h, std::uintptr_t bits) noexcept { value_ = reinterpret_cast<std::uintptr_t>(h) | bits; }
  [[nodiscard]] home<P>* where() const noexcept { return reinterpret_cast<home<P>*>(value_ & ~(posted | bounced_bit)); }

  std::uintptr_t value_;
};

/// Where a granted coroutine runs: at home, or on the releaser's thread.
template <platform P> struct resume_in_place {
  void post(work<P>& w) const noexcept { trampoline<P>::resume(w); }
  bool withdraw(work<P>& w) const noexcept { return trampoline<P>::forget(w), true; }
  static constexpr bool competes_when_run = false;
};

/// Where a granted coroutine runs: on an executor.
template <class Executor> struct resume_on {
  Executor* executor;
  template <platform P> void post(work<P>& w) const noexcept { executor->post(w); }
  template <platform P> bool withdraw(work<P>& w) const noexcept { return take_back(*executor, w); }
  static constexpr bool competes_when_run = true;  // under barging the wake is a wake of the executor
};

template <class Semaphore, class Where>
class [[nodiscard]] acquire_awaiter : Semaphore::synchronizer_type::waiter_type {
  using P = typename Semaphore::platform_type;
  using node = typename Semaphore::synchronizer_type::waiter_type;

 public:
  acquire_awaiter(Semaphore& s, std::uint32_t n, Where where) noexcept
      : node(typename work<P>::unset{}), n_(n), semaphore_(s), where_(where) {}
  /// Until it is awaited it can be moved: an await_transform may pass it on, or wrap it.
  acquire_awaiter(acquire_awaiter&& other) noexcept
      : acquire_awaiter(other.semaphore_, other.n_, other.where_) {
    assert(!other.waited() && "surewake: an acquire was moved while it waits");
  }
  acquire_awaiter& operator=(acquire_awaiter&&) = delete;
  ~acquire_awaiter() {
    if (waited()) [[unlikely]]
      leave();
  }

  using awaited_once = void;
#if defined(__clang__) || !defined(__OPTIMIZE__)
  // I3. g++ 12 moves an awaiter that an operator yields, which costs an uncontended acquire 5 % and more. So with g++
  // an optimised build awaits the object itself, and it is the unoptimised builds that refuse lvalues.
  acquire_awaiter&& operator co_await() && noexcept { return static_cast<acquire_awaiter&&>(*this); }
  void operator co_await() & = delete;
#endif

  [[nodiscard]] bool await_ready() noexcept {
    take_result const taken = semaphore_.synchronizer_.take(n_);
    if (taken.is_granted()) [[likely]]
      return true;
    // The waiter's word keeps the token until wait() gets it.
    this->begin(action_of(step::hand_over), taken.must_wait() ? static_cast<std::uint32_t>(taken.token()) : 0);
    n_ |= waited_bit;
    way_.enter(nullptr);
    if (taken.must_wait()) return false;
    refused();
    return true;
  }

  /// Transfers symmetrically: to a coroutine that became ready on this thread, or back to the caller that runs this
  /// one.
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
    this->set_handle(self);
    if constexpr (at_home) {
      if (home<P>* const h = trampoline<P>::here(); h != nullptr) [[unlikely]]
        wait_at(*h);
    }
    enqueued const r = semaphore_.synchronizer_.wait(*this, n(), take_result::must_wait(this->missing()));
    if (r == enqueued::waiting) [[likely]]
      return trampoline<P>::next();  // I1
    return go_on(r);
  }

  /// Errors  closed_error.
  typename Semaphore::permit await_resume() {  // a basic_permit is [[nodiscard]]
    if (!waited()) [[likely]]
      return semaphore_.make_permit(n_);
    return after_wait();
  }

 private:
  static constexpr bool at_home = std::same_as<Where, resume_in_place<P>>;

  /// The table at the top.
  enum class step : std::uint8_t { hand_over, hand_over_at_home, compete, resume };
  static constexpr typename work<P>::action action_of(step s) noexcept {
    switch (s) {
      case step::hand_over: return &handed_over;
      case step::hand_over_at_home: return &handed_over_at_home;
      case step::compete: return &run;
      case step::resume: break;
    }
    return &work<P>::resume_handle;
  }

  static void handed_over(work<P>& w) noexcept {
    acquire_awaiter& self = of(w);
    if constexpr (Where::competes_when_run) {
      self.set_action(action_of(step::compete));
    } else {
      if (!self.compete()) return;
      self.set_action(action_of(step::resume));
    }
    self.where_.post(w);
  }

  static void handed_over_at_home(work<P>& w) noexcept {
    acquire_awaiter& self = of(w);
    if (!self.compete()) return;
    self.set_action(action_of(step::resume));
    self.way_.resume(self);
  }

  static void run(work<P>& w) noexcept {
    acquire_awaiter& self = of(w);
    self.set_action(action_of(step::hand_over));
    if (self.compete()) self.handle().resume();
  }

  [[nodiscard]] static acquire_awaiter& of(work<P>& w) noexcept { return static_cast<acquire_awaiter&>(w); }

  [[gnu::noinline]] void wait_at(home<P>& h) noexcept {
    way_.enter(&h);
    this->set_action(action_of(step::hand_over_at_home));
  }
  /// The wait was over before the coroutine suspended.
  [[nodiscard, gnu::noinline]] std::coroutine_handle<> go_on(enqueued r) noexcept {
    if (r == enqueued::closed) refused();
    way_.bounce();
    this->set_action(action_of(step::resume));
    return trampoline<P>::back_to(*this);
  }

  /// After a hand-over: true when the wait is over; false: it goes on, and the node is not ours any more.
  [[nodiscard]] bool compete() noexcept {
    enqueued const r = semaphore_.synchronizer_.after_grant(*this, n(), then::wait);
    if (r == enqueued::closed) refused();
    return r != enqueued::waiting;
  }

  /// The wait has ended by close(). What it lacked is of no use any more, so the waiter's word has the reason.
  [[gnu::noinline, gnu::cold]] void refused() noexcept {
    this->missing(static_cast<std::uint32_t>(detail::reason_of(semaphore_)));
    this->set_closed();
  }

  typename Semaphore::permit after_wait() {
    n_ = n();
    if constexpr (at_home) way_.leave();
    if (this->closed()) [[unlikely]]
      throw closed_error(static_cast<close_reason>(this->missing()));
    return semaphore_.make_permit(n_);
  }

  /// The coroutine is destroyed while it waits.
  [[gnu::noinline]] void leave() noexcept {
    if (way_.is_set()) [[unlikely]]
      return leave_home();
    if (!semaphore_.synchronizer_.withdraw(*this, n())) [[unlikely]]
      leave_late();
  }
  [[gnu::noinline]] void leave_home() noexcept {
    if (way_.bounced() || !semaphore_.synchronizer_.withdraw(*this, n())) leave_late();
    way_.leave();
  }
  /// Takes it out of the list that it is in, because its wait is over (I2).
  [[gnu::noinline, gnu::cold]] void leave_late() noexcept {
    if (way_.bounced()) {
      trampoline<P>::forget(*this);
    } else if (way_.anywhere()) {
      way_.forget(*this);
    } else if (!where_.withdraw(static_cast<work<P>&>(*this))) {
      P::broken("a coroutine was destroyed while another thread resumed it");
    }
    if constexpr (Where::competes_when_run) {
      if (!way_.bounced()) return static_cast<void>(semaphore_.synchronizer_.after_grant(*this, n(), then::decline));
    }
    if (!this->closed()) semaphore_.give_back(n());
  }

  static constexpr std::uint32_t waited_bit = 0x8000'0000;
  [[nodiscard]] bool waited() const noexcept { return (n_ & waited_bit) != 0; }
  [[nodiscard]] std::uint32_t n() const noexcept { return n_ & ~waited_bit; }

  std::uint32_t n_;  // permits, and waited_bit once it could not have them at once; in the padding of the node's end
  way_home<P> way_;
  Semaphore& semaphore_;
  [[no_unique_address]] Where where_;
};

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
