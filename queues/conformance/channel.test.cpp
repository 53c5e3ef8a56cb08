// Channels over every strategy.
#include <surewake/channel.hpp>
#include <surewake/queues/conformance/all_primitives.test.hpp>

#include <memory>
#include <stop_token>

namespace channel_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

/// A value that throws in the moves that `throws` counts down to.
struct moody {
  explicit moody(int v) : value(v) {}
  moody(moody&& other) : value(other.value) {
    if (throws > 0 && --throws == 0) throw std::runtime_error("in no mood to move");
    other.value = 0;
  }
  int value;
  static inline int throws = 0;
};

template <class T> struct channels {
  template <template <class> class Queue> using of = basic_channel<T, Queue>;
  using discipline = hand_off;
};
using all_channels = family<channels<int>>;
using all_of_pointers = family<channels<std::unique_ptr<int>>>;
using all_moody = family<channels<moody>>;
#define EVERY_CHANNEL(name) SUREWAKE_TEST_OVER("every channel: " name, all_channels, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))
#define EVERY_CHANNEL_OF(values, name) \
  SUREWAKE_TEST_OVER("every channel: " name, values, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

/// A coroutine that sends or receives once, and what came of it.
class one {
 public:
  template <class Send> void send(Send send) { fiber_ = run_send(*this, std::move(send)); }
  template <class Receive> void receive(Receive receive) { fiber_ = run_receive(*this, std::move(receive)); }
  void destroy() { fiber_.reset(); }

  std::optional<channel_status> status;  // none: it waits
  int value = 0;
  std::function<void()> on_end;
  std::atomic<bool> over = false;

 private:
  template <class Send> static fiber run_send(one& o, Send send) {
    auto const s = co_await send();
    o.status = s;
    if (o.on_end) o.on_end();
  }
  template <class Receive> static fiber run_receive(one& o, Receive receive) {
    auto const r = co_await receive();
    if (r) o.value = *r;
    o.status = r.status();
    if (o.on_end) o.on_end();
  }
  fiber fiber_;
};

EVERY_CHANNEL("values come in the order in which they were sent, as many as there is room for") {
  S c(3);
  CHECK(c.capacity() == 3);
  for (int i = 1; i <= 3; ++i) CHECK(c.try_send(int(i)) == channel_status::done);
  CHECK(c.try_send(4) == channel_status::given_up);
  CHECK(c.size() == 3);
  for (int i = 1; i <= 3; ++i) CHECK(c.try_receive().value() == i);
  auto const none = c.try_receive();
  CHECK_FALSE(none.has_value());
  CHECK(none.status() == channel_status::given_up);
}

EVERY_CHANNEL("a receiver that waits gets the value, whatever kind of wait it is") {
  S c(1);
  manual_executor ex;
  std::stop_source never;
  std::deque<one> r(4);
  r[0].receive([&] { return c.receive(); });
  r[1].receive([&] { return c.receive(never.get_token()); });
  r[2].receive([&] { return c.receive_for(1h); });
  r[3].receive([&] { return c.receive_on(ex); });
  CHECK(c.waiting_receivers() == 4);
  int sum = 0;
  for (int i = 1; i <= 4; ++i) CHECK(c.send_blocking(int(i)) == channel_status::done);
  ex.run();
  for (auto const& o : r) {
    CHECK(o.status == channel_status::done);
    sum += o.value;
  }
  CHECK(sum == 10);
  if (S::queue_type::first_come_first_served) CHECK(r[0].value == 1);
}

EVERY_CHANNEL("a sender that waits gets room, whatever kind of wait it is") {
  S c(1);
  manual_executor ex;
  std::stop_source never;
  std::deque<one> s(4);
  CHECK(c.try_send(0) == channel_status::done);
  std::array<int, 4> v{1, 2, 3, 4};
  s[0].send([&] { return c.send(std::move(v[0])); });
  s[1].send([&] { return c.send(never.get_token(), std::move(v[1])); });
  s[2].send([&] { return c.send_for(1h, std::move(v[2])); });
  s[3].send([&] { return c.send_on(ex, std::move(v[3])); });
  CHECK(c.waiting_senders() == 4);
  int sum = 0;
  for (int i = 0; i <= 4; ++i) {
    ex.run();
    int const came = c.receive_blocking().value();
    if (S::queue_type::first_come_first_served) CHECK(came == i);
    sum += came;
  }
  CHECK(sum == 10);
  for (auto const& o : s) CHECK(o.status == channel_status::done);
}

EVERY_CHANNEL_OF(all_of_pointers, "values that can be moved only; one that is not sent stays with its sender") {
  S c(1);
  CHECK(c.try_send(std::make_unique<int>(7)) == channel_status::done);
  auto mine = std::make_unique<int>(8);
  CHECK(c.try_send(std::move(mine)) == channel_status::given_up);
  REQUIRE(mine != nullptr);
  CHECK(c.try_send_for(1ms, std::move(mine)) == channel_status::given_up);
  CHECK(c.try_send_until(std::chrono::steady_clock::now(), std::move(mine)) == channel_status::given_up);
  std::stop_source stop;
  one s;
  s.send([&] { return c.send(stop.get_token(), std::move(mine)); });
  stop.request_stop();
  CHECK(s.status == channel_status::given_up);
  s.send([&] { return c.send(std::move(mine)); });
  s.destroy();
  REQUIRE(mine != nullptr);
  CHECK(*mine == 8);
  auto got = c.try_receive();
  REQUIRE(got.has_value());
  CHECK(**got == 7);
  CHECK(c.try_send(std::move(mine)) == channel_status::done);
  CHECK(mine == nullptr);
  // What is not received is destroyed with the channel.
}

EVERY_CHANNEL("a receive that is given up takes nothing") {
  S c(1);
  std::stop_source stop;
  one r;
  r.receive([&] { return c.receive(stop.get_token()); });
  stop.request_stop();
  CHECK(r.status == channel_status::given_up);
  CHECK(c.try_receive_for(1ms).status() == channel_status::given_up);
  CHECK(c.try_receive_until(std::chrono::system_clock::now() + 1ms).status() == channel_status::given_up);
  CHECK(c.send_blocking(1) == channel_status::done);
  CHECK(c.receive_blocking().value() == 1);
}

EVERY_CHANNEL("close lets what is inside be received, and then says so, to all kinds of calls") {
  S c(2);
  CHECK(c.send_blocking(1) == channel_status::done);
  CHECK(c.send_blocking(2) == channel_status::done);
  int three = 3;
  one late;
  late.send([&] { return c.send(std::move(three)); });
  c.close();
  c.close();
  CHECK(c.is_closed());
  CHECK(late.status == channel_status::closed);
  CHECK(c.try_send(4) == channel_status::closed);
  CHECK(c.send_blocking(4) == channel_status::closed);
  CHECK(c.try_send_for(1h, 4) == channel_status::closed);
  CHECK(c.receive_blocking().value() == 1);
  CHECK(c.try_receive().value() == 2);
  CHECK(c.try_receive().status() == channel_status::closed);
  CHECK(c.receive_blocking().status() == channel_status::closed);
  CHECK(c.try_receive_for(1h).status() == channel_status::closed);
  one r;
  r.receive([&] { return c.receive(); });
  CHECK(r.status == channel_status::closed);
}

EVERY_CHANNEL("close tells all that wait") {
  S empty(1), full(1);
  CHECK(full.try_send(1) == channel_status::done);
  manual_executor ex;
  std::deque<one> r(3), s(3);
  for (auto& o : r) o.receive([&] { return empty.receive(); });
  for (auto& o : s) o.send([&] { return full.send_on(ex, 2); });
  empty.close();
  full.close();
  ex.run();
  for (auto const& o : r) CHECK(o.status == channel_status::closed);
  for (auto const& o : s) CHECK(o.status == channel_status::closed);
  CHECK(full.receive_blocking().value() == 1);
  CHECK(full.receive_blocking().status() == channel_status::closed);
}

EVERY_CHANNEL("of a closed channel with one place for the news everybody hears it, on bounded stack") {
  constexpr int many = 50'000;
  S c(1);
  int told = 0;
  auto const receive = [&]() -> task<> {
    auto const r = co_await c.receive();
    if (r.status() == channel_status::closed) ++told;
  };
  for (int i = 0; i < many; ++i) start_detached(receive());
  c.close();
  CHECK(told == many);
}

EVERY_CHANNEL("a coroutine that is destroyed with what it waited for passes it on") {
  S c(1);
  manual_executor ex;
  one gone, next;
  gone.receive([&] { return c.receive_on(ex); });
  CHECK(c.try_send(1) == channel_status::done);
  CHECK(c.size() == 1);
  gone.destroy();
  CHECK(c.try_receive().value() == 1);

  CHECK(c.try_send(1) == channel_status::done);
  int two = 2;
  gone.send([&] { return c.send_on(ex, std::move(two)); });
  CHECK(c.receive_blocking().value() == 1);
  gone.destroy();
  CHECK(c.try_send(3) == channel_status::done);
  CHECK(c.receive_blocking().value() == 3);
}

EVERY_CHANNEL("what is resumed inside a call may use the channel") {
  S c(1);
  std::deque<one> r(2);
  r[0].on_end = [&] {
    r[1].receive([&] { return c.receive(); });
    static_cast<void>(c.try_send(2));
  };
  r[0].receive([&] { return c.receive(); });
  CHECK(c.try_send(1) == channel_status::done);
  CHECK(r[0].value == 1);
  CHECK(r[1].value == 2);
  r[0].on_end = [&] { c.close(); };
  r[0].receive([&] { return c.receive(); });
  r[1].receive([&] { return c.receive(); });
  CHECK(c.try_send(3) == channel_status::done);
  CHECK(r[0].value + r[1].value == 5);
}

EVERY_CHANNEL_OF(all_moody, "a value that throws as it is sent is not sent; one that throws as it is received stays") {
  S c(1);
  moody::throws = 1;
  CHECK_THROWS_AS(static_cast<void>(c.try_send(moody(1))), std::runtime_error);
  CHECK(c.size() == 0);
  CHECK(c.send_blocking(moody(2)) == channel_status::done);
  CHECK(c.try_send(moody(3)) == channel_status::given_up);
  moody::throws = 1;
  CHECK_THROWS_AS(static_cast<void>(c.receive_blocking()), std::runtime_error);
  CHECK(c.size() == 1);
  c.close();
  CHECK(c.receive_blocking().value().value == 2);
  CHECK(c.receive_blocking().status() == channel_status::closed);
  CHECK(moody::throws == 0);
}

EVERY_CHANNEL_OF(all_moody, "a value that throws keeps its place before those that came later") {
  S c(3);
  for (int i = 1; i <= 3; ++i) CHECK(c.try_send(moody(i)) == channel_status::done);
  moody::throws = 1;
  CHECK_THROWS_AS(static_cast<void>(c.try_receive()), std::runtime_error);
  for (int i = 1; i <= 3; ++i) CHECK(c.try_receive().value().value == i);
}

EVERY_CHANNEL("a capacity out of range is refused") {
  CHECK(message_of<std::invalid_argument>([] { S c(0); }) == "surewake: channel(0): 1 to 2147483646 values");
  CHECK_THROWS_AS(S(S::max_capacity() + 1), std::invalid_argument);
}

EVERY_CHANNEL("threads send and receive each value once, the values of each sender in order") {
  constexpr int each = 2'000, senders = 2, receivers = 2;
  for (std::size_t const room : {1U, 7U}) {
    S c(room);
    std::array<std::atomic<int>, senders * each> came{};
    std::atomic<int> left{senders};
    {
      std::vector<std::jthread> crew;
      for (int s = 0; s < senders; ++s) {
        crew.emplace_back([&, s] {
          for (int i = 0; i < each; ++i) {
            int v = s * each + i;
            if (i % 3 == 0) {
              while (c.try_send_for(20us, std::move(v)) != channel_status::done) {
              }
            } else {
              CHECK(c.send_blocking(std::move(v)) == channel_status::done);
            }
          }
          if (--left == 0) c.close();
        });
      }
      for (int r = 0; r < receivers; ++r) {
        crew.emplace_back([&, r] {
          std::array<int, senders> last;
          last.fill(-1);
          for (;;) {
            auto got = r == 0 ? c.receive_blocking() : c.try_receive_for(20us);
            if (!got && got.status() == channel_status::closed) return;
            if (!got) continue;
            ++came[static_cast<std::size_t>(*got)];
            auto& before = last[static_cast<std::size_t>(*got / each)];
            CHECK(before < *got);
            before = *got;
          }
        });
      }
    }
    for (auto const& n : came) CHECK(n == 1);
    CHECK(c.size() == 0);
  }
}

EVERY_CHANNEL("a close in the middle loses no value whose send was done") {
  for (int round = 0; round < 100; ++round) {
    S c(2);
    std::atomic<int> sent{0}, came{0};
    {
      std::vector<std::jthread> crew;
      for (int s = 0; s < 2; ++s) {
        crew.emplace_back([&] {
          while (c.send_blocking(1) == channel_status::done) ++sent;
        });
        crew.emplace_back([&] {
          while (c.receive_blocking().has_value()) ++came;
        });
      }
      while (came < 10) std::this_thread::yield();
      c.close();
    }
    CHECK(sent == came);
  }
}

}  // namespace channel_conformance
