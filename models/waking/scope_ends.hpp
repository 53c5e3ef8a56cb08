// surewake/models/waking/scope_ends.hpp: the tasks of a scope end on different threads, and one of them spawns another.
// Which of them resumes the coroutine that joins, and does that see what all did?
// Shape      2 threads: first resumes a task that spawns one more, which ends at once; second resumes another one.
// Must hold  the coroutine that joins goes on once, sees what all did, and destroys the scope; every frame is freed.
#pragma once

#include <surewake/core/coroutine/async_scope.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>
#include <optional>

namespace surewake::models {

template <platform P> struct scope_ends {
  static constexpr model_facts facts{
      .question = "The tasks of a scope end on different threads: does what joins go on once, and see what all did?",
      .law = "the last task resumes what joins, which may destroy the scope (`core/coroutine/async_scope.hpp`, I1)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"first", "second"};

  scope_ends() {
    scope_.emplace();
    scope_->spawn(spawns());
    scope_->spawn(ends());
    start_detached<P>(joins());
  }

  void thread(unsigned i) {
    typename trampoline<P>::scope const ready;
    suspended_[i].resume();
  }

  void after() {
    if (over_.get() != 1) P::broken("what joins a scope did not go on once");
  }

 private:
  struct until_resumed : std::suspend_always {
    explicit until_resumed(std::coroutine_handle<>& keep) noexcept : at(keep) {}
    void await_suspend(std::coroutine_handle<> h) const noexcept { at = h; }
    std::coroutine_handle<>& at;
  };
  task<void, P> more() {
    results_[1].set(1);
    co_return;
  }
  task<void, P> spawns() {
    co_await until_resumed(suspended_[0]);
    results_[0].set(1);
    scope_->spawn(more());
  }
  task<void, P> ends() {
    co_await until_resumed(suspended_[1]);
    results_[2].set(1);
  }
  task<void, P> joins() {
    co_await scope_->joined();
    for (auto& r : results_) {
      if (r.get() != 1) P::broken("what joins a scope does not see what a task did");
    }
    scope_.reset();
    over_.add(1);
  }

  std::optional<basic_async_scope<P>> scope_;
  std::array<std::coroutine_handle<>, 2> suspended_{};
  std::array<typename P::template plain<int>, 3> results_{0, 0, 0};
  ghost<P> over_{};
};

}  // namespace surewake::models
