// A second file that includes the front door: every header must survive being linked twice.
#include <surewake/semaphore.hpp>

long front_door_permits() {
  surewake::semaphore limit(2);
  auto p = limit.try_acquire();
  return static_cast<long>(limit.available_permits());
}
