// surewake/asio.hpp: a front door: acquires as asynchronous operations of Asio or Boost.Asio, and Asio's executors for
// surewake's waits. Link surewake::asio. A semaphore comes with <surewake/semaphore.hpp> or another door.
#pragma once

#include <surewake/core/asio/acquire.hpp>
#include <surewake/core/asio/executor.hpp>
