// surewake/semaphore.hpp: the front door: an async semaphore with its default strategy, and all that a first program
// needs.
#pragma once

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The default: FIFO hand-off over intrusive_list. No wait allocates, unless it has a time limit and goes by
/// thread_pool::shared(), which may start threads (core/coroutine/deadline_source.hpp).
using semaphore = basic_semaphore<intrusive_list>;
using permit = semaphore::permit;
using optional_permit = semaphore::optional_permit;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
