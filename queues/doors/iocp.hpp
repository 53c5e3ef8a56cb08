// surewake/iocp.hpp: a front door: the event loop on a completion port, and the strategy that brings grants through it.
// On Linux it is empty.
#pragma once

#include <surewake/core/iocp/loop.hpp>
#include <surewake/queues/iocp_port.hpp>
