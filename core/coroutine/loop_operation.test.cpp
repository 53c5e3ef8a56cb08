#include <surewake/core/coroutine/loop_operation.hpp>
#include <surewake/core/coroutine/small_loop.test.hpp>

#include <doctest/doctest.h>

namespace loop_operation_test {

using namespace surewake;
using namespace surewake::testing;
using state = detail::loop_operation::state;

TEST_CASE("an operation is in flight until the kernel answers, then its action is called once, and it is idle") {
  small_loop loop;
  counted_operation op;
  CHECK(op.where() == state::idle);
  loop.start(op);
  CHECK(op.where() == state::in_flight);
  loop.poll();
  CHECK(op.runs == 0);
  loop.answer(op, 7);
  loop.run();
  CHECK(op.runs == 1);
  CHECK(op.result() == 7);
  CHECK(op.where() == state::idle);
}

TEST_CASE("cancel_now ends an operation without its action, and keeps the completions of others that it meets") {
  small_loop loop;
  counted_operation other, op;
  loop.start(other);
  loop.start(op);
  loop.answer(other, 1);
  CHECK(loop.cancel_now(op) == -detail::canceled_error);
  CHECK(op.where() == state::idle);
  CHECK(other.where() == state::done);
  CHECK(other.runs == 0);
  loop.run();
  CHECK(other.runs == 1);
  CHECK(op.runs == 0);
}

TEST_CASE("the kernel is asked once to give an operation up, and an answer that came first is the result") {
  small_loop loop;
  loop.cancels_at_once = false;
  counted_operation op;
  loop.start(op);
  loop.cancel(op);
  loop.cancel(op);
  CHECK(loop.cancels == 1);
  loop.answer(op, 3);
  loop.run();
  CHECK(op.runs == 1);
  CHECK(op.result() == 3);
  loop.cancel(op);  // idle: nothing is to be given up
  CHECK(loop.cancels == 1);
}

TEST_CASE("an operation that is complete when it starts never reaches the kernel") {
  small_loop loop;
  counted_operation op;
  loop.start_completed(op, 5);
  CHECK(op.where() == state::done);
  CHECK(op.runs == 0);
  loop.run();
  CHECK(op.runs == 1);
  CHECK(op.result() == 5);
  CHECK(loop.sent.empty());
}

TEST_CASE("what a loop's last actions start comes back canceled, and never reaches the kernel") {
  struct restarted : small_operation {
    restarted() : small_operation(&again) {}
    static void again(work<std_platform>& w) noexcept {
      auto& self = static_cast<restarted&>(w);
      if (++self.runs == 1) small_loop::current()->start(self);
    }
    int runs = 0;
  } op;
  {
    small_loop loop;
    loop.start(op);
  }
  CHECK(op.runs == 2);
  CHECK(op.result() == -detail::canceled_error);
}

}  // namespace loop_operation_test
