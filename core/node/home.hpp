// surewake/core/node/home.hpp: where a coroutine lives, which is the executor or loop that runs it and to which it
// comes back.
//
// THE RULE. A coroutine that waits on an executor or a loop goes on there, however its wait ends: by a grant, a
// time-out, a stop or close(). A coroutine that has neither goes on on the thread that ended its wait.
//
//   no home --a thread runs work of an executor, and the coroutine waits--> at home: enter
//   at home --the wait ends on a thread that runs the home--> resumed there (trampoline.hpp)
//           --it ends elsewhere--> posted --the home runs it--> resumed
//           --it ends elsewhere, and the home has ended--> resumed by the thread that ended it
//           --the coroutine is destroyed--> withdrawn, from the semaphore or from the home
//
// Terms      A thread *runs* a home while it runs work that was posted there (trampoline::at). While a thread has a
//            loop, it runs the loop's home as well, which is the thread's *resident*.
// Invariants
//   I1  An awaiter reads the thread's home once, when its coroutine suspends (trampoline::here), and stays with it.
//   I2  Each enter() has one leave. A home outlives its executor until the last waiter has left, so that a wait that
//       ends after the executor finds a home that has ended, and not a dangling pointer.
//   I3  post() returns whether the home took the work. It decides that under the lock under which the home ends, so
//       that work that was taken runs. Therefore an executor looks for work once more after its home has ended. (In an
//       earlier version a loop that was destroyed did not, and neither did a manual_executor.)
// An earlier version assumed that a strategy brings its waiters home (uring_futex), and that waiters of the other
// strategies need no home. But a stop, a time-out and close() end a wait without the strategy. Then the coroutine of a
// loop went on on a thread of the timers, while run() returned without it.
// Cost       without a home, a load at each wait. With a home, a count up and down, and a post if the wait ended
//            elsewhere. Nothing is allocated but the home itself, one for each executor.
// Checked    models/waking/goes_home.hpp, with seeded bugs;
//            queues/conformance/place.test.cpp.
#pragma once

#include <surewake/core/node/work.hpp>

#include <cstdint>
#include <mutex>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

class timer_source;

template <platform P> class home {
 public:
  home(home const&) = delete;
  home& operator=(home const&) = delete;

  /// Posts `w`, from any thread. Returns true if `w` will run there or be withdrawn. Returns false if the home has
  /// ended; then `w` was not touched.
  [[nodiscard]] virtual bool post(work<P>& w) noexcept = 0;
  /// Takes `w` back, from any thread. Returns true if `w` was posted, has not run, and never will.
  [[nodiscard]] virtual bool withdraw(work<P>& w) noexcept = 0;
  /// Counts a coroutine that this thread runs at home and that will wait.
  void enter() noexcept { one_thread_ ? here_.set(here_.get() + 1) : enter_of_many(); }
  /// Counts out a coroutine whose wait is over, on a thread that runs the home.
  void leave_here() noexcept { one_thread_ ? here_.set(here_.get() - 1) : leave_of_many(); }
  /// Counts out a coroutine whose wait is over, on any thread. The home may be gone when this returns.
  virtual void leave_shared() noexcept = 0;
  /// Returns the home's timers, which live until the waiter leaves, or null if it has none. The calling thread runs the
  /// home.
  [[nodiscard]] virtual timer_source* timers() noexcept { return nullptr; }

 protected:
  explicit home(bool one_thread) noexcept : one_thread_(one_thread) {}
  ~home() = default;

  virtual void enter_shared() noexcept = 0;

  typename P::template plain<std::int64_t> here_{std::int64_t{0}};  // waiters at a home of one thread, its own

 private:
  // Not inlined, and neither is what they call, so that the path of a home of one thread needs no stack frame.
  [[gnu::noinline]] void enter_of_many() noexcept { enter_shared(); }
  [[gnu::noinline]] void leave_of_many() noexcept { leave_shared(); }

  bool const one_thread_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
