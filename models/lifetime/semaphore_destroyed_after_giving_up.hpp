// surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp: a thread that gave up waiting gets the last permit
// from a try, and destroys the semaphore. Is the release, whose grant was meant for that thread, through with it?
// Shape      2 threads, 1 permit: holder releases; impatient acquires with a time limit, otherwise tries, and destroys
//            the semaphore if it has the permit.
//            …_after_closing: and closes it before.
//            …_after_two_gave_up: a coroutine waits before the impatient one, which stops it.
// Must hold  no thread touches what is gone (law 4), though a grant that was refused may still be on its way.
#pragma once

#include <surewake/models/fixture/owned_semaphore.hpp>
#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_giving_up {
  static constexpr model_facts facts{
      .question = "A thread that gave up gets the last permit from a try, and destroys the semaphore: are all "
                  "through with it?",
      .law = "a refused grant on its way does not touch a semaphore that is gone",
      .samples = 21'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "impatient"};

  void thread(unsigned i) {
    if (i == 0) return held_.release();
    auto last = limit_->try_acquire_for(a_moment);
    if (!last) last = limit_->try_acquire();
    if (last) destroy(std::move(*last));
  }

  void after() {
    if (limit_) at_rest(*limit_, 1);
  }

 protected:
  using semaphore = basic_semaphore<Queue, P, Discipline>;

  void destroy(typename semaphore::permit&& last) noexcept { destroy_as_last<semaphore>(std::move(last), limit_); }

  owned_semaphore<semaphore> limit_{make_semaphore<semaphore>()};
  typename semaphore::permit held_{*limit_->try_acquire()};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_closing : semaphore_destroyed_after_giving_up<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A thread that gave up gets the last permit, closes the semaphore and destroys it: are all through "
                  "with it?",
      .law = "a refused grant on its way does not touch a semaphore that was closed before it went"};
  void thread(unsigned i) {
    if (i == 0) return this->held_.release();
    auto last = this->limit_->try_acquire_for(a_moment);
    if (!last) last = this->limit_->try_acquire();
    if (!last) return;
    this->limit_->close();
    this->destroy(std::move(*last));
  }
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_two_gave_up : semaphore_destroyed_after_giving_up<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two gave up, and one of them gets the last permit and destroys the semaphore: are all through "
                  "with it?",
      .law = "a refused grant on its way touches no semaphore that is gone, where another waiter gave up too"};
  void thread(unsigned i) {
    if (i == 0) return this->held_.release();
    start_detached<P>(wait());
    auto last = this->limit_->try_acquire_for(a_moment);
    source_.request_stop();
    if (!last) last = this->limit_->try_acquire();
    // acquire: the coroutine is through with the semaphore.
    if (last && ended_.load(P::acquire) != 0U) this->destroy(std::move(*last));
  }

 private:
  task<void, P> wait() {
    static_cast<void>(co_await this->limit_->acquire(stop_signal<P>{&source_}));
    // release: as above.
    ended_.store(1U, P::release);
  }

  stop_source<P> source_{};
  typename P::template atomic<std::uint32_t> ended_{0U};
};

}  // namespace surewake::models
