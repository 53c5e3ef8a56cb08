// surewake/core/iocp/inlet.hpp: a completion port as other threads reach it, also when its loop has gone.
//
//   closed --open, by a loop--> open --close, by that loop--> closed --open, by another loop--> open
//
// A granter learns that a loop has to look before it knows whether the loop will still be there. A futex is woken by an
// address, which may be anything by then; a port is posted to by a handle, which may be another object's. So threads
// post through an inlet, which is never freed: inlets that no loop uses wait in a pool for the next one.
//
// Invariants
//   I1  A thread posts only while it is counted in and has seen the inlet open. close() shuts the inlet and waits until
//       no thread is counted in. So after close() no packet of this inlet reaches the port, and its handle may go.
//   I2  A packet says *look*, and carries no pointer. So a late thread that finds the inlet open for another loop makes
//       that loop look once in vain, and does nothing else.
// Progress  post: two RMWs and what the port takes. close blocks while threads post.
// Errors    none; post says whether the inlet was open.
// Checked   inlet.test.cpp, on threads. No model runs it, so its orders are argued and not searched.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/platform_new.hpp>

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// `Port` is a value, whose post() queues a packet.
template <platform P, class Port> class port_inlet {
 public:
  port_inlet() = default;
  port_inlet(port_inlet const&) = delete;
  port_inlet& operator=(port_inlet const&) = delete;

  /// Lets threads post to `port`. The inlet is closed.
  void open(Port port) noexcept {
    port_.set(port);
    // release [P1]: publishes the port, pairs with [P2].
    state_.fetch_add(is_open, P::release);
  }

  /// Posts a packet, from any thread. Returns false if the inlet is closed.
  bool post() noexcept {
    // acquire [P2]: sees the port, pairs with [P1].
    bool const opened = (state_.fetch_add(poster, P::acquire) & is_open) != 0;
    if (opened) port_.get().post();
    // release [P3]: the packet is in the port, and the port is not read any more, pairs with [P4].
    state_.fetch_sub(poster, P::release);
    return opened;
  }

  /// Shuts the inlet, which is open, and waits until no thread posts.
  void close() noexcept {
    // relaxed: who counts itself in after this RMW sees that the inlet is shut (I1).
    state_.fetch_sub(is_open, P::relaxed);
    // acquire [P4]: sees the last packets, and that the port is not read any more, pairs with [P3].
    P::await(state_, [](std::uint32_t s) { return s == 0; }, P::acquire);
  }

  /// Returns an inlet that no loop uses, closed.
  ///
  /// Errors  std::bad_alloc.
  [[nodiscard]] static port_inlet* take() {
    pool& all = P::template shared<pool>();
    lock_hold const hold(all.lock);
    port_inlet* const free = all.first.get();
    if (free == nullptr) return platform_new<port_inlet, P>();
    all.first.set(free->next_.get());
    return free;
  }
  /// Gives back an inlet that is closed.
  static void give_back(port_inlet& inlet) noexcept {
    pool& all = P::template shared<pool>();
    lock_hold const hold(all.lock);
    inlet.next_.set(all.first.get());
    all.first.set(&inlet);
  }

 private:
  static constexpr std::uint32_t is_open = 1, poster = 2;

  struct pool {
    typename P::mutex lock;
    typename P::template plain<port_inlet*> first{nullptr};
  };

  typename P::template atomic<std::uint32_t> state_{0U};  // is_open, and `poster` for each thread that is counted in
  typename P::template plain<Port> port_{Port{}};
  typename P::template plain<port_inlet*> next_{nullptr};  // in the pool, guarded by its lock
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
