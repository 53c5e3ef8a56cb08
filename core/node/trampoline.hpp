// surewake/core/node/trampoline.hpp: which thread runs a coroutine that was just granted, on how much stack, and when.
//
//   idle --resume(w)--> running: w.run() --list empty--> idle
//              running --resume(v)--> running: v waits in the thread's ready list
//              running: a coroutine suspends --next()--> the first ready coroutine, by symmetric transfer
//
// Invariants
//   I1  On each thread at most one frame of resume() or scope is below the coroutine that runs, because a wake never
//       nests. So a chain of inline hand-offs of any length takes bounded stack.
//   I2  A node in the ready list belongs to the thread of that list. No other thread reads or writes it.
//   I3  The ready list is empty whenever no scope is open on the thread.
// In other words, if nothing of surewake is running on the releaser's thread, the releaser resumes the waiter before
// release() returns. Inside a coroutine that surewake resumed (by a grant, sync_wait, an executor), the waiter runs
// when that coroutine suspends or ends.
// Progress  wait-free without atomics, because everything is one thread's own.   Cost  a thread-local look-up and a few
//           plain stores.
// Place     a coroutine that has a home (home.hpp) is resumed only by a thread that runs that home.
// Source    the trampoline of Reynolds 1972, as JavaScript's job queue and tokio's LocalSet use it. The number of
//           transfers is bounded because compilers do not promise tail calls in every build.
#pragma once

