// surewake/queues/mutex_deque.hpp: first come, first served, by a mutex and a std::deque: the baseline for all others.
//
//   deque: w1, w2, w3    pointers to the registered waiters, oldest first
//
// States, invariants and protocol: queues/parts/locked_queue.hpp. It is kept plain on purpose: no trick that a first
// version would not have.
// Progress  `progress` below.   Fairness  FIFO.
// Errors    std::terminate where the deque finds no memory: a debt is on record by then and cannot be taken back
//           half-way.
// Cost      enqueue, grant per waiter: lock and unlock (two RMWs), amortised 1/64 allocation. Withdraw: O(n), it looks
//           for the waiter from the front and closes the gap.
// Source    compio-sync's original queue, which had no withdrawal (FIFO here). [@compiosync] [@cqs2023]
// Checked   models/ over both disciplines.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/queues/parts/locked_queue.hpp>
#include <surewake/queues/parts/platform_allocator.hpp>

#include <algorithm>
#include <deque>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// Waiters in a deque, oldest first.
template <platform P> class waiter_deque {
 public:
  [[nodiscard]] bool empty() const noexcept { return deque_.empty(); }
  [[nodiscard]] waiter<P>& front() const noexcept { return *deque_.front(); }
  void push_back(waiter<P>& w) { deque_.push_back(&w); }
  void erase(waiter<P>& w) noexcept { deque_.erase(std::find(deque_.begin(), deque_.end(), &w)); }

 private:
  std::deque<waiter<P>*, platform_allocator<P, waiter<P>*>> deque_;
};

}  // namespace detail

template <platform P> class mutex_deque : public locked_queue<P, typename P::mutex, detail::waiter_deque<P>> {
 public:
  static constexpr char const* name = "mutex_deque";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::linear;
  static constexpr char const* a_wait_allocates = "a block of the deque now and then";
  static constexpr char const* progress = "enqueue, grant, withdraw and close blocking under mutex";
};

static_assert(waiter_queue<mutex_deque<std_platform>, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
