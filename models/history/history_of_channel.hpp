// surewake/models/history/history_of_channel.hpp: values are sent and received while some give up, and the channel is
// closed. Does one order of all calls explain what each was answered?
// Shape      3 threads and room for one value: sender sends two values, each with a limit; receiver receives with a
//            limit, and tries; closer tries to send a third value, and closes. What is left is received in the end.
// Must hold  the history is one of a bounded buffer (models/fixture/channel_state.hpp).
#pragma once

#include <surewake/models/fixture/channel_state.hpp>
#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/history.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> class history_of_channel {
 public:
  static constexpr model_facts facts{
      .question = "Values are sent and received while some give up, and the channel is closed: does one order of the "
                  "calls explain the answers?",
      .law = "sends, receives and close() of a channel have an order that explains their answers",
      .over = over_what::queues};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"sender", "receiver", "closer"};

  void thread(unsigned i) {
    auto const for_a_moment = [this](int value) { return channel_.try_send_for(a_moment, std::move(value)); };
    if (i == 0) {
      send(1, for_a_moment);
      return send(2, for_a_moment);
    }
    if (i == 1) {
      receive([this] { return channel_.try_receive_for(a_moment); });
      return static_cast<void>(receive_at_once());
    }
    send(3, [this](int value) { return channel_.try_send(std::move(value)); });
    close();
  }

  void after() {
    while (receive_at_once()) {}
    history_.check();
  }

 private:
  template <class By> void send(int number, By by) {
    both(channel_asks::send, channel_asks::sent, [&] { return channel_answer{by(number), number}; });
  }
  template <class By> bool receive(By by) {
    return both(channel_asks::receive, channel_asks::received, [&] {
      received<int> const r = by();
      return channel_answer{r.status(), r.value_or(0)};
    });
  }
  bool receive_at_once() {
    return receive([this] { return channel_.try_receive(); });
  }
  void close() {
    unsigned const i = history_.call({.what = channel_asks::close});
    channel_.close();
    history_.returned(i);
  }
  /// Makes a call that is two steps of the specification. Returns whether a value went through.
  template <class By> bool both(channel_asks first, channel_asks second, By by) {
    unsigned const i = history_.call({.what = first});
    unsigned const k = history_.call({.what = second, .first = i});
    channel_answer const got = by();
    history_.returned(i, got);
    history_.returned(k, got);
    return got.status == channel_status::done;
  }

  basic_channel<int, Queue, P> channel_{1};
  history<P, channel_state> history_{channel_state(1, keeps_grants<Queue<P>>)};
};

}  // namespace surewake::models
