// surewake/models/waking/sync_wait_ends.hpp: a thread blocks for a coroutine that another thread resumes to its end.
// Does it wake, and may it free the frame?
// Shape      2 threads: blocked calls sync_wait for a coroutine that suspends; ending resumes it.
// Must hold  blocked returns, sees what the coroutine did, and no thread touches what is gone.
#pragma once

#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>

namespace surewake::models {

template <platform P> struct sync_wait_ends {
  static constexpr model_facts facts{
      .question = "A thread blocks for a coroutine that ends on another thread: does it wake, and see what was done?",
      .law = "sync_wait returns when its coroutine has ended, and sees what that did "
             "(`core/coroutine/sync_wait.hpp`, I1)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"blocked", "ending"};

  void thread(unsigned i) {
    if (i == 0) {
      sync_wait<P>(coroutine());
      if (work_.get() != 1) P::broken("visibility: what the coroutine did is not seen");
    } else {
      // acquire: sees the handle.
      P::await(is_suspended_, [](std::uint32_t s) { return s == 1U; }, P::acquire);
      typename trampoline<P>::scope const ready;
      suspended_.resume();
    }
  }

  void after() {}

 private:
  struct until_resumed : std::suspend_always {
    explicit until_resumed(sync_wait_ends& m) noexcept : model(m) {}
    void await_suspend(std::coroutine_handle<> h) const noexcept {
      model.suspended_ = h;
      // release: the handle.
      model.is_suspended_.store(1U, P::release);
    }
    sync_wait_ends& model;
  };
  task<void, P> coroutine() {
    co_await until_resumed(*this);
    work_.set(1);
  }

  std::coroutine_handle<> suspended_{};
  typename P::template atomic<std::uint32_t> is_suspended_{0U};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
