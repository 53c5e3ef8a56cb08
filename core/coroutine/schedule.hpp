// surewake/core/coroutine/schedule.hpp: `co_await schedule(executor)`: the coroutine goes on there.
//
//   running --post--> posted --the executor runs it--> running
//                     posted --the coroutine is destroyed--> withdrawn
//
// Invariants
//   I1  From post on the coroutine may run and the awaiter may be gone, so await_suspend touches nothing of it
//       after that.
// Place     An executor that has a home (home.hpp) keeps the coroutine: what it waits for there ends there.
// Lifetime  The coroutine may be destroyed while it is posted, by a thread that also keeps the executor from running it
//           at that moment, as with every coroutine. Otherwise the process ends with a message.
// Cost      no allocation, because the node is here, in the coroutine's frame.
#pragma once

#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class Executor, platform P> class [[nodiscard]] schedule_awaiter {
 public:
  explicit schedule_awaiter(Executor& e) noexcept : executor_(e) {}
  schedule_awaiter(schedule_awaiter const&) = delete;
  schedule_awaiter& operator=(schedule_awaiter const&) = delete;
  ~schedule_awaiter() {
    if (posted_ && !take_back(executor_, node_)) P::broken("a coroutine was destroyed while its executor resumed it");
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
    node_.set_handle(self);
    posted_ = true;
    executor_.post(node_);
    return trampoline<P>::next();  // I1
  }
  void await_resume() noexcept { posted_ = false; }

 private:
  Executor& executor_;
  work<P> node_;
  bool posted_ = false;
};

}  // namespace detail

/// Moves the awaiting coroutine to `e`, where it is posted after what was posted before.
template <platform P = std_platform, class Executor>
  requires executor<Executor, P>
detail::schedule_awaiter<Executor, P> schedule(Executor& e) noexcept {
  return detail::schedule_awaiter<Executor, P>(e);
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
