// surewake/models/order/overtaken_at_most.hpp: a thread takes permits again and again while another acquire waits for
// them. How often is that one overtaken?
// Shape      overtaken_at_most: 2 threads. overtaker holds all permits, looks whether the other one waits, gives one
//            permit back and tries to take it again, k + 1 times; waiter acquires. By the shape: waiter wants both of
//            two permits; another thread waits too; a coroutine waits after the waiter, and stays, or leaves meanwhile;
//            the overtaker closes the semaphore at last.
//            overtakings_of_all: 1 thread, which plays: coroutines wait on an executor, and are run when they have been
//            overtaken as often as they may.
// Must hold  between two waiters that get their permits the overtaker takes a permit at most k times
//            (Discipline::overtaken_at_most), if it saw at first that they wait; all get in.
//            overtakings_of_all: a try succeeds k times, for each first waiter in turn, and then fails, whichever
//            waiters leave or are closed out meanwhile.
//
// To overtake is what core/semaphore/bounded_barging.hpp says. The overtaker looks while it holds what the waiter
// needs, so a waiter that it sees waits until that is given back. What it counts it counts while it holds a permit, as
// does the waiter when it says that it has its own. With one permit, or a waiter that wants both, the permit orders the
// two, in executions as well as in schedules. Of two waiting threads the look may see one whose registration nothing
// orders before what the overtaker does next, so that shape is a matter of schedules.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>
#include <utility>

namespace surewake::models {

/// What happens besides.
struct overtaking {
  std::ptrdiff_t wanted = 1;   // how many permits there are, and the waiter wants
  unsigned waiters = 1;        // threads that wait
  bool second = false;         // a coroutine waits after the waiter
  bool second_leaves = false;  // and gives up between two overtakings
  bool closes = false;         // the overtaker closes the semaphore at last
};

template <platform P, template <class> class Queue, class Discipline = hand_off, overtaking Shape = overtaking{}>
class overtaken_at_most : public fixture<P, Queue, Discipline> {
  static constexpr int bound = static_cast<int>(Discipline::overtaken_at_most);
  static constexpr std::int64_t that_stay = Shape.waiters + (Shape.second && !Shape.second_leaves ? 1 : 0);
  using permit = typename overtaken_at_most::permit;

 public:
  static constexpr model_facts facts{
      .question = "One waits, and another takes the permits again and again: how often is it overtaken?",
      .law = "the first waiter is overtaken at most k times (`core/semaphore/bounded_barging.hpp`)"};
  static constexpr unsigned threads = 1 + Shape.waiters;
  static constexpr auto names = [] {
    if constexpr (Shape.waiters == 1) return std::array{"overtaker", "waiter"};
    else return std::array{"overtaker", "waiter", "another"};
  }();

  overtaken_at_most() : overtaken_at_most::fixture(Shape.wanted, Shape.wanted) {}

  void thread(unsigned i) { i == 0 ? overtake() : wait(); }

  void after() {
    if (joined_.get() != ended_.get()) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    if (Shape.closes) return at_rest_closed(this->limit(), Shape.wanted);
    at_rest(this->limit(), Shape.wanted);
    line_at_rest();
  }

 private:
  /// Checks that the queue after the first waiter holds no wake that is owed to nobody: two more come and wait.
  void line_at_rest() {
    auto all = this->limit().try_acquire(Shape.wanted);
    ghost<P> granted;
    start_detached<P>(wait_once(this->limit(), granted));
    start_detached<P>(wait_once(this->limit(), granted));
    if (granted.get() != 0 || this->limit().waiters() != 2) P::broken("phantom grant: a wake was left in the queue");
    all = {};
    if (granted.get() != 2) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
  }

  void overtake() {
    permit mine = std::move(this->held());
    bool const waits = this->limit().waiters() == Shape.waiters;
    if constexpr (Shape.second) {
      if (waits) join();
    }
    constexpr int rounds = (bound + 1) * (Shape.second && !Shape.second_leaves ? 2 : 1);
    std::int64_t served = 0;
    for (int i = 0, overtakings = 0; i != rounds; ++i) {
      if constexpr (Shape.second_leaves) {
        if (i == bound) stop_.request_stop();
      }
      if (mine.count() > 1) mine.split(1).release();
      else mine.release();
      auto again = this->limit().try_acquire();
      if (!again) break;
      if (std::exchange(served, served_.get()) != served) overtakings = 0;
      if (waits && served < that_stay && ++overtakings > bound) {
        P::broken("order: the first waiter was overtaken more often than it may be");
      }
      if (mine.count() == 0) mine = std::move(*again);
      else mine.merge(std::move(*again));
    }
    if (Shape.closes) this->limit().close();
  }

