// surewake/barrier.hpp: a front door: barriers with the default strategy, and all that waits for one.
#pragma once

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/primitives/barrier.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/queues/intrusive_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Where threads and coroutines meet, phase after phase; `Completion` is called at the end of each.
template <class Completion = detail::no_completion>
using barrier = basic_barrier<intrusive_list, std_platform, Completion>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
