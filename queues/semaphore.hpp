// surewake/semaphore.hpp: the front door: an async semaphore with its default strategy, and all that a first program
// needs.
#pragma once

#include <surewake/core/inline_executor.hpp>
#include <surewake/core/manual_executor.hpp>
#include <surewake/core/semaphore.hpp>
#include <surewake/core/start_detached.hpp>
#include <surewake/core/sync_wait.hpp>
#include <surewake/core/task.hpp>
#include <surewake/core/thread_pool.hpp>
#include <surewake/core/when_all.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>

#include <surewake/core/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The default: FIFO hand-off over intrusive_list. No allocation in any acquire.
using semaphore = basic_semaphore<intrusive_list>;
using permit = semaphore::permit;
using optional_permit = semaphore::optional_permit;

}  // namespace surewake

#include <surewake/core/macros_pop.hpp>
