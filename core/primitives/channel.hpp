// surewake/core/primitives/channel.hpp: values that go from senders to receivers, first in, first out, at most
// `capacity` of them on the way.
//
//   a slot   free --a sender has it--> in its hand --the value is in--> full --a receiver has it--> in its hand
//            --the value is out--> free
//   open --close()--> closing: no sender gets a slot --no slot is in a sender's hand--> sealed: no value comes any more
//
// Two semaphores count the free slots and the values, and keep those that wait for one. A lock guards which slot is
// which; a value is moved outside of it, by the sender or the receiver that has the slot in its hand.
//
// Invariants
//   I1  Permits of `room_`, free and held, + full slots + slots in receivers' hands = capacity (+ 1 once closing).
//       Permits of `values_`, free and held = full slots (+ 1 once sealed). Each is given back after the slot is what
//       it says.
//   I2  A sender that has its permit looks under the lock whether the channel is closing. If so it has sent nothing:
//       its value is untouched. Otherwise the value will be in, and received if anybody receives.
//   I3  The channel is sealed once it is closing and no slot is in a sender's hand. The thread that makes it so adds
//       one permit to `values_`. A receiver that has a permit and finds no full slot has that one: it gives it back,
//       for the next receiver, and has been told that no value comes any more. `room_` has one more likewise.
//   I4  No lock is held, and no slot in hand, as a permit is given back: that is the last access of a call.
// Order     The values of one sender are received in the order in which it sent them. A send that had ended before
//           another began comes first. Waiting senders, and waiting receivers, are served in the order of the strategy.
// Throws    A T that throws as it is moved in has not been sent, and is what its move constructor left. One that throws
//           as it is moved out stays, the next to be received.
// Progress  blocking under spin_lock, for a few instructions; a T's own code runs outside of it.
// Lifetime  The receiver that has got all values that are sent may destroy the channel. Nobody waits, and close() has
//           returned.
// Rendezvous  There is no capacity 0: the value would be moved from one waiter into another, and a T that throws could
//           tell only one of them. A capacity of 1 and a second channel for answers says when a value was received.
// Cost      the slots, allocated once; a send and a receive that do not wait: an RMW each on two counters, and the lock
//           twice. A wait allocates what the strategy allocates.
// Source    the bounded buffer of two semaphores (Dijkstra 1965). That a value whose send has ended is received after
//           close(): Go's and tokio's channels.
// Checked   models/primitives/channel_passes.hpp, channel_shares.hpp, channel_closes.hpp and channel_given_up.hpp, with
//           seeded bugs; queues/conformance/channel.test.cpp.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/primitives/channel_slots.hpp>
#include <surewake/core/primitives/finished_wait.hpp>
#include <surewake/core/primitives/waits.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// What came of a send or a receive.
enum class channel_status : std::uint8_t {
  done,      // the value was sent, or received
  closed,    // the channel is closed; to a receiver: and no value is left in it
  given_up,  // the wait was stopped, its time was over, or, of a try, it would have had to wait. Nothing has happened
};

/// A value, or why there is none.
template <class T> class [[nodiscard]] received : public std::optional<T> {
 public:
  received(channel_status why_not) noexcept : status_(why_not) {}
  received(std::in_place_t, T&& value) noexcept(std::is_nothrow_move_constructible_v<T>)
      : std::optional<T>(std::in_place, std::move(value)), status_(channel_status::done) {}
  /// Returns why there is no value; done where one was received.
  [[nodiscard]] channel_status status() const noexcept { return status_; }

 private:
  channel_status status_;
};

/// A channel of values of type T, whose waiting senders and receivers `Queue` keeps (queues/).
///
/// Threads  any number may make calls at once; construction and destruction by one, alone. Over intrusive_list at most
///          as many as in the calls of a basic_semaphore.
/// Sends    take `value` by reference, and move from it once there is room, on the thread that goes on; where a send
///          ends otherwise the value is as it was. So an awaitable is awaited where it is made, or its value outlives
///          it.
/// Resumes  a call that sends, receives, closes, or gives a wait up, may resume coroutines before it returns, as
///          core/node/trampoline.hpp says. Where the awaiting coroutine goes on is as with basic_semaphore's acquires.
/// Orders   what was done before a send is visible after the receive of its value, and what was done before a receive
///          is visible after the send that gets its slot.
template <class T, template <class> class Queue, platform P = std_platform>
  requires waiter_queue<Queue<P>, P>
class basic_channel {
  static_assert(std::is_object_v<T> && std::is_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                "a channel's values can be moved, and their destructors do not throw");

  using place = detail::waiting_place<Queue, P, hand_off>;

 public:
  using value_type = T;
  using platform_type = P;
  using queue_type = Queue<P>;

