// surewake/core/coroutine/manual_executor.hpp: a deterministic executor for tests and benchmarks, which runs
// what was posted when it is told to.
//
//   post --> queued --run_one, run: in the order of the posts--> ran
//            queued --withdraw--> gone        queued --the executor ends--> ran
//   post by another thread --> delivered --run_one, run, withdraw--> queued
//
// The thread that made it runs it, withdraws and destroys (asserted in debug builds). Other threads may post, because a
// coroutine that lives here (home.hpp) is posted by the thread that ends its wait. As long as they do not post, it is
// deterministic: the order of the posts is the order of the runs, and what a run makes ready in this thread's ready
// list (trampoline.hpp) runs before the next one.
// Place     What waits while it runs lives here. run() runs what is queued, and does not wait for coroutines that wait.
// Progress  wait-free for its own thread, with one load and no RMWs; a delivery blocks under a mutex.
// Cost      a few plain stores to post, a thread-local look-up more to run.
#pragma once

#include <surewake/core/node/executor.hpp>
#include <surewake/core/coroutine/own_home.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/coroutine/take_out.hpp>

#include <cassert>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class manual_executor {
 public:
  using P = std_platform;

  manual_executor() = default;
  manual_executor(manual_executor const&) = delete;
  manual_executor& operator=(manual_executor const&) = delete;
  /// Runs what is queued, because a thread that ended a wait of a coroutine that lives here may have posted it at the
  /// last moment, and nothing else would run it (home.hpp, I3). What waits in there lives elsewhere. (An earlier
  /// version assumed that the poster sees to the run.)
  ~manual_executor() {
    home_.end();
    trampoline<P>::scope const ready;
    while (work<P>* const w = next()) {
      w->run();
      trampoline<P>::drain();
    }
  }

  /// Queues `w`, from any thread.
  void post(work<P>& w) noexcept {
    if (on_own_thread()) [[likely]]
      return queue_.push_back(w);
    deliver(w);
  }

  bool withdraw(work<P>& w) noexcept {
    assert(on_own_thread());
    take_in();
    return detail::take_out(queue_, w);
  }

  [[nodiscard]] bool empty() noexcept {
    take_in();
    return queue_.empty();
  }

  /// Runs the first node of the queue, and what that made ready. Returns false if there was none.
  bool run_one() noexcept {
    assert(on_own_thread());
    work<P>* const w = next();
    if (w == nullptr) return false;
    trampoline<P>::at const here(home_.get());
    trampoline<P>::scope const ready;
    w->run();
    trampoline<P>::drain();
    return true;
  }

  /// Runs until the queue is empty, with what is posted meanwhile. Returns how many nodes ran.
  std::size_t run() noexcept {
    assert(on_own_thread());
    trampoline<P>::at const here(home_.get());
    trampoline<P>::scope const ready;
    std::size_t ran = 0;
    for (; work<P>* const w = next(); ++ran) {
      w->run();
      trampoline<P>::drain();
    }
    return ran;
  }

 private:
  struct mark {
    char unused = 0;
  };
  /// Returns an address that identifies the thread, because it is cheaper to have than the thread's id.
  [[nodiscard]] static mark const* this_thread() noexcept { return &P::local<mark>(); }
  [[nodiscard]] bool on_own_thread() const noexcept { return this_thread() == owner_; }

  [[nodiscard]] work<P>* next() noexcept {
    take_in();
    return queue_.pop_front();
  }
  [[gnu::noinline, gnu::cold]] void deliver(work<P>& w) noexcept {
    lock_hold const hold(mutex_);
    delivered_.push_back(w);
    // relaxed: only announces; the lock has the order.
    any_.store(true, P::relaxed);
  }
  void take_in() noexcept {
    // relaxed: says that a look under the lock is worth it. What was delivered before something that this thread knows
    // is announced to it.
    if (any_.load(P::relaxed)) [[unlikely]]
      take_in_delivered();
  }
  [[gnu::noinline, gnu::cold]] void take_in_delivered() noexcept {
    lock_hold const hold(mutex_);
    while (work<P>* const w = delivered_.pop_front()) queue_.push_back(*w);
    // relaxed: under the lock.
    any_.store(false, P::relaxed);
  }

  detail::work_list<P> queue_;  // the own thread's
  P::atomic<bool> any_{false};
  P::mutex mutex_;
  detail::work_list<P> delivered_ SUREWAKE_GUARDED_BY(mutex_);
  own_home<manual_executor> home_{*this};
  mark const* const owner_ = this_thread();
};

static_assert(executor<manual_executor, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
