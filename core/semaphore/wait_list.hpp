// surewake/core/semaphore/wait_list.hpp: waiters in the order of service, under a lock of the list's owner.
#pragma once

#include <surewake/core/semaphore/waiter.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// L keeps waiters. front() of one that is not empty: the waiter to serve next, which alone may have a part of its
/// grants, and then stays front() (R1 in waiter_queue.hpp). erase(w) of a waiter that is in it, from any place.
template <class L, class P>
concept wait_list = std::default_initializable<L> && requires(L& l, L const& cl, waiter<P>& w) {
  { cl.empty() } -> std::same_as<bool>;
  { cl.front() } -> std::same_as<waiter<P>&>;
  l.push_back(w);
  l.erase(w);
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
