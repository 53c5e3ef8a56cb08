// surewake/models/primitives/channel_passes.hpp: three values go through a channel with room for two, and the receiver
// of the last one destroys it. Do they come once, in order, and whole?
// Shape      2 threads: sender sends 1, 2 and 3; receiver receives them, and destroys the channel.
// Must hold  all come, in order (otherwise: deadlock, or a broken law); moves and slots never meet (otherwise: data
//            race); no touch of the channel afterwards.
#pragma once

#include <surewake/core/platform/platform_new.hpp>
#include <surewake/models/primitives/channel_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct channel_passes {
  static constexpr model_facts facts{
      .question = "Values go through a channel, and the receiver of the last one destroys it: are they whole?",
      .law = "values come once, in order and whole, and the receiver of the last one may destroy the channel "
             "(`core/primitives/channel.hpp`, I4)",
      .over = over_what::queues, .samples = 5'000, .preemptions = 2};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"sender", "receiver"};

  void thread(unsigned i) {
    for (int n = 1; n <= 3; ++n) {
      if (i == 0) {
        static_cast<void>(channel_->send_blocking(parcel<P>(n)));
        continue;
      }
      auto const r = channel_->receive_blocking();
      if (!r || r->number() != n) P::broken("order: another value came, or none");
    }
    if (i == 1) platform_delete<P>()(channel_);
  }

  void after() {}

 private:
  using channel = basic_channel<parcel<P>, Queue, P>;
  channel* const channel_ = platform_new<channel, P>(2U);
};

}  // namespace surewake::models
