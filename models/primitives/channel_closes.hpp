// surewake/models/primitives/channel_closes.hpp: a channel is closed while a value is sent and received. Is what was
// sent received, and is everybody told that nothing more comes?
// Shape      3 threads: sender sends 1 and 2, as long as it may; closer closes; receiver receives until it is told that
//            the channel is closed.
// Must hold  all end (otherwise: deadlock); what came is what was sent, in order; afterwards everybody is told.
#pragma once

#include <surewake/models/primitives/channel_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct channel_closes {
  static constexpr model_facts facts{
      .question = "A channel is closed while a value is sent and received: is what was sent received?",
      .law = "what was sent before close() is received, and then everybody is told "
             "(`core/primitives/channel.hpp`, I2, I3)",
      .over = over_what::queues, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"sender", "closer", "receiver"};

  void thread(unsigned i) {
    switch (i) {
      case 0: return send();
      case 1: return channel_.close();
      default: receive();
    }
  }

  void after() {
    if (sent_ != came_) P::broken("a value was sent and not received, or the other way round");
    channel_at_rest_closed(channel_);
  }

 private:
  void send() {
    for (int n = 1; n <= 2; ++n) {
      parcel<P> p(n);
      if (channel_.send_blocking(std::move(p)) == channel_status::done) ++sent_;
      else if (p.number() != n) P::broken("a value that was not sent was moved from");
    }
  }
  void receive() {
    for (;;) {
      auto const r = channel_.receive_blocking();
      if (!r) return;
      if (r->number() != ++came_) P::broken("order: another value came");
    }
  }

  basic_channel<parcel<P>, Queue, P> channel_{1};
  int sent_ = 0, came_ = 0;
};

}  // namespace surewake::models
