// surewake/models/waking/pool.hpp: the workers of a pool that share work (core/coroutine/work_shards.hpp) and sleep
// (core/coroutine/idle_workers.hpp), without threads and timers of their own. Is each item run, once, and does every
// thread wake that has to?
// Shape      pool_wakes: 2 threads: worker runs what comes until two items have run, and sleeps in between; poster
//            posts them from outside, and may find the worker asleep.
//            pool_shares: 3 threads: idle, a worker, runs what comes until two items have run; busy, the other worker,
//            posts one of them in its own shard and runs nothing; poster posts the other one from outside.
//            pool_withdraws: 2 threads: worker runs what comes; poster posts an item and withdraws it, then posts
//            another one.
//            pool_closes: 3 threads: worker runs what comes until the pool is closed; poster posts an item that the
//            pool may refuse; owner closes the pool.
// Must hold  an item that was posted runs once, unless it was withdrawn or refused, and then never. No thread sleeps
//            for ever.
#pragma once

#include <surewake/core/coroutine/idle_workers.hpp>
#include <surewake/core/coroutine/work_shards.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>

namespace surewake::models {

/// An item that knows how often it ran.
template <platform P> struct pool_item : work<P> {
  pool_item() noexcept : work<P>(&ran) {}
  static void ran(work<P>& w) noexcept {
    auto& self = static_cast<pool_item&>(w);
    self.times.add(1);
    self.written.set(self.written.get() + 1);
  }
  ghost<P> times{};
  typename P::template plain<int> written{0};  // what its run leaves; a race if two run it
};

/// What pool_core.hpp does with its shards and its idle workers, without timers.
template <platform P> class pool_alone {
 public:
  using seat = typename surewake::detail::work_shards<P>::seat;

  explicit pool_alone(std::size_t workers) : work_(workers) {}

  /// Posts as a thread whose shard is `at`. Returns false if the pool was closed.
  bool post(work<P>& w, std::size_t at) {
    bool taken = false;
    bool summons = false;
    work_.post(w, at, [&]() noexcept {
      // relaxed: as in pool_core.hpp.
      taken = open_.load(P::relaxed) != 0U;
      summons = taken && idle_.may_summon();
      return taken;
    });
    if (summons) summon();
    return taken;
  }
  [[nodiscard]] bool withdraw(work<P>& w) { return work_.withdraw(w); }

  void close() {
    lock_type lock(mutex_);
    closed_.set(true);
    // relaxed: as in pool_core.hpp.
    open_.store(0U, P::relaxed);
    idle_.wake_all(lock);
  }

  [[nodiscard]] seat seat_of(std::size_t worker) const { return work_.seat_of(worker); }

  /// Runs, as a worker, what comes, until `over` returns true after a run or the pool is closed and empty.
  template <class Over> void run(seat mine, Over over) {
    lock_type lock(mutex_);
    for (;;) {
      work<P>* w = work_.take(mine);
      if (w == nullptr) {
        bool const ends = closed_.get();
        w = ends ? work_.look() : sleep(lock);
        if (ends && w == nullptr) return;
      }
      if (w == nullptr) continue;
      lock.unlock();
      w->run();
      if (over()) return;
      lock.lock();
    }
  }

 private:
  using idle_workers = surewake::detail::basic_idle_workers<P>;
  using lock_type = typename idle_workers::lock_type;

  void summon() {
    mutex_.lock();
    auto* const sleeper = idle_.summon();
    mutex_.unlock();
    idle_workers::wake(sleeper);
  }
  [[nodiscard]] work<P>* sleep(lock_type& lock) {
    work<P>* w = nullptr;
    idle_.sleep(lock, [&]() noexcept { return (w = work_.look()) != nullptr; });
    return w;
  }

  typename P::mutex mutex_;
  surewake::detail::work_shards<P> work_;
  idle_workers idle_;
  typename P::template plain<bool> closed_{false};
  typename P::template atomic<std::uint32_t> open_{1U};
};

template <platform P, std::size_t N> void each_ran_once(std::array<pool_item<P>, N>& items) {
  for (auto& item : items) {
    if (item.times.get() != 1) P::broken("an item did not run exactly once");
  }
}

template <platform P> struct pool_wakes {
  static constexpr model_facts facts{
      .question = "Work comes from outside while the worker of a pool goes to sleep: does it wake?",
      .law = "work that was posted wakes a worker (`core/coroutine/work_shards.hpp`, I2)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"worker", "poster"};

  void thread(unsigned i) {
    if (i == 0) {
      int left = 2;
      return pool_.run(pool_.seat_of(0), [&] { return --left == 0; });
    }
    for (auto& item : items_) pool_.post(item, 0);
  }
  void after() { each_ran_once<P>(items_); }

 private:
  pool_alone<P> pool_{1};
  std::array<pool_item<P>, 2> items_;
};

template <platform P> struct pool_shares {
  static constexpr model_facts facts{
      .question = "A worker posts work and stays busy: does the other worker take it, and what comes from outside?",
      .law = "work in the shard of a busy worker is run by another one (`core/coroutine/work_shards.hpp`, I2)"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"idle", "busy", "poster"};

  void thread(unsigned i) {
    if (i == 0) {
      int left = 2;
      return pool_.run(pool_.seat_of(0), [&] { return --left == 0; });
    }
    pool_.post(items_[i - 1], i == 1 ? pool_.seat_of(1).shard : 0);
  }
  void after() { each_ran_once<P>(items_); }

 private:
  pool_alone<P> pool_{2};
  std::array<pool_item<P>, 2> items_;
};

template <platform P> struct pool_withdraws {
  static constexpr model_facts facts{
      .question = "Work is withdrawn while a worker may be taking it: does one of the two have it?",
      .law = "work that was withdrawn does not run, and other work does (`core/coroutine/work_shards.hpp`, I1)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"worker", "poster"};

  void thread(unsigned i) {
    if (i == 0) return pool_.run(pool_.seat_of(0), [&] { return last_.times.get() != 0; });
    pool_.post(item_, 0);
    if (pool_.withdraw(item_)) withdrawn_.add(1);
    pool_.post(last_, 0);
  }
  void after() {
    if (item_.times.get() + withdrawn_.get() != 1) P::broken("an item was lost, or run although it was withdrawn");
  }

 private:
  pool_alone<P> pool_{2};
  pool_item<P> item_, last_;
  ghost<P> withdrawn_{};
};

template <platform P> struct pool_closes {
  static constexpr model_facts facts{
      .question = "Work comes while the pool ends: is it run or refused?",
      .law = "what a pool has taken runs before it ends (`core/coroutine/work_shards.hpp`, I3)"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"worker", "poster", "owner"};

  void thread(unsigned i) {
    switch (i) {
      case 0: return pool_.run(pool_.seat_of(0), [] { return false; });
      case 1:
        if (pool_.post(item_, 0)) taken_.add(1);
        return;
      default: return pool_.close();
    }
  }
  void after() {
    if (item_.times.get() != taken_.get()) P::broken("an item was taken and did not run, or was refused and ran");
  }

 private:
  pool_alone<P> pool_{1};
  pool_item<P> item_;
  ghost<P> taken_{};
};

}  // namespace surewake::models