  void wait() {
    try {
      auto const p = this->limit().acquire_blocking(Shape.wanted);
      served_.add(1);
    } catch (closed_error const&) {
      if (!Shape.closes) P::broken("closed by nobody");
    }
  }

  void join() {
    joined_.add(1);
    start_detached<P>(wait_second());
  }
  task<void, P> wait_second() {
    auto const p = co_await this->limit().acquire(stop_signal<P>{&stop_});
    if (p) served_.add(1);
    ended_.add(1);
  }

  stop_source<P> stop_{};
  ghost<P> served_{}, joined_{}, ended_{};
};

/// Keeps what is posted until it is told to run it.
template <platform P> class parked {
 public:
  void post(work<P>& w) noexcept { list_.push_back(w); }
  bool withdraw(work<P>& w) noexcept { return list_.erase(w), true; }
  void run() {
    while (work<P>* const w = list_.pop_front()) {
      typename trampoline<P>::scope const ready;
      w->run();
    }
  }

 private:
  detail::work_list<P> list_;
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
class overtakings_of_all : public fixture<P, Queue, Discipline> {
  static constexpr int bound = static_cast<int>(Discipline::overtaken_at_most);
  using permit = typename overtakings_of_all::permit;

 public:
  static constexpr model_facts facts{
      .question = "Waiters come, leave and are served in turn: is each first one overtaken as often as it may be?",
      .law = "a permit is free for all until k have overtaken the first waiter, and then for that one"};
  static constexpr unsigned threads = 1;
  static constexpr std::array<char const*, 1> names{"player"};

  overtakings_of_all() : overtakings_of_all::fixture(2, 2) {}

  void thread(unsigned) {
    start(0, 1), start(1, 2), start(2, 1), start(3, 1);
    start_detached<P>(leave());  // waits after them
    one_ = this->held().split(1);
    overtake();
    stop_.request_stop();  // the last one leaves, which changes nothing for the first
    tries(0);
    runs(0);
    one_ = std::move(kept_[0]);
    overtake();            // the next one is first, and wants two: one is set aside
    this->held().release();  // and another one
    tries(0);
    runs(1);
    one_ = kept_[1].split(1);
    overtake();
    runs(2);
    one_ = std::move(kept_[2]);
    overtake();
    this->limit().close();  // what was set aside is nobody's
    tries(0);
    executor_.run();
    if (ended_.get() != 5) P::broken("lost wakeup: close() left somebody waiting");
    for (permit& p : kept_) p.release();
  }

  void after() { at_rest_closed(this->limit(), 2); }

 private:
  void start(unsigned i, std::ptrdiff_t n) { start_detached<P>(visit(i, n)); }
  task<void, P> visit(unsigned i, std::ptrdiff_t n) {
    try {
      auto p = co_await this->limit().acquire_on(executor_, n);
      order_.comes(i + 1);
      kept_[i] = std::move(p);
    } catch (closed_error const&) {
    }
    ended_.add(1);
  }
  task<void, P> leave() {
    auto const p = co_await this->limit().acquire(stop_signal<P>{&stop_});
    if (p) P::broken("order: a later waiter was served first");
    ended_.add(1);
  }

  void tries(int times) {
    for (int i = 0; i != times; ++i) {
      if (!can_have(this->limit())) P::broken("a permit is not free for all, and nobody was overtaken too often");
    }
    if (can_have(this->limit())) P::broken("order: the first waiter was overtaken more often than it may be");
  }
  /// Gives one_ back, so that the first waiter is overtaken as often as it may be.
  void overtake() {
    one_.release();
    tries(bound);
  }
  /// Lets that one have what it wants.
  void runs(unsigned i) {
    executor_.run();
    if (kept_[i].count() == 0) P::broken("lost wakeup: what was set aside for a waiter did not reach it");
  }

  parked<P> executor_{};
  stop_source<P> stop_{};
  std::array<permit, 4> kept_{};
  permit one_{};
  turns<P> order_{};
  ghost<P> ended_{};
};

}  // namespace surewake::models
