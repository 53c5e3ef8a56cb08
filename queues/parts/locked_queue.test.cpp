// The contract of core/semaphore/waiter_queue.hpp, call by call, over every strategy that is a queue of its own.
#include <surewake/queues/conformance/guest.test.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/waker_hybrid.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace locked_queue_test {

namespace {

using namespace surewake;
using testing::guest;
using testing::no_refund;
using P = std_platform;

}  // namespace

#define SUREWAKE_QUEUES \
  intrusive_list<P>, mutex_deque<P>, waker_hybrid<P>, segmented_queue<P>, segmented_by<1>::queue<P>
#define EVERY_QUEUE(name) TEST_CASE_TEMPLATE("every queue: " name, Q, SUREWAKE_QUEUES)

EVERY_QUEUE("waiter first: it is handed over by its grant, once, and the queue is empty") {
  Q q;
  guest g;
  CHECK(q.enqueue(g.wants(1)) == enqueued::waiting);
  CHECK(q.size() == 1);
  CHECK(g.handed == 0);
  q.grant(1);
  CHECK(g.handed == 1);
  CHECK_FALSE(g.closed());
  CHECK(q.size() == 0);
}

EVERY_QUEUE("a grant that comes before its waiter is not lost") {
  Q q;
  guest a, b;
  q.grant(1);
  CHECK(q.enqueue(a.wants(1)) == enqueued::granted);
  CHECK(a.handed == 0);
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  q.grant(1);
  CHECK(b.handed == 1);
}

EVERY_QUEUE("grants go to the waiters in order, in whatever portions") {
  Q q;
  std::array<guest, 3> g;
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    g[static_cast<std::size_t>(i)].then = [&order, i] { order.push_back(i); };
    CHECK(q.enqueue(g[static_cast<std::size_t>(i)].wants(2)) == enqueued::waiting);
  }
  q.grant(1);
  CHECK(order.empty());
  q.grant(2);
  CHECK(order == std::vector{0});
  q.grant(3);
  CHECK(order == std::vector{0, 1, 2});
}

EVERY_QUEUE("part of what a waiter needs may be there before it") {
  Q q;
  guest g;
  q.grant(2);
  CHECK(q.enqueue(g.wants(3)) == enqueued::waiting);
  CHECK(g.handed == 0);
  q.grant(1);
  CHECK(g.handed == 1);
}

EVERY_QUEUE("who withdraws leaves from any place, and is asked for its refund once") {
  for (std::size_t gone = 0; gone < 3; ++gone) {
    Q q;
    std::array<guest, 3> g;
    for (auto& x : g) CHECK(q.enqueue(x.wants(2)) == enqueued::waiting);
    int asked = 0;
    CHECK(q.withdraw(g[gone], [&](std::uint32_t missing) -> std::int64_t {
      ++asked;
      CHECK(missing == 2);
      return 0;
    }));
    CHECK(asked == 1);
    CHECK(q.size() == 2);
    q.grant(4);
    for (std::size_t i = 0; i < 3; ++i) CHECK(g[i].handed == (i == gone ? 0 : 1));
    CHECK_FALSE(q.withdraw(g[gone], no_refund));
  }
}

EVERY_QUEUE("who was handed over, or never came, cannot withdraw, and nothing is refunded") {
  Q q;
  guest g, stranger;
  CHECK(q.enqueue(g.wants(1)) == enqueued::waiting);
  q.grant(1);
  bool asked = false;
  auto const refund = [&](std::uint32_t) -> std::int64_t { return asked = true; };
  CHECK_FALSE(q.withdraw(g, refund));
  CHECK_FALSE(q.withdraw(stranger, refund));
  CHECK_FALSE(asked);
}

EVERY_QUEUE("as many grants as a refund says are refused, whichever waiter is next") {
  Q q;
  guest a, b;
  CHECK(q.enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q.withdraw(a, [](std::uint32_t) -> std::int64_t { return 1; }));
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  q.grant(1);
  CHECK(b.handed == 0);
  q.grant(1);
  CHECK(b.handed == 1);
}

EVERY_QUEUE("what was assigned to the waiter that left is not assigned again") {
  Q q;
  guest a, b;
  CHECK(q.enqueue(a.wants(3)) == enqueued::waiting);
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  q.grant(2);
  CHECK(q.withdraw(a, [](std::uint32_t missing) -> std::int64_t {
    CHECK(missing == 1);
    return 0;
  }));
  CHECK(b.handed == 0);  // the withdrawing thread delivers what it had
  q.grant(1);
  CHECK(b.handed == 1);
}

EVERY_QUEUE("close hands everybody over, closed, and answers closed from then on") {
  Q q;
  guest a, b, late;
  CHECK(q.enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q.enqueue(b.wants(5)) == enqueued::waiting);
  q.grant(0 + 1);
  CHECK(a.handed == 1);
  q.close();
  q.close();
  CHECK(b.handed == 1);
  CHECK(b.closed());
  CHECK_FALSE(a.closed());
  CHECK(q.size() == 0);
  q.grant(3);
  CHECK(q.enqueue(late.wants(1)) == enqueued::closed);
  CHECK(late.handed == 0);
}

EVERY_QUEUE("grants that were waiting for a waiter are gone after close") {
  Q q;
  guest g;
  q.grant(1);
  q.close();
  CHECK(q.enqueue(g.wants(1)) == enqueued::closed);
}

EVERY_QUEUE("a waiter that is handed over may use the queue, grant in it, and close it") {
  Q q;
  guest a, b, c;
  a.then = [&] {
    CHECK(q.enqueue(c.wants(1)) == enqueued::waiting);
    q.grant(1);
    CHECK(b.handed == 1);
  };
  b.then = [&] { q.close(); };
  CHECK(q.enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  q.grant(1);
  CHECK(c.handed == 1);
  CHECK(c.closed());
  CHECK(q.size() == 0);
}

EVERY_QUEUE("a waiter that close hands over may close again, and make others leave") {
  Q q;
  guest a, b, c;
  CHECK(q.enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  CHECK(q.enqueue(c.wants(1)) == enqueued::waiting);
  a.then = [&] {
    static_cast<void>(q.withdraw(c, no_refund));
    q.close();
  };
  q.close();
  CHECK(a.handed == 1);
  CHECK(b.handed == 1);
  CHECK(c.handed <= 1);
  CHECK(q.size() == 0);
}

}  // namespace locked_queue_test
