// surewake/models/published/store_load_fence.hpp: may the listener's side of an event do without a full fence?
//
//   notifier:  count + 1; full fence; if nobody listens: done
//   listener:  "I listen"; (full fence); look at the count
//
// Shape      2 threads: one makes the count 1 and notifies, one listens and sleeps while the count is 0.
// Must hold  the listener wakes (otherwise: deadlock).
// Fails      as published, under weak memory only (x86 included): the listener's load passes its store, so it reads
//            the old count while the notifier reads the old "nobody listens". Each has looked before the other one
//            spoke.
// In words   Two people leave each other a note and then look for one; if looking may come before leaving, both find
//            nothing.
// Source     event-listener at 86b7780, where `listen()` had lost its fence (#123, #138); our code. [@eventlistener]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class store_load_fence {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"notifier", "listener"};

  void thread(unsigned i) {
    if (i == 0) {
      // release [F1]: what was done before the notification, pairs with [F2].
      count_.fetch_add(1, P::release);
      // seq_cst [F3]: forbids reading the old listening_ while the listener reads the old count_, pairs with [F3].
      P::fence(P::seq_cst);
      // acquire [F4]: sees the listener it is going to wake, pairs with [F5].
      if (listening_.load(P::acquire) != 0) woken_.store(1, P::relaxed);  // relaxed: look again
    } else {
      // release [F5]: the listener is there before it says so, pairs with [F4].
      listening_.store(1, P::release);
      // seq_cst: as [F3]
      if constexpr (Form == form::repaired) P::fence(P::seq_cst);
      // acquire [F2]: sees what was done before the notification, pairs with [F1].
      if (count_.load(P::acquire) == 0) {
        // relaxed: a wake means: look at the count again.
        P::await(woken_, [](std::uint32_t w) { return w != 0; }, P::relaxed);
      }
    }
  }
  void after() {
    if (count_.load(P::relaxed) != 1) P::broken("one notification");  // relaxed: nothing runs any more
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return "count " + std::to_string(count_.load(P::relaxed)); }

 private:
  typename P::template atomic<std::uint32_t> count_{0};
  typename P::template atomic<std::uint32_t> listening_{0};
  typename P::template atomic<std::uint32_t> woken_{0};
};

}  // namespace surewake::models::published
