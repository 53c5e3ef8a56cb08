// surewake/core/coroutine/sleep.hpp: a coroutine that waits for a moment, on an executor that has timers.
//
//   idle --await_suspend--> armed --the time comes--> posted --the executor runs it--> resumed
//                           armed, posted --the coroutine is destroyed--> disarmed or withdrawn
//
// Invariants
//   I1  From arm on the coroutine may run and the awaiter may be gone, so await_suspend touches nothing of it
//       after that.
//   I2  The timer's callback posts and touches nothing after that; disarm waits for a callback that is on its way.
// Place     It goes on on the executor whose timers it uses, wherever it came from.
// Lifetime  The coroutine may be destroyed at any time before it is resumed, from any thread.
// Cost      no allocation, because timer and node are here, in the coroutine's frame.
#pragma once

#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/coroutine/timer.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Pool: an executor with arm and disarm (thread_pool.hpp).
template <class Pool> class [[nodiscard]] sleep_awaiter {
  using P = std_platform;

 public:
  sleep_awaiter(Pool& pool, time_limit<P> const& until) noexcept : pool_(pool), until_(until), alarm_(*this) {}
  sleep_awaiter(sleep_awaiter const&) = delete;
  sleep_awaiter& operator=(sleep_awaiter const&) = delete;
  ~sleep_awaiter() {
    if (asleep_ && !pool_.disarm(alarm_) && !pool_.withdraw(node_)) {
      P::broken("a coroutine was destroyed while its executor resumed it");
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
    node_.set_handle(self);
    asleep_ = true;
    pool_.arm(alarm_, until_.when());
    return trampoline<P>::next();  // I1
  }
  void await_resume() noexcept { asleep_ = false; }

 private:
  struct alarm : timer {
    explicit alarm(sleep_awaiter& s) noexcept : timer(&rings), sleeper(s) {}
    static void rings(timer& t) noexcept {
      sleep_awaiter& s = static_cast<alarm&>(t).sleeper;
      if (!s.until_.over()) return s.pool_.arm(t, s.until_.when());
      s.pool_.post(s.node_);  // I2
    }
    sleep_awaiter& sleeper;
  };

  Pool& pool_;
  time_limit<P> until_;
  alarm alarm_;
  work<P> node_;
  bool asleep_ = false;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
