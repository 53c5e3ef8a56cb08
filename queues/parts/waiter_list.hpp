// surewake/queues/parts/waiter_list.hpp: waiters in order, linked through themselves: no allocation, O(1) from any
// place.
#pragma once

#include <surewake/core/semaphore/waiter.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class waiter_list {
 public:
  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
  [[nodiscard]] waiter<P>& front() const noexcept { return static_cast<waiter<P>&>(*list_.front()); }
  void push_back(waiter<P>& w) noexcept { list_.push_back(w); }
  void erase(waiter<P>& w) noexcept { list_.erase(w); }

 private:
  detail::work_list<P> list_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
