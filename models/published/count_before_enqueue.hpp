// surewake/models/published/count_before_enqueue.hpp: counted before listed. Which waiter does the release find?
//
// Shape      2 threads, no permit: an acquirer takes one off the counter, then enters the list; a releaser adds one,
//            and because the counter was negative, pops a waiter.
// Must hold  the release finds the waiter that it owes (otherwise: broken law; the original dereferences null), and the
//            acquirer goes on.
// Fails      as published, under sequential consistency: the release comes between the counter and the list.
// In words   The ticket counter is ahead of the queue: the clerk calls a customer who has not sat down yet.
// Repair     the grant waits in the list for its waiter: grants and waiters meet in either order
//            (core/semaphore/hand_off.hpp).
// Source     co_context `counting_semaphore`; libcoro #389 is its mirror image. Our code. [@cocontext] [@libcoro389]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class count_before_enqueue {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"releaser", "acquirer"};

  void thread(unsigned i) {
    if (i == 0) {
      // release [B1]: the past of the releaser, for the acquirer, pairs with [B2].
      if (count_.fetch_add(1, P::release) < 0) grant();
    } else {
      // acquire [B2]: what the holder before did, pairs with [B1].
      if (count_.fetch_sub(1, P::acquire) <= 0 && enqueue()) {
        // acquire [B3]: what the releaser did, pairs with [B4].
        P::await(granted_, [](std::uint32_t g) { return g != 0; }, P::acquire);
      }
    }
  }
  void after() {
    if (count_.load(P::relaxed) != 0) P::broken("conservation: the acquirer has the only permit");  // relaxed: alone
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return "counter " + std::to_string(count_.load(P::relaxed)); }

 private:
  // Returns false when the grant was there already.
  bool enqueue() {
    lock_.lock();
    bool const wait = !early_.get();
    waiting_.set(wait);
    early_.set(false);
    lock_.unlock();
    return wait;
  }

  void grant() {
    lock_.lock();
    bool const found = waiting_.get();
    waiting_.set(false);
    if (Form == form::repaired && !found) early_.set(true);
    lock_.unlock();
    if (found) {
      // release [B4]: what the releaser did, pairs with [B3].
      granted_.store(1, P::release);
    } else if (Form == form::as_published) {
      P::broken("the release owes somebody a permit and finds nobody in the list");
    }
  }

  typename P::template atomic<std::int64_t> count_{0};
  typename P::mutex lock_;
  typename P::template plain<bool> waiting_{false};  // the list, which holds one waiter at most; under lock_
  typename P::template plain<bool> early_{false};    // a grant that came before its waiter; under lock_
  typename P::template atomic<std::uint32_t> granted_{0};
};

}  // namespace surewake::models::published
