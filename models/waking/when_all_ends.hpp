// surewake/models/waking/when_all_ends.hpp: the children of a when_all end on different threads. Which of them resumes
// the parent, and does the parent see what both did?
// Shape      2 threads: first and second each resume one child, which writes its result.
// Must hold  the parent goes on once, sees both results, and every frame is freed.
#pragma once

#include <surewake/core/coroutine/when_all.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>

namespace surewake::models {

template <platform P> struct when_all_ends {
  static constexpr model_facts facts{
      .question = "The children of a when_all end on different threads: does the parent go on once, and see both?",
      .law = "the last child resumes the parent, which sees what all did (`core/coroutine/when_all.hpp`, I1)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"first", "second"};

  when_all_ends() { start_detached<P>(parent()); }

  void thread(unsigned i) {
    typename trampoline<P>::scope const ready;
    suspended_[i].resume();
  }

  void after() {
    if (over_.get() != 1) P::broken("the parent of a when_all did not go on once");
  }

 private:
  struct until_resumed : std::suspend_always {
    explicit until_resumed(std::coroutine_handle<>& keep) noexcept : at(keep) {}
    void await_suspend(std::coroutine_handle<> h) const noexcept { at = h; }
    std::coroutine_handle<>& at;
  };
  task<void, P> child(unsigned i) {
    co_await until_resumed(suspended_[i]);
    results_[i].set(1);
  }
  task<void, P> parent() {
    co_await when_all<P>(child(0), child(1));
    if (results_[0].get() + results_[1].get() != 2) P::broken("the parent of a when_all does not see what a child did");
    over_.add(1);
  }

  std::array<std::coroutine_handle<>, 2> suspended_{};
  std::array<typename P::template plain<int>, 2> results_{0, 0};
  ghost<P> over_{};
};

}  // namespace surewake::models
