// A second file that includes the front door: every header must survive being linked twice.
#include <surewake/semaphore.hpp>

long front_door_permits() {
  surewake::semaphore gate(2);
  auto p = gate.try_acquire();
  return static_cast<long>(gate.available_permits());
}
