// surewake/core/semaphore/wait_list.hpp: waiters in order, under a lock of the list's owner.
#pragma once

#include <surewake/core/semaphore/waiter.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// L keeps waiters in the order in which they were pushed. front() of one that is not empty; erase(w) of a waiter that
/// is in it, from any place.
template <class L, class P>
concept wait_list = std::default_initializable<L> && requires(L& l, L const& cl, waiter<P>& w) {
  { cl.empty() } -> std::same_as<bool>;
  { cl.front() } -> std::same_as<waiter<P>&>;
  l.push_back(w);
  l.erase(w);
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
