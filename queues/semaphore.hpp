// surewake/queues/semaphore.hpp: moved to <surewake/semaphore.hpp>; this name will go with version 0.2.
#pragma once

#include <surewake/semaphore.hpp>
