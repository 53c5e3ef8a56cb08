// surewake/models/lifetime/semaphore_destroyed_by_closed.hpp: the last waiter that close() turns away gives its permit
// back and destroys the semaphore. Does close() touch the semaphore afterwards?
// Shape      2 threads, 1 permit, which is held: two coroutines wait, and a third one, after them, has left; closer
//            closes; stopper stops the first coroutine. The second one is resumed by close(), and releases the permit.
//            The one that close() turns away last destroys the semaphore, once the others have ended.
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
    // acquire: sees what the coroutines did.
    if (auto const all = ended_.load(P::acquire); all != one_turned_away && all != two_turned_away) {
      P::broken("lost wakeup: close() left somebody waiting");
    }
    if (limit_) at_rest_closed(*limit_, 1);
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;
  static constexpr bool second_is_last = detail::grants_in_order<Queue<P>>;

  static constexpr std::uint32_t gave_up = 1, turned_away = 4, one_turned_away = 2 * gave_up + turned_away,
                                 two_turned_away = gave_up + 2 * turned_away;

  task<void, P> be_stopped(stop_source<P>& source) {
    std::uint32_t how = gave_up;
    try {
      static_cast<void>(co_await limit_->acquire(stop_signal<P>{&source}));
    } catch (closed_error const&) {
      how = turned_away;
    }
    end(how);
  }
  task<void, P> be_last() {
    try {
      static_cast<void>(co_await limit_->acquire());
      P::broken("phantom grant: somebody was granted a permit that another one holds");
    } catch (closed_error const&) {
    }
    held_.release();
    end(turned_away);
  }
  void end(std::uint32_t how) {
    // release: this coroutine will not look at the semaphore any more. acquire: nor will the others.
    std::uint32_t const all = ended_.fetch_add(how, P::acq_rel) + how;
    // If the first one has given up, close() may have been through with the second one before, unless that comes last.
    bool const last = all == two_turned_away || (all == one_turned_away && how == turned_away && second_is_last);
    if (last) limit_.reset();
  }

  owned_semaphore<semaphore> limit_{make_semaphore<semaphore>()};
  typename semaphore::permit held_{*limit_->try_acquire()};
  stop_source<P> stop_{}, left_{};
  typename P::template atomic<std::uint32_t> ended_{0U};
};

}  // namespace surewake::models
