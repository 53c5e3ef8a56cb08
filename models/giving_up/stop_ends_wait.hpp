// surewake/models/giving_up/stop_ends_wait.hpp: a coroutine waits for a permit that it may never get, and its stop is
// requested. Does its wait end?
// Shape      3 threads, 1 permit: registrant starts the coroutine; holder releases, and tries to take again; stopper
//            tries to take, and requests the stop. Both keep what they get.
// Must hold  the coroutine goes on exactly once, whether it was stopped before it suspended, while it waited, or after
//            it was woken and came too late (barging). No permit is lost or doubled.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct stop_ends_wait : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine waits for a permit that it may never get, and is stopped: does its wait end, once?",
      .law = "a stopped wait ends, once, even if its permit was taken by another",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"registrant", "holder", "stopper"};

  stop_ends_wait() : stop_ends_wait::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return start_detached<P>(visit());
      case 1:
        this->held().release();
        return keep_if_free(kept_[0]);
      default:
        keep_if_free(kept_[1]);
        return source_.request_stop();
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost stop: a stopped coroutine waits on");
    at_rest(this->limit(), kept_[0] || kept_[1] ? 0 : 1);
  }

 private:
  using signal = stop_signal<P>;
  using wait = detail::cancellable_awaiter<typename stop_ends_wait::semaphore, signal,
                                   stop_traits<P, signal>::template canceller>;

  task<void, P> visit() {
    static_cast<void>(co_await wait(this->limit(), 1, signal{&source_}));
    ended_.add(1);
  }

  using permit = typename stop_ends_wait::permit;
  void keep_if_free(permit& kept) {
    if (auto p = this->limit().try_acquire()) kept = std::move(*p);
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
  std::array<permit, 2> kept_{};
};

}  // namespace surewake::models
