// surewake/models/lifetime/semaphore_destroyed_by_closed.hpp: the last waiter that close() turns away gives its permit
// back and destroys the semaphore. Does close() touch the semaphore afterwards?
// Shape      2 threads, 1 permit, which is held: two coroutines wait, and a third one, after them, has left; closer
//            closes; stopper stops the first coroutine. The second one is resumed by close(). It releases the permit,
//            and if the first one has ended, it destroys the semaphore.
// Must hold  no thread touches what is gone (law 4): close() is through with the semaphore before it hands over the
//            last waiter, and a stop before it resumes the waiter that it withdrew. Both coroutines end.
#pragma once

#include <surewake/models/fixture/owned_semaphore.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off> struct semaphore_destroyed_by_closed {
  static constexpr model_facts facts{
      .question = "The last one that close() turns away destroys the semaphore: is close() through with it?",
      .law = "the last waiter that close() turns away may destroy the semaphore",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"closer", "stopper"};

  semaphore_destroyed_by_closed() {
    start_detached<P>(be_stopped(stop_));
    start_detached<P>(be_last());
    start_detached<P>(be_stopped(left_));
    left_.request_stop();
  }

  void thread(unsigned i) { i == 0 ? limit_->close() : stop_.request_stop(); }

  void after() {
    // acquire: sees what the coroutine did.
    if (stopped_.load(P::acquire) != 2 || last_ended_.get() != 1) {
      P::broken("lost wakeup: close() left somebody waiting");
    }
    if (limit_) at_rest_closed(*limit_, 1);
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;

  task<void, P> be_stopped(stop_source<P>& source) {
    try {
      static_cast<void>(co_await limit_->acquire(stop_signal<P>{&source}));
    } catch (closed_error const&) {
    }
    // release: this coroutine will not look at the semaphore any more.
    stopped_.fetch_add(1U, P::release);
  }
  task<void, P> be_last() {
    try {
      static_cast<void>(co_await limit_->acquire());
      P::broken("phantom grant: somebody was granted a permit that another one holds");
    } catch (closed_error const&) {
    }
    last_ended_.add(1);
    held_.release();
    // acquire: the other coroutines are through with the semaphore.
    if (stopped_.load(P::acquire) == 2) limit_.reset();
  }

  owned_semaphore<semaphore> limit_{make_semaphore<semaphore>()};
  typename semaphore::permit held_{*limit_->try_acquire()};
  stop_source<P> stop_{}, left_{};
  typename P::template atomic<std::uint32_t> stopped_{0U};
  ghost last_ended_{};
};

}  // namespace surewake::models
