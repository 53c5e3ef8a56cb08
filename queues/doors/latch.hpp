// surewake/latch.hpp: a front door: latches with the default strategy, and all that waits for one.
#pragma once

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/primitives/latch.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/queues/intrusive_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A count that releases all that wait once it is 0.
using latch = basic_latch<intrusive_list>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
