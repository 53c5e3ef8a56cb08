// surewake/core/node/trampoline.hpp: who runs a coroutine that was just granted, on how much stack, and when.
//
//   idle --resume(w)--> running: w.run() --list empty--> idle
//              running --resume(v)--> running: v waits in the thread's ready list
//              running: a coroutine suspends --next()--> the first ready one, by symmetric transfer
//
// Invariants
//   R1  On one thread at most one frame of resume() or scope is below the coroutine that runs: a wake never nests, so a
//       chain of any length of inline hand-offs takes bounded stack.
//   R2  A node in the ready list belongs to this thread; nobody else reads or writes it.
//   R3  The ready list is empty whenever no scope is open on the thread.
// In words: where nothing of ours is running, the releaser resumes the waiter before release() returns. Inside a
// coroutine that was resumed by surewake (a grant, sync_wait, an executor), the waiter runs when that coroutine
// suspends or ends.
// Progress  wait-free, no atomics: everything is one thread's own.   Cost  a thread-local look-up and a few plain
//           stores.
// Place     a coroutine that lives somewhere (home.hpp) is resumed by a thread that runs its home, never by another.
// Source    the trampoline of Reynolds 1972, as JavaScript's job queue and tokio's LocalSet use it; bounded transfer
//           because compilers do not promise tail calls in every build.
#pragma once

#include <surewake/core/node/home.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class trampoline {
 public:
  /// Runs `w` now, or, inside a scope of this thread, when the running coroutine suspends or ends.
  static void resume(work<P>& w) noexcept {
    state& s = P::template local<state>();
    if (s.active) return s.push(w);
    scope const here{s};
    s.transfers = max_transfers;
    w.run();
  }

  /// What a suspending coroutine should transfer to: the first ready one, or a no-op that returns to the scope (also
  /// where the first ready node does more than resume a coroutine: the scope runs it).
  [[nodiscard]] static std::coroutine_handle<> next() noexcept {
    state& s = P::template local<state>();
    work<P>* const w = s.first;
    if (w == nullptr || s.transfers == 0 || !w->only_resumes()) return std::noop_coroutine();
    --s.transfers;
    s.pop();
    return w->handle();
  }

  /// What a coroutine that need not suspend after all transfers to, `w` being its node: the coroutine itself, or a
  /// no-op once that has happened max_transfers times; then `w` went through resume(), and the stack is unwound, also
  /// where the compiler makes no tail calls. The caller touches nothing of the coroutine afterwards.
  [[nodiscard]] static std::coroutine_handle<> back_to(work<P>& w) noexcept {
    state& s = P::template local<state>();
    if (s.transfers != 0) [[likely]] {
      --s.transfers;
      return w.handle();
    }
    resume(w);
    return std::noop_coroutine();
  }

  /// Takes a node that resume() left in this thread's ready list out again (its coroutine is being destroyed).
  static void forget(work<P>& w) noexcept { P::template local<state>().erase(w); }

  /// Runs what is ready on this thread.
  static void drain() noexcept { drain(P::template local<state>()); }

  /// To be called before the thread blocks: what it waits for may be among what is ready here, or depend on what has
  /// not left this thread yet (a wake that a ring keeps back for its next submit).
  static void before_blocking() noexcept {
    state& s = P::template local<state>();
    drain(s);
    if (s.last != nullptr) s.last();
  }
  /// What every later before_blocking() of this thread ends with.
  static void end_before_blocking_with(void (*last)() noexcept) noexcept { P::template local<state>().last = last; }

  /// Where a coroutine lives that waits now on this thread (home.hpp); null: nowhere.
  [[nodiscard]] static home<P>* here() noexcept { return P::template local<state>().here; }
  /// Whether this thread runs `h`, so that its coroutines may be resumed here.
  [[nodiscard]] static bool runs(home<P> const* h) noexcept {
    state const& s = P::template local<state>();
    return s.running == h || s.resident == h;
  }
  /// `h` is this thread's home wherever it runs no other; null: none.
  static void reside(home<P>* h) noexcept {
    state& s = P::template local<state>();
    s.resident = h;
    s.look_around();
  }
  /// In a forked child: this thread does not run `h` any more, which is the parent's.
  static void lose(home<P> const* h) noexcept {
    state& s = P::template local<state>();
    if (s.running == h) s.running = nullptr;
    if (s.resident == h) s.resident = nullptr;
    s.look_around();
  }

 private:
  struct state {
    work<P>* first = nullptr;  // the first ready node stands apart, because there is seldom another one
    work_list<P> others{};
    unsigned transfers = max_transfers;  // symmetric transfers left before the stack is unwound to the scope
    bool active = false;
    bool away = false;                  // what waits now lives nowhere
    void (*last)() noexcept = nullptr;  // of before_blocking()
    home<P>* here = nullptr;            // of the three below, kept ready
    home<P>* running = nullptr;
    home<P>* resident = nullptr;

    void look_around() noexcept { here = away ? nullptr : running != nullptr ? running : resident; }

    void push(work<P>& w) noexcept {
      if (first == nullptr) {
        first = &w;
      } else {
        others.push_back(w);
      }
    }
    void pop() noexcept { first = others.pop_front(); }
    void erase(work<P>& w) noexcept {
      if (first == &w) {
        pop();
      } else {
        others.erase(w);
      }
    }
  };
  static constexpr unsigned max_transfers = 64;

  static void drain(state& s) noexcept {
    while (work<P>* const w = s.first) {
      s.pop();
      s.transfers = max_transfers;
      w->run();
    }
  }

 public:
  /// While it lives, grants on this thread go to the ready list; the outermost one runs them when it ends.
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

  /// While it lives, the thread runs `h`: what waits lives there.
  class at {
   public:
    explicit at(home<P>& h) noexcept : at(&h, false) {}
    at(at const&) = delete;
    at& operator=(at const&) = delete;
    ~at() {
      state_.running = running_;
      state_.away = away_;
      state_.look_around();
    }

   protected:
    at(home<P>* h, bool away) noexcept
        : state_(P::template local<state>()), running_(state_.running), away_(state_.away) {
      if (h != nullptr) state_.running = h;
      state_.away = away;
      state_.look_around();
    }

   private:
    state& state_;
    home<P>* running_;
    bool away_;
  };

  /// While it lives, what waits on this thread lives nowhere, because the thread blocks until it is done.
  class away : at {
   public:
    away() noexcept : at(nullptr, true) {}
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
