// surewake/models/published/notified_in_batches.hpp: a notification for all that listen is handed out in batches, and
// the lock is released between them. Does it reach a listener that comes after it?
//
// Shape      2 threads, one that listens already: notifier notifies all, one at a time; listener registers, waits until
//            it is notified, and registers again.
// Must hold  the second registration is not notified: it came after the notification that ended the first (otherwise:
//            broken law).
// Fails      as published, under sequential consistency: the notifier takes out the listeners until the list is empty;
//            the one that was notified first registers again before the last was taken out.
// In words   The bell rings for those who are in the room; who leaves and comes back while it rings hears it twice.
// Repair     the notifier counts, in the first section, those that listen then, and takes out as many.
// Source     tokio #5396 (`Notify::notify_waiters`). Our code. [@tokio5396]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class notified_in_batches {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"notifier", "listener"};

  notified_in_batches() {
    registers(mine_);
    registers(other_);
  }

  void thread(unsigned i) {
    if (i == 0) return notify_all();
    // acquire [N1]: what the notifier did, pairs with [N2].
    P::await(mine_.notified, [](std::uint32_t n) { return n != 0; }, P::acquire);
    lock_.lock();
    registers(again_);
    lock_.unlock();
  }
  void after() {
    // relaxed: alone
    if (other_.notified.load(P::relaxed) == 0) P::broken("lost wakeup: one that listened was not notified");
    // relaxed: alone
    if (again_.notified.load(P::relaxed) != 0) P::broken("one notification was heard twice");
  }
  [[nodiscard]] std::string state() const { return std::to_string(count_.get()) + " listen"; }

 private:
  struct entry {
    typename P::template atomic<std::uint32_t> notified{0U};
  };

  void registers(entry& e) noexcept {
    list_[came_.get()].set(&e);
    came_.set(came_.get() + 1);
    count_.set(count_.get() + 1);
  }

  void notify_all() {
    lock_.lock();
    std::uint32_t left = count_.get();
    while (Form == form::repaired ? left != 0 : count_.get() != 0) {
      entry& e = *list_[came_.get() - count_.get()].get();
      count_.set(count_.get() - 1);
      --left;
      lock_.unlock();
      // release [N2]: what the notifier did, pairs with [N1].
      e.notified.store(1U, P::release);
      lock_.lock();
    }
    lock_.unlock();
  }

  typename P::mutex lock_;
  entry mine_, other_, again_;
  std::array<typename P::template plain<entry*>, 3> list_{};    // under lock_, as what follows
  typename P::template plain<std::uint32_t> came_{0U};           // ever
  typename P::template plain<std::uint32_t> count_{0U};          // the last of those that came listen
};

}  // namespace surewake::models::published
