// surewake/shared_mutex.hpp: a front door: an async shared mutex with its default strategy, and the coroutines that
// lock it.
#pragma once

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/primitives/shared_mutex.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/queues/intrusive_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The default: FIFO hand-over over intrusive_list. No wait allocates, unless it has a time limit and goes by
/// thread_pool::shared(), which may start threads.
using shared_mutex = basic_shared_mutex<intrusive_list>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
