// surewake/senders.hpp: a front door: acquires as senders of the shape that C++26 has. A semaphore comes with
// <surewake/semaphore.hpp> or another door.
#pragma once

#include <surewake/core/senders/acquire.hpp>
