// surewake/models/primitives/channel_given_up.hpp: a send and a receive are given up as the other one comes. Is the
// value on one side, whole?
// Shape      2 threads: sender sends 2 into a channel that is full of 1, for a moment; receiver receives twice, for a
//            moment each.
// Must hold  what was sent was received or is inside, in order; what was not sent is where it was.
#pragma once

#include <surewake/models/primitives/channel_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct channel_given_up {
  static constexpr model_facts facts{
      .question = "A send and a receive are given up as the other one comes: is the value on one side, whole?",
      .law = "a send that is given up leaves its value, and a receive that is given up takes none",
      .over = over_what::queues, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"sender", "receiver"};

  channel_given_up() { static_cast<void>(channel_.try_send(parcel<P>(1))); }

  void thread(unsigned i) {
    if (i == 0) {
      parcel<P> p(2);
      sent_ = channel_.try_send_for(a_moment, std::move(p)) == channel_status::done;
      if (p.number() != (sent_ ? 0 : 2)) P::broken("a value was sent and is here, or the other way round");
    } else {
      for (int n = 0; n != 2; ++n) count(channel_.try_receive_for(a_moment));
    }
  }

  void after() {
    while (came_ != (sent_ ? 2 : 1)) {
      if (!count(channel_.try_receive())) P::broken("lost: a value was sent and is nowhere");
    }
    channel_at_rest(channel_);
  }

 private:
  bool count(received<parcel<P>> const& r) {
    if (r && r->number() != ++came_) P::broken("order: another value came");
    return r.has_value();
  }

  basic_channel<parcel<P>, Queue, P> channel_{1};
  int came_ = 0;
  bool sent_ = false;
};

}  // namespace surewake::models
