// surewake/models/published/pop_by_several.hpp: waiters are a stack without a lock, and more than one notifier pops. Is
// the second waiter still the second?
//
// Shape      2 threads, a stack of two waiters: one notifier pops once; the other one pops both, and the first waiter,
//            whose condition does not hold yet, waits again.
// Must hold  whatever is popped was in the stack, and no waiter is lost (otherwise: broken law).
// Fails      as published, under sequential consistency: the first notifier has read the top and the one below it; the
//            others go, the top comes back to its old address; the exchange succeeds, because the top looks the same,
//            and puts on top the one below, which has left.
// In words   The same face at the head of the queue does not mean that the same people are in line after it.
// Repair     one popper at a time (a lock around pop; push needs none).
// Source     async_simple #458 (`ConditionVariable::notifyOne`), libcoro's condition variable; the ABA of Treiber's
//            stack. Our code. [@asyncsimple458] [@treiber1986]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class pop_by_several {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"notifier", "other notifier"};

  pop_by_several() {
    push(waiters_[1]);
    push(waiters_[0]);
  }

  void thread(unsigned i) {
    if (i == 0) return static_cast<void>(pop());
    waiter* const first = pop();
    static_cast<void>(pop());
    if (first != nullptr) push(*first);
  }
  void after() {
    while (pop() != nullptr) {
    }
    for (waiter const& w : waiters_) {
      if (w.listed != 0) P::broken("lost wakeup: a waiter fell out of the stack");
    }
  }
  [[nodiscard]] std::string state() const {
    return "listed " + std::to_string(waiters_[0].listed + waiters_[1].listed);
  }

 private:
  struct waiter {
    typename P::template atomic<waiter*> below{nullptr};
    int listed = 0;  // no step of a schedule: counts for the law
  };

  void push(waiter& w) {
    ++w.listed;
    waiter* top = top_.load(P::relaxed);  // relaxed: a guess for the exchange
    do {
      w.below.store(top, P::relaxed);  // relaxed: published by [T1]
      // release [T1]: the waiter, pairs with [T2], [T3]. On failure relaxed: the next guess.
    } while (!top_.compare_exchange_strong(top, &w, P::release, P::relaxed));
  }

  waiter* pop() {
    if (Form == form::repaired) lock_.lock();
    // acquire [T2]: the waiter, pairs with [T1].
    waiter* top = top_.load(P::acquire);
    while (top != nullptr) {
      waiter* const below = top->below.load(P::relaxed);  // relaxed: [T2] has published it
      // acquire [T3]: on success the same value again; on failure acquire, as [T2]; pairs with [T1].
      if (top_.compare_exchange_strong(top, below, P::acquire, P::acquire)) break;
    }
    if (top != nullptr && --top->listed < 0) P::broken("a waiter is woken that does not wait");
    if (Form == form::repaired) lock_.unlock();
    return top;
  }

  std::array<waiter, 2> waiters_;
  typename P::template atomic<waiter*> top_{nullptr};
  typename P::mutex lock_;  // of the repair: around pop
};

}  // namespace surewake::models::published
