// surewake/uring.hpp: a front door: the event loop on io_uring, and the strategy whose waiters its rings keep. Needs
// liburing.
#pragma once

#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>
#include <surewake/queues/uring_futex.hpp>