  /// The largest capacity.
  [[nodiscard]] static constexpr std::size_t max_capacity() noexcept { return 0x7fff'fffe; }

  /// An open channel with room for `capacity` values (1 to max_capacity()).   Errors  std::invalid_argument,
  /// std::bad_alloc.
  explicit basic_channel(std::size_t capacity)
      : slots_(checked(capacity)), room_(static_cast<std::int64_t>(capacity)), values_(0) {}
  basic_channel(basic_channel const&) = delete;
  basic_channel& operator=(basic_channel const&) = delete;
  /// Destroys what was not received.
  ~basic_channel() = default;

  /// Awaitable of channel_status: done or closed; with `stop` or a limit also given_up. Waits for room.
  ///
  /// Errors  from the co_await: what T throws as it is moved; of a limit std::system_error, where the shared pool
  ///         cannot be started.
  [[nodiscard]] auto send(T&& value) noexcept { return finished(room_.wait(1), sending{this, &value}); }
  template <executor<P> Executor> [[nodiscard]] auto send_on(Executor& ex, T&& value) noexcept {
    return finished(room_.wait_on(ex, 1), sending{this, &value});
  }
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto send(Stop stop, T&& value) noexcept {
    return finished(room_.wait(std::move(stop), 1), sending{this, &value});
  }
  template <class Rep, class Period>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto send_for(std::chrono::duration<Rep, Period> limit, T&& value) {
    return send(stop_at<P>(time_limit<P>::in(limit)), std::move(value));
  }
  template <class Clock, class Duration>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto send_until(std::chrono::time_point<Clock, Duration> when, T&& value) {
    return send(stop_at<P>(time_limit<P>(when)), std::move(value));
  }
  /// The same, and blocks the calling thread; try_send does not wait at all.
  channel_status send_blocking(T&& value, wait_options options = {}) {
    return sending{this, &value}(room_.block(1, options));
  }
  template <class Rep, class Period>
  [[nodiscard]] channel_status try_send_for(std::chrono::duration<Rep, Period> limit, T&& value,
                                            wait_options options = {}) {
    return sending{this, &value}(room_.block(1, options, time_limit<P>::in(limit)));
  }
  template <class Clock, class Duration>
  [[nodiscard]] channel_status try_send_until(std::chrono::time_point<Clock, Duration> when, T&& value,
                                              wait_options options = {}) {
    return sending{this, &value}(room_.block(1, options, time_limit<P>(when)));
  }
  [[nodiscard]] channel_status try_send(T&& value) {
    bool const has_room = room_.try_wait(1);
    return !has_room && is_closed() ? channel_status::closed : sending{this, &value}(has_room);
  }

  /// Awaitable of received<T>: the value, or that the channel is closed and empty; with `stop` or a limit also
  /// given_up.
  ///
  /// Errors  as send. A value that throws stays in the channel.
  [[nodiscard]] auto receive() noexcept { return finished(values_.wait(1), receiving{this}); }
  template <executor<P> Executor> [[nodiscard]] auto receive_on(Executor& ex) noexcept {
    return finished(values_.wait_on(ex, 1), receiving{this});
  }
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto receive(Stop stop) noexcept {
    return finished(values_.wait(std::move(stop), 1), receiving{this});
  }
  template <class Rep, class Period>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto receive_for(std::chrono::duration<Rep, Period> limit) {
    return receive(stop_at<P>(time_limit<P>::in(limit)));
  }
  template <class Clock, class Duration>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto receive_until(std::chrono::time_point<Clock, Duration> when) {
    return receive(stop_at<P>(time_limit<P>(when)));
  }
  /// The same, and blocks the calling thread; try_receive does not wait at all.
  received<T> receive_blocking(wait_options options = {}) { return receiving{this}(values_.block(1, options)); }
  template <class Rep, class Period>
  [[nodiscard]] received<T> try_receive_for(std::chrono::duration<Rep, Period> limit, wait_options options = {}) {
    return receiving{this}(values_.block(1, options, time_limit<P>::in(limit)));
  }
  template <class Clock, class Duration>
  [[nodiscard]] received<T> try_receive_until(std::chrono::time_point<Clock, Duration> when,
                                              wait_options options = {}) {
    return receiving{this}(values_.block(1, options, time_limit<P>(when)));
  }
  [[nodiscard]] received<T> try_receive() {
    bool const has_value = values_.try_wait(1);
    if (!has_value && is_drained()) return channel_status::closed;
    return receiving{this}(has_value);
  }

  /// Closes it: senders that wait, and later ones, are answered `closed`, and have sent nothing. What is inside, and
  /// what a sender has begun to move in, is received; then receivers are answered `closed`. Again: nothing.
  ///
  /// Resumes  those that wait, inside the call, one after the other.
  /// Steps    a send takes its slot before it finds the channel closed, so that a try_send is given up because of one
  ///          that is answered `closed`; and while a value is moved in or out, its slot is neither free nor full for
  ///          others. The sequential specification that allows this is models/fixture/channel_state.hpp;
  ///          models/history/history_of_channel.hpp holds every execution to it.
  void close() noexcept {
    bool sealed = false;
    {
      lock_hold const hold(lock_);
      if (closing_.get()) return;
      closing_.set(true);
      sealed = in_hand_.get() == 0;
    }
    room_.put(1);               // I3
    if (sealed) values_.put(1);
  }

  /// Snapshots. A closed channel may have values left.
  [[nodiscard]] bool is_closed() const noexcept {
    lock_hold const hold(lock_);
    return closing_.get();
  }
  [[nodiscard]] std::size_t size() const noexcept {
    lock_hold const hold(lock_);
    return slots_.full();
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.capacity(); }
  /// Returns how many senders, and receivers, wait.
  [[nodiscard]] std::size_t waiting_senders() const noexcept { return room_.waiters(); }
  [[nodiscard]] std::size_t waiting_receivers() const noexcept { return values_.waiters(); }

 private:
  /// Whether it is sealed, and empty: the one permit of that may be in another receiver's hand.
  [[nodiscard]] bool is_drained() const noexcept {
    lock_hold const hold(lock_);
    return closing_.get() && in_hand_.get() == 0 && slots_.full() == 0;
  }

  using slot = typename detail::channel_slots<T, P>::slot;

  struct sending {
    basic_channel* self;
    T* value;
    channel_status operator()(bool granted) const {
      return granted ? self->put(std::move(*value)) : channel_status::given_up;
    }
  };
  struct receiving {
    basic_channel* self;
    received<T> operator()(bool granted) const {
      if (!granted) return channel_status::given_up;
      return self->take();
    }
  };
  template <class Wait, class Finish> static detail::finished_wait<Wait, Finish> finished(Wait&& w, Finish f) noexcept {
    return {std::move(w), f};
  }

  /// Of a sender that has a permit of room_.
  channel_status put(T&& value) {
    slot* s = nullptr;
    {
      lock_hold const hold(lock_);
      if (!closing_.get()) {
        s = &slots_.take_free();
        in_hand_.set(in_hand_.get() + 1);
      }
    }
    if (s == nullptr) return room_.put(1), channel_status::closed;  // I2, I3
    try {
      std::construct_at(std::addressof(s->value), std::move(value));
    } catch (...) {
      bool const sealed = lay_down(*s, false);
      room_.put(1);
      if (sealed) values_.put(1);
      throw;
    }
    values_.put(lay_down(*s, true) ? 2 : 1);
    return channel_status::done;
  }
  /// Of a sender that has a slot in its hand, and has filled it or not. Returns whether the channel is sealed by that.
  [[nodiscard]] bool lay_down(slot& s, bool full) noexcept {
    lock_hold const hold(lock_);
    full ? slots_.put_full(s) : slots_.put_free(s);
    in_hand_.set(in_hand_.get() - 1);
    return closing_.get() && in_hand_.get() == 0;
  }

  /// Of a receiver that has a permit of values_.
  received<T> take() {
    slot* s = nullptr;
    {
      lock_hold const hold(lock_);
      s = slots_.take_full();
    }
    if (s == nullptr) return values_.put(1), channel_status::closed;  // I3
    hand taken(*this, *s);
    try {
      return received<T>(std::in_place, std::move(s->value));
    } catch (...) {
      taken.keep();
      throw;
    }
  }
  /// A full slot in a receiver's hand, whose value is moved out meanwhile; or is to be kept, and goes back.
  class hand {
   public:
    hand(basic_channel& c, slot& s) noexcept : channel_(c), slot_(s) {}
    hand(hand const&) = delete;
    hand& operator=(hand const&) = delete;
    void keep() noexcept { keeps_ = true; }
    ~hand() {
      if (!keeps_) std::destroy_at(std::addressof(slot_.value));
      {
        lock_hold const hold(channel_.lock_);
        keeps_ ? channel_.slots_.put_back(slot_) : channel_.slots_.put_free(slot_);
      }
      (keeps_ ? channel_.values_ : channel_.room_).put(1);  // I4
    }

   private:
    basic_channel& channel_;
    slot& slot_;
    bool keeps_ = false;
  };

  [[nodiscard]] static std::size_t checked(std::size_t capacity) {
    if (capacity >= 1 && capacity <= max_capacity()) return capacity;
    throw std::invalid_argument("surewake: channel(" + std::to_string(capacity) + "): 1 to " +
                                std::to_string(max_capacity()) + " values");
  }

  mutable spin_lock<P> lock_;
  detail::channel_slots<T, P> slots_;
  typename P::template plain<bool> closing_ SUREWAKE_GUARDED_BY(lock_){false};
  typename P::template plain<std::size_t> in_hand_ SUREWAKE_GUARDED_BY(lock_){std::size_t{0}};  // of senders
  place room_;    // a permit for each free slot: I1
  place values_;  // a permit for each full one
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
