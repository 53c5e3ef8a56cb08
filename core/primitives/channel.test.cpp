// A channel step by step: what other threads do while a value is moved. What holds over every strategy is in
// queues/conformance/.
#include <surewake/core/primitives/channel.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

namespace channel_test {

namespace {

using namespace surewake;
using namespace surewake::testing;

/// A value in whose next move the test does something.
struct watched {
  explicit watched(int n) : number(n) {}
  watched(watched&& other) : number(other.number) {
    if (auto const f = std::exchange(in_move, nullptr)) f();
  }
  int number;
  static inline std::function<void()> in_move;
};
using watched_channel = basic_channel<watched, scripted_queue>;

template <class Channel> fiber receive(Channel& c, std::optional<channel_status>& told) {
  auto const r = co_await c.receive();
  told = r.status();
}

}  // namespace

TEST_CASE("channel: close() while a value is moved in: receivers are told once it was received") {
  watched_channel c(2);
  std::optional<channel_status> first, second;
  fiber const one = receive(c, first);
  watched::in_move = [&] {
    c.close();
    CHECK_FALSE(first.has_value());
    CHECK(c.try_receive().status() == channel_status::given_up);
    CHECK(c.try_send(watched(2)) == channel_status::closed);
  };
  CHECK(c.try_send(watched(1)) == channel_status::done);
  CHECK(first == channel_status::done);
  fiber const other = receive(c, second);
  CHECK(second == channel_status::closed);
}

TEST_CASE("channel: close() while a value is moved in, which throws") {
  watched_channel c(1);
  std::optional<channel_status> told;
  fiber const one = receive(c, told);
  watched::in_move = [&] {
    c.close();
    CHECK_FALSE(told.has_value());
    throw std::runtime_error("in no mood to move");
  };
  CHECK_THROWS_AS(static_cast<void>(c.try_send(watched(1))), std::runtime_error);
  CHECK(told == channel_status::closed);
}

TEST_CASE("channel: a sender that got room as the channel closes has sent nothing") {
  watched_channel c(1);
  CHECK(c.try_send(watched(1)) == channel_status::done);
  watched two(2);
  std::optional<channel_status> sent;
  auto const send = [&]() -> fiber {
    auto const s = co_await c.send(std::move(two));
    sent = s;
  };
  fiber const f = send();
  at_point const closes(&script::before_hand_over, [&] { c.close(); });
  CHECK(c.try_receive().has_value());
  CHECK(sent == channel_status::closed);
  CHECK(two.number == 2);
  CHECK(c.try_receive().status() == channel_status::closed);
}

TEST_CASE("channel: a value is moved out with its slot in hand: there is room afterwards only") {
  watched_channel c(1);
  CHECK(c.try_send(watched(1)) == channel_status::done);
  watched::in_move = [&] { CHECK(c.try_send(watched(2)) == channel_status::given_up); };
  CHECK(c.try_receive().has_value());
  CHECK(c.try_send(watched(3)) == channel_status::done);
}

}  // namespace channel_test
