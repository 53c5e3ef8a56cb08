// A limit that changes while it is in use: permits are added, taken away, forgotten, split between helpers, and closed.
#include <surewake/semaphore.hpp>

#include <cstdio>

int main() {
  surewake::semaphore gate(4);
  auto mine = gate.acquire_blocking(3);
  auto helpers = mine.split(2);  // two of the three go to a helper
  std::printf("mine %td, helper's %td, free %td\n", mine.count(), helpers.count(), gate.available_permits());

  gate.add_permits(2);
  std::printf("raised: %td of %td free\n", gate.available_permits(), gate.max_permits());
  std::ptrdiff_t const taken = gate.reduce_permits(10);  // takes what is free, and says how much
  helpers.forget();                                      // and these never come back
  std::printf("lowered by %td and 2: %td of %td free\n", taken, gate.available_permits(), gate.max_permits());

  mine.release();
  gate.close();
  try {
    auto const late = surewake::sync_wait(gate.acquire());
  } catch (surewake::closed_error const& e) {
    std::puts(e.what());
  }
}
