// surewake/models/lifetime/semaphore_destroyed_after_drain.hpp: a semaphore is closed, drained and destroyed, while its
// holder gives the permit back and another thread comes. Are all through with it?
// Shape      2 threads, 1 permit: holder releases; closer closes and drains, by a coroutine that waits first, and then
//            itself; the last of the two destroys the semaphore.
//            …_after_drain_in_time: the holder forgets the permit; the closer blocks with a limit first, and drains
//            once more where that has passed.
// Must hold  the drain ends after the release, sees its work, and no thread touches what is gone (law 4).
#pragma once

#include <surewake/models/fixture/owned_semaphore.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_drain {
  static constexpr model_facts facts{
      .question = "A semaphore is closed, drained and destroyed while its permit comes back: are all through with it?",
      .law = "a drain ends once, after the last release, which does not touch a semaphore that is gone"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "closer"};

  void thread(unsigned i) {
    if (i == 0) return releases();
    limit_->close();
    start_detached<P>(drains());
    limit_->drain_blocking();
    destroy();
  }

  void after() {
    if (left_.get() != 0) P::broken("lost wakeup: a drain has not ended");
  }

 protected:
  using semaphore = basic_semaphore<Queue, P, Discipline>;

  void releases() {
    work_.set(1);
    held_.release();
  }
  void destroy() {
    left_.add(-1);
    if (work_.get() != 1) P::broken("a drain ended while a permit was out");
    // acq_rel: the two that wait are both through.
    if (waits_.fetch_sub(1, P::acq_rel) == 1) limit_.reset();
  }

 private:
  task<void, P> drains() {
    co_await limit_->drained();
    destroy();
  }

 protected:
  typename P::template plain<int> work_{0};
  ghost<P> left_{2};
  typename P::template atomic<std::int64_t> waits_{std::int64_t{2}};
  owned_semaphore<semaphore> limit_{make_semaphore<semaphore>()};
  typename semaphore::permit held_{*limit_->try_acquire()};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_drain_in_time : semaphore_destroyed_after_drain<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A drain gives up as the permit is forgotten, and the next one destroys the semaphore: is all well?",
      .law = "a drain that gives up hides no end from the next one, which may destroy the semaphore"};
  void thread(unsigned i) {
    if (i == 0) {
      this->work_.set(1);
      return this->held_.forget();
    }
    bool const in_time = this->limit_->drain_blocking(a_moment);
    this->limit_->close();
    if (!in_time) this->limit_->drain_blocking();
    if (this->limit_->max_permits() != 0) P::broken("the limit of a drained semaphore is not 0");
    this->waits_.store(1, P::relaxed);
    this->left_.add(-1);
    this->destroy();
  }
};

}  // namespace surewake::models
