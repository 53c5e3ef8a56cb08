// surewake/coroutine.hpp: a front door: coroutines, executors and timers, without a semaphore.
#pragma once

#include <surewake/core/coroutine/async_scope.hpp>
#include <surewake/core/coroutine/inline_executor.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sleep.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/coroutine/when_all.hpp>
#include <surewake/core/coroutine/when_any.hpp>
