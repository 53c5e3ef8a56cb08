// surewake/models/primitives/shared_fixture.hpp: what the models of shared mutexes share: one for two readers, and what
// it guards.
#pragma once

#include <surewake/core/primitives/shared_mutex.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <string>

namespace surewake::models {

template <platform P, template <class> class Queue> class shared_fixture {
 public:
  using mutex = basic_shared_mutex<Queue, P>;
  using guard = typename mutex::guard;
  using shared_guard = typename mutex::shared_guard;

  [[nodiscard]] std::string state() const {
    return std::string(mutex_.is_locked() ? "locked, " : "free, ") + std::to_string(mutex_.waiters()) +
           " locks registered";
  }

 protected:
  static constexpr int readers = 2;

  [[nodiscard]] mutex& lock() noexcept { return mutex_; }

  /// Writes inside: a writer is alone, and sees what those before it did. Returns how often was written then.
  int write() noexcept {
    auto const stay = room_.enter(readers);
    work_.set(work_.get() + 1);
    return work_.get();
  }
  /// Reads inside, beside other readers. Returns how often was written.
  int read() noexcept {
    auto const stay = room_.enter(1);
    return work_.get();
  }

  /// Checks the law at rest, when no thread is inside of a call: nobody waits or holds it, `written` writers were
  /// inside, and as many readers get in as may, or one writer. What is left in the queue shows in the next waiter.
  void at_rest(int written) {
    if (mutex_.waiters() != 0 || mutex_.is_locked()) P::broken("the mutex: somebody holds it, or waits for it");
    if (work_.get() != written) P::broken("visibility: the work of a writer was lost");
    guard all = mutex_.lock_blocking();
    ghost<P> got_in;
    start_detached<P>(read_once(got_in));
    if (got_in.get() != 0) P::broken("phantom grant: a reader is inside beside a writer");
    all.unlock();
    if (got_in.get() != 1) P::broken("lost wakeup: a grant was refused that a reader is owed");
    auto const one = mutex_.try_lock_shared(), other = mutex_.try_lock_shared(), third = mutex_.try_lock_shared();
    if (!one || !other) P::broken("conservation: a reader's place was lost");
    if (third) P::broken("conservation: a reader's place was invented");
  }

 private:
  task<void, P> read_once(ghost<P>& got_in) {
    auto const held = co_await mutex_.lock_shared();
    got_in.add(1);
  }

  mutex mutex_{readers};
  room<P> room_{readers};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
