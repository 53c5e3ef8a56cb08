// surewake/models/primitives/channel_shares.hpp: two senders and two receivers share a channel with room for two. Does
// each value come to one of them?
// Shape      3 threads: each of two senders sends one value; receiver receives once. A coroutine receives from the
//            beginning.
// Must hold  each receiver has one value (otherwise: deadlock), and each value one receiver.
#pragma once

#include <surewake/models/primitives/channel_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct channel_shares {
  static constexpr model_facts facts{
      .question = "Two senders and two receivers share a channel: does each value come to one of them?",
      .law = "each value is received once, by one of several receivers",
      .over = over_what::queues, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"receiver", "sender", "other sender"};

  channel_shares() { start_detached<P>(receive()); }

  void thread(unsigned i) {
    if (i == 0) count(channel_.receive_blocking());
    else static_cast<void>(channel_.send_blocking(parcel<P>(static_cast<int>(i))));
  }

  void after() {
    if (sum_.get() != 1 + 4) P::broken("a value came twice, or not at all");
    channel_at_rest(channel_);
  }

 private:
  void count(received<parcel<P>> const& r) {
    if (!r) P::broken("closed by nobody");
    sum_.add(r->number() * r->number());
  }
  task<void, P> receive() {
    auto const r = co_await channel_.receive();
    count(r);
  }

  basic_channel<parcel<P>, Queue, P> channel_{2};
  ghost<P> sum_{};
};

}  // namespace surewake::models