#include <surewake/core/node/home.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class trampoline {
 public:
  /// Runs `w` now or, inside a scope of this thread, when the running coroutine suspends or ends.
  static void resume(work<P>& w) noexcept {
    state& s = P::template local<state>();
    s.active ? s.push(w) : run(s, w);
  }

  /// Returns what a suspending coroutine should transfer to: the first ready coroutine, or a no-op that returns to the
  /// scope. If the first ready node does more than resume a coroutine, it is the no-op too, because the scope runs that
  /// node.
  [[nodiscard]] static std::coroutine_handle<> next() noexcept {
    state& s = P::template local<state>();
    work<P>* const w = s.first;
    if (w == nullptr || s.transfers == 0 || !w->only_resumes()) return std::noop_coroutine();
    --s.transfers;
    s.pop();
    return w->handle();
  }

  /// Returns what a coroutine that need not suspend after all transfers to; `w` is its node. That is the coroutine
  /// itself or, once that has happened max_transfers times, a no-op. In the second case `w` went through resume(), and
  /// the stack is unwound, even where the compiler makes no tail calls. The caller touches nothing of the coroutine
  /// afterwards.
  [[nodiscard]] static std::coroutine_handle<> back_to(work<P>& w) noexcept {
    state& s = P::template local<state>();
    if (s.transfers != 0) [[likely]] {
      --s.transfers;
      return w.handle();
    }
    return unwind(w);
  }

  /// Takes `w`, which resume() left in this thread's ready list, out again, because its coroutine is being destroyed.
  static void forget(work<P>& w) noexcept { P::template local<state>().erase(w); }

  /// Runs what is ready on this thread.
  static void drain() noexcept { drain(P::template local<state>()); }

  /// Runs what is ready on this thread, then calls the function of end_before_blocking_with(). A thread calls it before
  /// it blocks, because what it waits for may be among what is ready here, or may depend on what has not left this
  /// thread yet (a wake that a ring keeps back for its next submit).
  static void before_blocking() noexcept {
    state& s = P::template local<state>();
    drain(s);
    if (s.last != nullptr) s.last();
  }
  /// Registers `last`, with which every later before_blocking() of this thread ends.
  static void end_before_blocking_with(void (*last)() noexcept) noexcept { P::template local<state>().last = last; }

  /// Returns the home of a coroutine that waits now on this thread (home.hpp), or null if it has none.
  [[nodiscard]] static detail::home<P>* here() noexcept { return P::template local<state>().here; }
  /// Returns whether this thread runs `h`, so that coroutines that live there may be resumed here.
  [[nodiscard]] static bool runs(detail::home<P> const* h) noexcept {
    state const& s = P::template local<state>();
    return s.running == h || s.resident == h;
  }
  /// Makes `h` this thread's home wherever the thread runs no other home; null means none.
  static void reside(detail::home<P>* h) noexcept {
    state& s = P::template local<state>();
    s.resident = h;
    s.look_around();
  }
  /// Makes this thread, in a forked child, stop running `h`, which is the parent's.
  static void lose(detail::home<P> const* h) noexcept {
    state& s = P::template local<state>();
    if (s.running == h) s.running = nullptr;
    if (s.resident == h) s.resident = nullptr;
    s.look_around();
  }

 private:
  // What is [[gnu::noinline]] here and below is apart from the way that a hand-over goes, so that this needs no frame.

  struct state {
    work<P>* first = nullptr;  // the first ready node is kept apart, because there is seldom another one
    detail::work_list<P> others{};
    unsigned transfers = max_transfers;  // symmetric transfers left before the stack is unwound to the scope
    bool active = false;
    bool away = false;                  // a coroutine that waits now has no home
    void (*last)() noexcept = nullptr;  // what before_blocking() ends with
    detail::home<P>* here = nullptr;            // computed by look_around()
    detail::home<P>* running = nullptr;
    detail::home<P>* resident = nullptr;

    void look_around() noexcept { here = away ? nullptr : running != nullptr ? running : resident; }

    void push(work<P>& w) noexcept {
      if (first == nullptr) {
        first = &w;
      } else {
        push_other(w);
      }
    }
    [[gnu::noinline]] void push_other(work<P>& w) noexcept { others.push_back(w); }
    void pop() noexcept {
      first = nullptr;
      if (!others.empty()) pop_other();
    }
    [[gnu::noinline]] void pop_other() noexcept { first = others.pop_front(); }
    void erase(work<P>& w) noexcept {
      if (first == &w) {
        pop();
      } else {
        others.erase(w);
      }
    }
  };
  static constexpr unsigned max_transfers = 64;

  [[nodiscard, gnu::noinline]] static std::coroutine_handle<> unwind(work<P>& w) noexcept {
    resume(w);
    return std::noop_coroutine();
  }
  [[gnu::noinline]] static void run(state& s, work<P>& w) noexcept {
    scope const here{s};
    s.transfers = max_transfers;
    w.run();
  }

  static void drain(state& s) noexcept {
    while (work<P>* const w = s.first) {
      s.pop();
      s.transfers = max_transfers;
      w->run();
    }
  }

 public:
  /// Sends grants on this thread to the ready list while it lives. The outermost scope runs them when it ends.
  class scope {
   public:
    scope() noexcept : scope(P::template local<state>()) {}
    scope(scope const&) = delete;
    scope& operator=(scope const&) = delete;
    ~scope() {
      if (!outermost_) return;
      drain(state_);
      state_.active = false;
    }

   private:
    friend class trampoline;
    explicit scope(state& s) noexcept : state_(s), outermost_(!s.active) { s.active = true; }

    state& state_;
    bool outermost_;
  };

  /// Makes the thread run `h` while it lives, so that a coroutine that waits lives there.
  class at {
   public:
    explicit at(detail::home<P>& h) noexcept : at(&h, false) {}
    at(at const&) = delete;
    at& operator=(at const&) = delete;
    ~at() {
      state_.running = running_;
      state_.away = away_;
      state_.look_around();
    }

   protected:
    at(detail::home<P>* h, bool away) noexcept
        : state_(P::template local<state>()), running_(state_.running), away_(state_.away) {
      if (h != nullptr) state_.running = h;
      state_.away = away;
      state_.look_around();
    }

   private:
    state& state_;
    detail::home<P>* running_;
    bool away_;
  };

  /// Takes the home from what waits on this thread while it lives, because the thread blocks until that is done.
  class away : at {
   public:
    away() noexcept : at(nullptr, true) {}
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
