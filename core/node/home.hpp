// surewake/core/node/home.hpp: where a coroutine lives: the executor or loop that runs it, and to which it comes back.
//
// THE RULE. A coroutine that waits on an executor or a loop goes on there, however its wait ends: by a grant, a
// time-out, a stop, close(). One that has neither goes on on the thread that ended its wait.
//
//   no home --a thread runs work of an executor, and the coroutine waits--> at home: enter
//   at home --the wait ends on a thread that runs the home--> resumed there (trampoline.hpp)
//           --it ends elsewhere--> posted --the home runs it--> resumed
//           --it ends elsewhere, and the home has ended--> resumed by the thread that ended it
//           --the coroutine is destroyed--> withdrawn, from the semaphore or from the home
//
// Terms      A thread *runs* a home while it runs what was posted there (trampoline::at), or while it has a loop, whose
//            home is the thread's *resident*.
// Invariants
//   H1  An awaiter reads the thread's home once, when its coroutine suspends (trampoline::here), and stays with it.
//   H2  enter() and a leave come in pairs. A home outlives its executor until the last waiter has left, so that a wait
//       that ends after the executor finds a home that has ended, not a pointer into nothing.
//   H3  post() answers whether the home took the work, under the lock under which the home ends: what was taken runs.
//       So an executor looks for work once more after its home has ended. (A loop that was destroyed did not,
//       nor a manual_executor.)
// It was taken for granted here that a strategy brings its waiters home (uring_futex), and the others need no home. But
// a stop, a time-out and close() end a wait past the strategy, and then the coroutine of a loop went on on a thread of
// the timers, while run() returned without it.
// Cost       for a coroutine without a home, a load at each wait; with one, a count up and down, and a post where its
//            wait ended elsewhere. No allocation but the home itself, one for each executor.
// Checked    models/goes_home, with false homes as seeded bugs (models/bugs/homes.hpp);
//            queues/conformance/place.test.cpp.
#pragma once

#include <surewake/core/node/work.hpp>

#include <cstdint>
#include <mutex>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class timer_source;

template <platform P> class home {
 public:
  home(home const&) = delete;
  home& operator=(home const&) = delete;

  /// Any thread. True: `w` will run there, or be withdrawn. False: the home has ended, and `w` was not touched.
  [[nodiscard]] virtual bool post(work<P>& w) noexcept = 0;
  /// Any thread. True: `w` was posted, has not run, and never will.
  [[nodiscard]] virtual bool withdraw(work<P>& w) noexcept = 0;
  /// A coroutine that this thread runs at home will wait.
  void enter() noexcept { one_thread_ ? here_.set(here_.get() + 1) : enter_of_many(); }
  /// Its wait is over, on a thread that runs the home.
  void leave_here() noexcept { one_thread_ ? here_.set(here_.get() - 1) : leave_of_many(); }
  /// Its wait is over, on any thread. The home may be gone when this returns.
  virtual void leave_shared() noexcept = 0;
  /// On a thread that runs it: its timers, which live until the waiter leaves; null where it has none.
  [[nodiscard]] virtual timer_source* timers() noexcept { return nullptr; }

 protected:
  explicit home(bool one_thread) noexcept : one_thread_(one_thread) {}
  ~home() = default;

  virtual void enter_shared() noexcept = 0;

  typename P::template plain<std::int64_t> here_{std::int64_t{0}};  // waiters, of a home that one thread runs: its own

 private:
  // Not inlined, nor what they call: the way of a home of one thread needs no frame then.
  [[gnu::noinline]] void enter_of_many() noexcept { enter_shared(); }
  [[gnu::noinline]] void leave_of_many() noexcept { leave_shared(); }

  bool const one_thread_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
