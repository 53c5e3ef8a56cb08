// A barrier step by step: what other threads do between two steps of a wait. What holds over every strategy is in
// queues/conformance/.
#include <surewake/core/primitives/barrier.hpp>
#include <surewake/core/primitives/latch.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

namespace barrier_test {

namespace {

using namespace surewake;
using namespace surewake::testing;
using meeting = basic_barrier<scripted_queue>;

template <class Wait> fiber count(Wait wait, int& ended) {
  co_await wait();
  ++ended;
}

}  // namespace

TEST_CASE("barrier: two phases end between the arrival and the registration of a wait") {
  meeting b(2);
  int ended = 0;
  at_point const phases(&script::before_enqueue, [&] {
    static_cast<void>(b.arrive());
    static_cast<void>(b.arrive(2));
  });
  fiber const f = count([&] { return b.arrive_and_wait(); }, ended);
  CHECK(ended == 1);
  CHECK(b.waiters() == 0);
}

TEST_CASE("barrier: a wait of the next phase that registers first does not leave in place of this one") {
  meeting b(2);
  int early = 0, late = 0;
  std::optional<fiber> next;
  at_point const phase(&script::before_enqueue, [&] {
    static_cast<void>(b.arrive());
    next.emplace(count([&] { return b.arrive_and_wait(); }, late));
  });
  fiber const f = count([&] { return b.arrive_and_wait(); }, early);
  CHECK(early == 1);
  CHECK(late == 0);
  static_cast<void>(b.arrive());
  CHECK(late == 1);
}

TEST_CASE("barrier: the completion function runs once all have arrived, before any wake") {
  struct completion {
    meeting* other;
    int* waiting_then;
    void operator()() const noexcept { *waiting_then = static_cast<int>(other->waiters()); }
  };
  meeting other(1);
  int waiting = -1, ended = 0;
  basic_barrier<scripted_queue, std_platform, completion> b(1, {&other, &waiting});
  fiber const f = count([&] { return b.arrive_and_wait(); }, ended);
  CHECK(waiting == 0);
  CHECK(ended == 1);
}

TEST_CASE("latch: it opens between the look and the registration of a wait") {
  basic_latch<scripted_queue> l(1);
  int ended = 0;
  at_point const opens(&script::before_enqueue, [&] { l.count_down(); });
  fiber const f = count([&] { return l.wait(); }, ended);
  CHECK(ended == 1);
}

}  // namespace barrier_test
