// surewake/models/primitives/channel_fixture.hpp: what the models of channels share.
#pragma once

#include <surewake/core/primitives/channel.hpp>
#include <surewake/models/fixture/fixture.hpp>

namespace surewake::models {

/// A value that can be moved only, and whose moves a checker sees.
template <platform P> class parcel {
 public:
  explicit parcel(int number) noexcept { number_.set(number); }
  parcel(parcel&& other) noexcept {
    number_.set(other.number_.get());
    other.number_.set(0);
  }
  parcel& operator=(parcel&&) = delete;
  /// 0: it was moved from.
  [[nodiscard]] int number() const noexcept { return number_.get(); }

 private:
  typename P::template plain<int> number_;
};

/// Checks the law of an open channel at rest: nobody waits, it takes as many values as it has room for and no more, and
/// gives them back.
template <class Channel> void channel_at_rest(Channel& c) {
  using P = typename Channel::platform_type;
  if (c.waiting_senders() + c.waiting_receivers() != 0) {
    P::broken("lost wakeup: somebody waits and nobody will wake it");
  }
  for (int i = 0; i != 2; ++i) {
    for (std::size_t n = 0; n != c.capacity(); ++n) {
      if (c.try_send(parcel<P>(1)) != channel_status::done) P::broken("conservation: a slot was lost");
    }
    if (c.try_send(parcel<P>(1)) == channel_status::done) P::broken("conservation: a slot was invented");
    for (std::size_t n = 0; n != c.capacity(); ++n) {
      if (!c.try_receive().has_value()) P::broken("conservation: a value was lost");
    }
    if (c.try_receive().has_value()) P::broken("conservation: a value was invented");
  }
}

/// Sends once, and says what came of it.
template <class Channel, platform P = typename Channel::platform_type>
task<void, P> send_one(Channel& c, ghost<P>& closed) {
  auto const s = co_await c.send(parcel<P>(1));
  if (s == channel_status::closed) closed.add(1);
}
template <class Channel, platform P = typename Channel::platform_type>
task<void, P> receive_one(Channel& c, ghost<P>& closed) {
  auto const r = co_await c.receive();
  if (r.status() == channel_status::closed) closed.add(1);
}

/// Checks the law of a closed channel that is empty, at rest: each send and receive is told so.
template <class Channel> void channel_at_rest_closed(Channel& c) {
  using P = typename Channel::platform_type;
  if (c.waiting_senders() + c.waiting_receivers() != 0) P::broken("lost wakeup: close() left somebody waiting");
  if (c.size() != 0) P::broken("lost: a value is left in a channel whose receivers were told that none is");
  c.close();
  ghost<P> told;
  for (int i = 0; i != 2; ++i) {
    start_detached<P>(send_one(c, told));
    start_detached<P>(receive_one(c, told));
  }
  if (told.get() != 4) P::broken("lost wakeup: somebody waits at a closed channel");
  if (c.try_send(parcel<P>(1)) != channel_status::closed || c.try_receive().status() != channel_status::closed) {
    P::broken("a closed channel does not say so");
  }
}

}  // namespace surewake::models
