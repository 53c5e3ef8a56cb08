// surewake/core/coroutine/take_out.hpp: removes a work node from a list that may not hold it.
#pragma once

#include <surewake/core/node/work.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Takes `w` out of `list`, where the other nodes keep their order. Returns whether `w` was in it.
///
/// Cost     O(1) at the front, otherwise O(length), because the list is searched.
template <platform P> bool take_out(work_list<P>& list, work<P>& w) noexcept {
  if (list.front() == &w) return list.erase(w), true;
  bool found = false;
  work_list<P> kept;
  while (work<P>* const n = list.pop_front()) {
    if (n == &w) {
      found = true;
    } else {
      kept.push_back(*n);
    }
  }
  while (work<P>* const n = kept.pop_front()) list.push_back(*n);
  return found;
}

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
