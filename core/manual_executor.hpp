// surewake/core/manual_executor.hpp: a deterministic executor for tests and benchmarks: runs what was posted when told.
//
//   post --> queued --run_one, run: in the order of the posts--> ran
//            queued --withdraw--> gone
//
// Single-threaded: every call comes from the thread that made it (asserted in debug builds; work posted by another
// thread would be a race). Deterministic: the order of the posts is the order of the runs, and what a run makes ready
// in this thread's ready list (resume.hpp) runs before the next one.
// Progress  wait-free, no atomics.   Cost  a few plain stores to post, a thread-local look-up more to run.
#pragma once

#include <surewake/core/executor.hpp>
#include <surewake/core/resume.hpp>
#include <surewake/core/std_platform.hpp>
#include <surewake/core/take_out.hpp>

#include <cassert>

namespace [[gnu::visibility("default")]] surewake {

class manual_executor {
 public:
  using P = std_platform;

  manual_executor() = default;
  manual_executor(manual_executor const&) = delete;
  manual_executor& operator=(manual_executor const&) = delete;
  /// Nothing may be queued: whoever posted it must run it or withdraw it.
  ~manual_executor() { assert(queue_.empty()); }

  void post(work<P>& w) noexcept {
    assert(on_own_thread());
    queue_.push_back(w);
  }

  bool withdraw(work<P>& w) noexcept {
    assert(on_own_thread());
    return take_out(queue_, w);
  }

  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }

  /// Runs the first of the queue, and what that made ready; false when there was none.
  bool run_one() noexcept {
    assert(on_own_thread());
    work<P>* const w = queue_.pop_front();
    if (w == nullptr) return false;
    resumer<P>::scope const here;
    w->run();
    resumer<P>::drain();
    return true;
  }

  /// Runs until the queue is empty, with what is posted meanwhile; returns how many ran.
  std::size_t run() noexcept {
    assert(on_own_thread());
    resumer<P>::scope const here;
    std::size_t ran = 0;
    for (; work<P>* const w = queue_.pop_front(); ++ran) {
      w->run();
      resumer<P>::drain();
    }
    return ran;
  }

 private:
  [[nodiscard]] bool on_own_thread() const noexcept { return std::this_thread::get_id() == owner_; }

  work_list<P> queue_;
  [[maybe_unused]] std::thread::id owner_ = std::this_thread::get_id();
};

static_assert(executor<manual_executor, std_platform>);

}  // namespace surewake
