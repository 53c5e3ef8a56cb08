#include <surewake/models/counting/arriving_hide.hpp>
#include <surewake/models/order/first_come.hpp>
#include <surewake/models/waking/reentrant_release.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/verify/engine/graph/search.test.hpp>

#include <vector>

// The run of an execution is one of its linearisations, so a law must not depend on which one it is.

using namespace surewake;
using verify::verdict;
using verify::graph::search;
using P = verify::graph_platform;

namespace {

template <class M> void has_no_fault() {
  auto const found = search<M>();
  CHECK(found.message == "");
  CHECK(found.finished);
}

/// Threads that go into a room without asking.
template <unsigned Threads, int Permits> struct no_lock {
  static constexpr unsigned threads = Threads;
  void thread(unsigned) { auto const inside = room.enter(); }
  void after() {}
  models::room<P> room{Permits};
};

/// Threads that hand one permit on from each to the next one.
template <P::order Pass> struct hand_on {
  static constexpr unsigned threads = 3;
  void thread(unsigned i) {
    P::await(turn, [i](unsigned v) { return v == i; }, P::acquire);
    {
      auto const inside = room.enter();
    }
    turn.store(i + 1, Pass);
  }
  void after() {}
  P::atomic<unsigned> turn{0U};
  models::room<P> room{1};
};

/// Three stays of which two at most are unordered: the last thread waits for one of the others, but not for both.
template <int Permits> struct one_of_two {
  static constexpr unsigned threads = 3;
  void thread(unsigned i) {
    if (i == 2) P::await(left, [](int v) { return v == 1; }, P::acquire);
    {
      auto const inside = room.enter();
    }
    if (i == 0) left.store(1, P::release);
  }
  void after() {}
  P::atomic<int> left{0};
  models::room<P> room{Permits};
};

template <P::order Pass> struct in_turn {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 1) P::await(flag, [](int v) { return v == 1; }, P::acquire);
    order.comes(i + 1);
    if (i == 0) flag.store(1, Pass);
  }
  void after() {
    if (order.came() != 2) P::broken("a turn was lost");
  }
  P::atomic<int> flag{0};
  models::turns<P> order{};
};

template <bool Reads> struct counts {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (Reads && i == 1) {
      static_cast<void>(sum.get());
    } else {
      sum.add(1);
    }
  }
  void after() {
    if (sum.get() != (Reads ? 1 : 2)) P::broken("a count was lost");
  }
  models::ghost<P> sum{};
};

/// A queue that serves the newest waiter first.
template <platform Q> class newest_list {
 public:
  [[nodiscard]] bool empty() const noexcept { return waiters_.empty(); }
  [[nodiscard]] waiter<Q>& front() const noexcept { return *waiters_.back(); }
  void push_back(waiter<Q>& w) { waiters_.push_back(&w); }
  void erase(waiter<Q>& w) noexcept { waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &w)); }

 private:
  std::vector<waiter<Q>*, platform_allocator<Q, waiter<Q>*>> waiters_;
};
template <platform Q> class newest_first : public locked_queue<Q, typename Q::mutex, newest_list<Q>> {};

}  // namespace

TEST_CASE("graph laws: more are inside than may be, although no run shows them there at once") {
  CHECK(search<no_lock<2, 1>>().result == verdict::broken_law);
  CHECK(search<no_lock<3, 2>>().result == verdict::broken_law);
  has_no_fault<no_lock<3, 3>>();
  has_no_fault<hand_on<P::release>>();
  CHECK(search<hand_on<P::relaxed>>().result == verdict::broken_law);
  has_no_fault<one_of_two<2>>();
  CHECK(search<one_of_two<1>>().result == verdict::broken_law);
}

TEST_CASE("graph laws: turns come in their order in every schedule") {
  has_no_fault<in_turn<P::release>>();
  CHECK(search<in_turn<P::relaxed>>().result == verdict::broken_law);
}

TEST_CASE("graph laws: a ghost is not read where it may be changed at the same time") {
  has_no_fault<counts<false>>();
  CHECK(search<counts<true>>().result == verdict::broken_law);
}

TEST_CASE("graph laws: the models that compare ghosts") {
  has_no_fault<models::reentrant_release<P, mutex_deque>>();
  has_no_fault<models::first_come<P, mutex_deque>>();
  CHECK(search<models::first_come<P, newest_first>>().result == verdict::broken_law);
}
